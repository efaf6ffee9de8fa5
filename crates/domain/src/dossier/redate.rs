//! A payment was taken on another day than the device's clock said (SYNC 8).

use super::{Dossier, Event, EventKind, FieldAllocation};
use crate::fact::{Authored, Flag, PaymentRedated};
use crate::order;

impl Dossier {
    /// Moves the payment and what it put on invoices to its day: figures of any day follow. What it settled stays as it is.
    ///
    /// An allocation that moved to another client's dossier with its invoice keeps its date.
    pub(super) fn redate(&mut self, authored: &Authored, redated: &PaymentRedated) -> Vec<Flag> {
        let id = redated.payment;
        let place = self.payments.iter().position(|kept| kept.id == id);
        let found = place.map(|place| self.payments.remove(place));
        let what = EventKind::PaymentRedated {
            receipt: redated.receipt.clone(),
            from: redated.from,
            to: redated.to,
            reason: redated.reason.clone(),
            after_export: found.as_ref().is_some_and(|payment| payment.exported),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let Some(mut payment) = found else {
            return vec![Flag::UnknownReference];
        };
        let is_stale = ![redated.from, redated.to].contains(&payment.date);
        let former = std::mem::replace(&mut payment.date, redated.to);
        self.keep_payment(payment);
        for invoice in &mut self.invoices {
            let moved = invoice.allocations.iter_mut();
            // What a reallocation put there later keeps its own day.
            for allocation in moved.filter(|kept| kept.payment == id && kept.date == former) {
                allocation.date = redated.to;
            }
            let age = |one: &FieldAllocation, other: &FieldAllocation| one.age().cmp(&other.age());
            order::sort_by(&mut invoice.allocations, age);
        }
        match is_stale {
            true => vec![Flag::StaleBase],
            false => Vec::new(),
        }
    }
}
