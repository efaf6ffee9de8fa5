//! Receipts of one device and epoch have no gaps (SYNC 32).

use super::FactLine;
use serde::Serialize;
use tournee_domain::ReceiptNumber;
use tournee_domain::fact::Flag;

/// Numbers that no payment up to a line bears.
///
/// The chain shows that no fact is missing, so the device itself left them out, or gave them to payments that were set
/// aside. The office flags the next receipt when it comes: then the gap is explained, for somebody was told. What nobody
/// was told is a fault of the journal.
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
}

impl Series {
    /// The payment of this line counts; numbers between its own and the last are a gap.
    pub fn count(
        &mut self,
        line: u64,
        fact: &FactLine,
        receipt: &ReceiptNumber,
    ) -> Option<ReceiptGap> {
        let expected = self.last + 1;
        self.last = self.last.max(receipt.n);
        (receipt.n > expected).then(|| ReceiptGap {
            line,
            device: receipt.device_label.clone(),
            epoch: receipt.epoch,
            first: expected,
            last: receipt.n - 1,
            explained: fact.flags.contains(&Flag::ReceiptNumberUnexpected),
        })
    }
}
