//! What of an item is promised or planned for a day to come (DOMAIN §2.3).

use super::builder::CommitmentKind;
use super::ledger::{ItemCommitment, Ledger};

/// Part of what an item owes, and the day it is agreed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Agreed {
    pub kind: CommitmentKind,
    pub day: i32,
    pub amount: i64,
}

impl Ledger {
    pub(super) fn commitments_of(&self, item: usize) -> &[ItemCommitment] {
        let start = self
            .commitments
            .partition_point(|one| (one.item as usize) < item);
        let rest = &self.commitments[start..];
        &rest[..rest.partition_point(|one| one.item as usize == item)]
    }

    /// What of `open` is agreed for a day by one of `kinds` and stands on `as_of`, promises before plans; never more than
    /// `open`. What was paid since an agreement was made counts against its days from the first on.
    pub(super) fn agreed(
        &self,
        item: usize,
        open: i64,
        as_of: i32,
        kinds: &[CommitmentKind],
    ) -> Vec<Agreed> {
        let mut left = open;
        let mut agreed = Vec::new();
        let all = self.commitments_of(item);
        for agreement in all.chunk_by(|a, b| (a.kind, a.made, a.until) == (b.kind, b.made, b.until))
        {
            let ItemCommitment {
                kind, made, until, ..
            } = agreement[0];
            if !kinds.contains(&kind) || made > as_of || until < as_of {
                continue;
            }
            let mut paid = (self.open(item, made) - self.open(item, as_of)).max(0);
            for one in agreement {
                let covered = paid.min(one.amount);
                paid -= covered;
                let amount = left.min(one.amount - covered);
                if amount > 0 {
                    left -= amount;
                    let day = one.day;
                    agreed.push(Agreed { kind, day, amount });
                }
            }
        }
        agreed
    }
}
