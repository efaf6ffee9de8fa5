//! A payment counts as never taken (SYNC 6, DOMAIN §5).

use super::{Dossier, Event, EventKind, FieldAllocation, Invoice, Reversal};
use crate::fact::{Authored, Flag, PaymentReversed};
use crate::order;
use crate::{Amount, FactId};

impl Dossier {
    /// Takes the payment off its invoices and off the account. What accounting holds of it already stays *booked*, and
    /// goes on counting against *Réglé* until a statement takes it back (DOMAIN §2.6).
    ///
    /// An allocation that moved to another client's dossier with its invoice is not found here: the fact is flagged
    /// [`Flag::UnknownInvoice`] for the accountant.
    pub(super) fn reverse(&mut self, authored: &Authored, reversed: &PaymentReversed) -> Vec<Flag> {
        let what = EventKind::PaymentReversed {
            receipt: reversed.receipt.clone(),
            reverses: reversed.reverses.clone(),
            currency: reversed.currency,
            amount: reversed.amount,
            reason: reversed.reason.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let id = reversed.payment;
        let Some(payment) = self.payments.iter_mut().find(|kept| kept.id == id) else {
            return vec![Flag::UnknownReference];
        };
        match &payment.reversed {
            Some(by) if by.fact == authored.fact_id => return Vec::new(),
            Some(_) => return vec![Flag::AlreadyReversed],
            None if payment.bounced.is_some() => return vec![Flag::AlreadyReversed],
            None => {}
        }
        payment.reversed = Some(Reversal {
            fact: authored.fact_id,
            receipt: reversed.receipt.clone(),
            date: reversed.date,
            author: authored.author.clone(),
            reason: reversed.reason.clone(),
            after_export: payment.exported,
        });
        let mut flags = Vec::new();
        if (payment.currency, payment.amount) != (reversed.currency, reversed.amount) {
            flags.push(Flag::AmountInvalid);
        }
        let mut found = std::mem::replace(&mut payment.on_account, Amount::ZERO);
        payment.moves.clear();
        let amount = payment.amount;
        for invoice in &mut self.invoices {
            found += invoice.give_back(id);
            invoice.drop_unattested(id);
        }
        if found != amount {
            flags.push(Flag::UnknownInvoice);
        }
        order::sort_by(&mut flags, Ord::cmp);
        flags
    }
}

impl Invoice {
    /// Takes off what `payment` put on this invoice, and returns it.
    fn give_back(&mut self, payment: FactId) -> Amount {
        let mut given = Amount::ZERO;
        for allocation in &mut self.allocations {
            if allocation.payment == payment {
                given += std::mem::replace(&mut allocation.amount, Amount::ZERO);
                allocation.undone.clear();
            }
        }
        self.forget_empty_allocations();
        let may_be_double = self
            .allocations
            .iter()
            .any(|kept| kept.effective && kept.unbooked().is_positive());
        self.possible_double &= may_be_double;
        given
    }

    /// An allocation that was reversed is gone once the ledger has taken it back too; one that was undone stays, for the
    /// figures of the days it counted.
    pub(crate) fn forget_empty_allocations(&mut self) {
        let is_empty = |kept: &FieldAllocation| {
            kept.amount.is_zero() && kept.booked.is_zero() && kept.undone.is_empty()
        };
        self.allocations.retain(|kept| !is_empty(kept));
    }
}
