//! *Réglé* of one invoice moves: which of the field's allocations it contains now (DOMAIN §2.6).

use crate::dossier::{FieldAllocation, Invoice};
use crate::{Amount, ReceiptNumber};

impl Invoice {
    /// Takes *Réglé* from a statement. `receipts` are the field's receipts the row says it contains, all of them since
    /// the first; empty when the file does not tell. Returns whether the invoice was flagged `possible_double` by this.
    pub(super) fn settle(&mut self, settled: Amount, receipts: &[ReceiptNumber]) -> bool {
        let change = settled - self.settled;
        self.settled = settled;
        // A credit note is used up by offsetting: no payment takes part in that.
        if self.gross.is_negative() {
            self.book_reductions(change);
            return false;
        }
        if change.is_negative() {
            self.take_back(-change);
        }
        change.is_positive() && self.explain(change, receipts)
    }

    /// Books what an increase covers, the rest is unexplained. If then an allocation that counts is still not booked,
    /// it may be the unexplained money: both stand, and the invoice is flagged.
    fn explain(&mut self, increase: Amount, receipts: &[ReceiptNumber]) -> bool {
        let mut left = increase;
        // Money received before money announced; within each, the allocations stand oldest first.
        for effective in [true, false] {
            for allocation in self
                .allocations
                .iter_mut()
                .filter(|a| a.effective == effective)
            {
                if allocation.is_known_to_ledger(receipts) && allocation.unbooked().is_positive() {
                    let booked = allocation.unbooked().min(left);
                    allocation.booked += booked;
                    left -= booked;
                }
            }
        }
        let left = self.book_reductions(left);
        self.unexplained += left;
        let flagged = left.is_positive()
            && self
                .allocations
                .iter()
                .any(|a| a.effective && (a.unbooked() + a.may_be_booked_yet()).is_positive());
        self.possible_double |= flagged;
        flagged
    }

    /// Accounting books what was waived, withheld and offset too: what of `change` that explains is booked there. A change
    /// the other way takes back what was booked. Returns what is left of it.
    fn book_reductions(&mut self, change: Amount) -> Amount {
        let mut left = change;
        for reduction in &mut self.reductions {
            let forth = reduction.amount - reduction.booked;
            for room in [forth, -reduction.booked] {
                if room.is_negative() == left.is_negative() {
                    let booked = match left.is_negative() {
                        true => room.max(left),
                        false => room.min(left),
                    };
                    reduction.booked += booked;
                    left -= booked;
                }
            }
        }
        left
    }

    /// A decrease takes back what was reversed or undone and what the office received first, then what accounting had of
    /// reductions, then un-books the newest allocations.
    fn take_back(&mut self, decrease: Amount) {
        let mut left = decrease;
        for allocation in &mut self.allocations {
            let gone = (allocation.booked - allocation.amount).max(Amount::ZERO);
            let taken = gone.min(left);
            allocation.booked -= taken;
            left -= taken;
        }
        take(&mut left, &mut self.unexplained);
        take(&mut left, &mut self.received_by_office);
        left = -self.book_reductions(-left);
        for effective in [false, true] {
            for allocation in self
                .allocations
                .iter_mut()
                .rev()
                .filter(|a| a.effective == effective)
            {
                take(&mut left, &mut allocation.booked);
            }
        }
        if self.unexplained.is_zero() {
            self.possible_double = false;
        }
        self.forget_empty_allocations();
    }
}

/// As much of `left` as `from` has.
fn take(left: &mut Amount, from: &mut Amount) {
    let taken = (*from).min(*left);
    *from -= taken;
    *left -= taken;
}

impl FieldAllocation {
    /// A row that carries receipt numbers says itself which payments it contains, exported or not. One that carries
    /// none can only contain what was exported.
    fn is_known_to_ledger(&self, receipts: &[ReceiptNumber]) -> bool {
        if receipts.is_empty() {
            self.exported
        } else {
            receipts.contains(&self.receipt)
        }
    }
}
