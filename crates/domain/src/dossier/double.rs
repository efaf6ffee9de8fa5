//! The accountant decides on an invoice flagged `possible_double` (DOMAIN §2.6).

use super::{Dossier, Event, EventKind, Invoice};
use crate::Amount;
use crate::fact::{Authored, DoubleDecision, DoubleResolved, Flag};
use crate::order;

impl Dossier {
    pub(super) fn resolve_double(
        &mut self,
        authored: &Authored,
        resolved: &DoubleResolved,
    ) -> Vec<Flag> {
        let what = EventKind::DoubleResolved {
            invoice: resolved.invoice.clone(),
            decision: resolved.decision,
        };
        self.log(Event::new(authored, what, Vec::new()));
        let Some(invoice) = self.invoice_mut(&resolved.invoice) else {
            return vec![Flag::UnknownInvoice];
        };
        if !invoice.decisions.contains(&authored.fact_id) {
            invoice.decisions.push(authored.fact_id);
            invoice.decide(resolved.decision);
        }
        Vec::new()
    }
}

impl Invoice {
    /// Without a flag there is nothing to decide: the ledger took the money back meanwhile, or somebody decided before.
    fn decide(&mut self, decision: DoubleDecision) {
        if !self.possible_double {
            return;
        }
        self.possible_double = false;
        match decision {
            DoubleDecision::SameMoney => self.book_unexplained(),
            DoubleDecision::TwoPayments => {
                self.received_by_office += std::mem::replace(&mut self.unexplained, Amount::ZERO);
            }
        }
    }

    /// The ledger's unexplained money is the field's: what was not exported is booked first, oldest first; what was
    /// exported since the statement comes after it.
    fn book_unexplained(&mut self) {
        let mut open: Vec<_> = self
            .allocations
            .iter_mut()
            .filter(|allocation| allocation.effective && allocation.unbooked().is_positive())
            .collect();
        order::sort_by_key(&mut open, |allocation| allocation.exported);
        for allocation in open {
            let booked = allocation.unbooked().min(self.unexplained);
            allocation.booked += booked;
            self.unexplained -= booked;
        }
        // Then what the field undone and the ledger did not.
        for allocation in &mut self.allocations {
            let booked = allocation.may_be_booked_yet().min(self.unexplained);
            allocation.booked += booked;
            self.unexplained -= booked;
        }
    }
}
