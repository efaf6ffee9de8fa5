//! A field payment enters the dossier: its allocations reduce the invoices, the rest stays on account.

use super::{Dossier, Event, EventKind, FieldAllocation, Invoice, ReceivedPayment};
use crate::fact::{Allocation, Authored, Flag, Payment};
use crate::{Amount, FactId, ReceiptNumber};
use chrono::NaiveDate;
use std::collections::BTreeSet;

impl Dossier {
    /// Money is conserved: what the allocations of a payment put on invoices and what stays on account add up to its
    /// amount, whatever is wrong with it.
    pub(super) fn receive(&mut self, authored: &Authored, payment: &Payment) -> Vec<Flag> {
        if self
            .payments
            .iter()
            .any(|known| known.id == authored.fact_id)
        {
            return Vec::new();
        }
        let what = EventKind::Payment {
            receipt: payment.receipt.clone(),
            currency: payment.currency,
            amount: payment.amount,
            method: payment.method.code().to_owned(),
        };
        self.log(Event::new(authored, what, payment.attachments.clone()));
        if !payment.is_valid() {
            return vec![Flag::AmountInvalid];
        }

        let mut flags = BTreeSet::new();
        let mut on_account = payment.amount;
        for allocation in &payment.allocations {
            match self.allocate(authored.fact_id, payment, allocation, on_account) {
                Ok((taken, raised)) => {
                    on_account -= taken;
                    flags.extend(raised);
                }
                // The part stays on account: the money is there, only its place is not.
                Err(flag) => flags.extend(flag),
            }
        }
        flags.extend(self.withhold(authored.fact_id, payment));
        let flags: Vec<Flag> = flags.into_iter().collect();
        self.keep_payment(ReceivedPayment {
            id: authored.fact_id,
            receipt: payment.receipt.clone(),
            date: payment.date,
            at: authored.at,
            author: authored.author.clone(),
            currency: payment.currency,
            amount: payment.amount,
            method: payment.method.clone(),
            on_account,
            exported: false,
            flags: flags.clone(),
            down_payment: payment.down_payment.clone(),
            moves: Vec::new(),
            bounced: None,
            reversed: None,
            prints: Vec::new(),
        });
        flags
    }

    /// Puts one allocation on its invoice, at most what is `left` of the payment. Returns what it took, and flags.
    ///
    /// # Errors
    /// The allocation has no effect, and the flag that says why; `None` for an allocation of nothing.
    fn allocate(
        &mut self,
        id: FactId,
        payment: &Payment,
        allocation: &Allocation,
        left: Amount,
    ) -> Result<(Amount, Vec<Flag>), Option<Flag>> {
        if allocation.amount.is_zero() {
            return Err(None);
        }
        if allocation.amount.is_negative() || !payment.currency.fits(allocation.amount) {
            return Err(Some(Flag::AmountInvalid));
        }
        let invoice = self
            .invoices
            .iter_mut()
            .find(|invoice| invoice.number == allocation.invoice)
            .ok_or(Some(Flag::UnknownInvoice))?;
        if invoice.currency != payment.currency {
            return Err(Some(Flag::CurrencyMismatch));
        }
        let taken = allocation.amount.min(left);
        let mut flags = Vec::new();
        if allocation.amount > left || taken > invoice.open() {
            flags.push(Flag::OverAllocated);
        }
        // Two devices that did not know of each other took the same debt (SYNC 28).
        if taken > invoice.open() && invoice.is_paid_elsewhere(&payment.receipt) {
            flags.push(Flag::PossibleDouble);
        }
        if taken.is_zero() {
            return Err(flags.pop());
        }
        let effective = payment.method.reduces_balance();
        // The statement came first and holds money nobody explained up to its date: it may be this money.
        if effective && invoice.unexplained.is_positive() && payment.date <= invoice.settled_on {
            invoice.possible_double = true;
            flags.push(Flag::PossibleDouble);
        }
        invoice.add_allocation(FieldAllocation {
            payment: id,
            receipt: payment.receipt.clone(),
            date: payment.date,
            amount: taken,
            effective,
            exported: false,
            booked: Amount::ZERO,
            undone: Vec::new(),
        });
        Ok((taken, flags))
    }

    /// Oldest first, so that the order facts come in leaves no trace.
    pub(super) fn keep_payment(&mut self, payment: ReceivedPayment) {
        let place = self.payments.partition_point(|kept| {
            (kept.date, kept.at, kept.id) < (payment.date, payment.at, payment.id)
        });
        self.payments.insert(place, payment);
    }
}

impl Invoice {
    /// Whether another device than the receipt's put money on this invoice that the ledger does not have yet.
    fn is_paid_elsewhere(&self, receipt: &ReceiptNumber) -> bool {
        let mut others = self.allocations.iter();
        others.any(|kept| {
            kept.effective
                && kept.unbooked().is_positive()
                && kept.receipt.device_label != receipt.device_label
        })
    }

    /// Keeps allocations oldest first; two of one payment and day become one.
    pub(super) fn add_allocation(&mut self, allocation: FieldAllocation) {
        if let Some(same) = self
            .allocations
            .iter_mut()
            .find(|kept| kept.payment == allocation.payment && kept.date == allocation.date)
        {
            same.amount += allocation.amount;
            return;
        }
        let place = self
            .allocations
            .partition_point(|kept| kept.age() < allocation.age());
        self.allocations.insert(place, allocation);
    }

    /// What `payment` put on this invoice and is still there.
    pub(super) fn put_by(&self, payment: FactId) -> Amount {
        let links = self.allocations.iter();
        let links = links.filter(|link| link.payment == payment);
        links.map(|link| link.amount).sum()
    }
}

impl FieldAllocation {
    /// What of it the ledger's *Réglé* does not contain yet.
    pub fn unbooked(&self) -> Amount {
        self.amount - self.booked
    }

    /// What was undone of an exported allocation, and the ledger may book all the same.
    pub(crate) fn may_be_booked_yet(&self) -> Amount {
        if !self.exported {
            return Amount::ZERO;
        }
        let undone: Amount = self.undone.iter().map(|undone| undone.amount).sum();
        undone - (self.booked - self.amount).max(Amount::ZERO)
    }

    /// Sorts allocations oldest first.
    pub(crate) fn age(&self) -> (NaiveDate, &ReceiptNumber, FactId) {
        (self.date, &self.receipt, self.payment)
    }
}
