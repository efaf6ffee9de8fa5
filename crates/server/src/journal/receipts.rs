//! Receipts of one device and epoch have no gaps (SYNC 32).

use super::FactLine;
use serde::Serialize;
use std::collections::BTreeSet;
use tournee_domain::ReceiptNumber;
use tournee_domain::fact::Flag;

/// Numbers that no payment of the journal bears.
///
/// The chain shows that no fact is missing, so its device left them out. That is explained when the numbers stand on
/// payments that were set aside, or when the office flagged the next receipt as it came: then somebody was told. What
/// nobody was told is a fault of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptGap {
    pub line: u64,
    pub device: String,
    pub epoch: u32,
    pub first: u32,
    pub last: u32,
    pub explained: bool,
}

/// The series of one device and epoch so far.
#[derive(Debug, Default)]
pub struct Series {
    last: u32,
    /// Numbers on payments that were set aside.
    aside: BTreeSet<u32>,
}

impl Series {
    /// A payment that was set aside bears this number.
    pub fn set_aside(&mut self, receipt: &ReceiptNumber) {
        self.aside.insert(receipt.n);
    }

    /// The payment of this line counts; numbers between its own and the last are a gap.
    pub fn count(
        &mut self,
        line: u64,
        fact: &FactLine,
        receipt: &ReceiptNumber,
    ) -> Option<ReceiptGap> {
        let expected = self.last + 1;
        self.last = self.last.max(receipt.n);
        if receipt.n <= expected {
            return None;
        }
        let (first, last) = (expected, receipt.n - 1);
        let on_aside = self.aside.range(first..=last).count() as u64;
        let all_aside = on_aside == u64::from(last - first) + 1;
        Some(ReceiptGap {
            line,
            device: receipt.device_label.clone(),
            epoch: receipt.epoch,
            first,
            last,
            explained: all_aside || fact.flags.contains(&Flag::ReceiptNumberUnexpected),
        })
    }
}
