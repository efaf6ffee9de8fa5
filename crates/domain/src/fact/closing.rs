//! The end of a day on one device, as it says so itself (SYNC 32, PRODUCT N3).

use super::FactBody;
use crate::{Amount, Currency, FactId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one device took since its last closing, and since its chain began. It says where the chain stands, so that the
/// office and whoever verifies the journal can compute every figure again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayClosed {
    /// Business date in the organisation's time zone.
    pub date: NaiveDate,
    /// The first fact covered: the one after those that the closing before covers.
    pub first_seq: u64,
    /// The last fact covered: the one before the closing itself.
    pub last_seq: u64,
    /// Hash of the fact at `last_seq`, in hexadecimal.
    pub head_hash: String,
    /// Numbers of the first and last receipt covered; `None` when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<(u32, u32)>,
    /// By currency; a currency that the chain never took is absent.
    pub totals: BTreeMap<Currency, ClosingTotal>,
}

/// Of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingTotal {
    pub payments: u32,
    pub reversals: u32,
    /// Payments less reversals of the facts covered.
    pub amount: Amount,
    /// The same since the chain began; it never starts again.
    pub perpetual: Amount,
}

/// The running figures of one device's chain in one epoch, from which a closing is written and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The last fact that a closing covers; 0 before the first.
    #[serde(default)]
    closed_through: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipts: Option<(u32, u32)>,
    #[serde(default)]
    totals: BTreeMap<Currency, ClosingTotal>,
    /// Payments that this chain reversed: a second reversal of the same counts for nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    reversed: BTreeSet<FactId>,
}

impl Tally {
    /// Counts the next fact of the chain. What is no money, or was reversed before, bears a receipt and counts for nothing.
    pub fn count(&mut self, body: &FactBody) {
        if let Some(receipt) = body.receipt() {
            let first = self.receipts.map_or(receipt.n, |(first, _)| first);
            self.receipts = Some((first, receipt.n));
        }
        match body {
            FactBody::Payment(payment) if payment.is_valid() => {
                let total = self.totals.entry(payment.currency).or_default();
                total.payments += 1;
                total.amount += payment.amount;
                total.perpetual += payment.amount;
            }
            FactBody::PaymentReversed(reversed)
                if reversed.is_valid() && self.reversed.insert(reversed.payment) =>
            {
                let total = self.totals.entry(reversed.currency).or_default();
                total.reversals += 1;
                total.amount -= reversed.amount;
                total.perpetual -= reversed.amount;
            }
            FactBody::DayClosed(closed) => {
                self.closed_through = closed.last_seq;
                self.receipts = None;
                for total in self.totals.values_mut() {
                    *total = ClosingTotal {
                        perpetual: total.perpetual,
                        ..ClosingTotal::default()
                    };
                }
            }
            _ => {}
        }
    }

    /// The closing that follows the chain's head, at `last_seq` with the hash `head_hash`.
    pub fn closing(&self, date: NaiveDate, last_seq: u64, head_hash: String) -> DayClosed {
        DayClosed {
            date,
            first_seq: self.closed_through + 1,
            last_seq,
            head_hash,
            receipts: self.receipts,
            totals: self.totals.clone(),
        }
    }
}
