//! Credit that a client already has is put on invoices, or taken off them again.

use super::{Dossier, Event, EventKind, FieldAllocation, Invoice, Reduction, ReductionKind};
use crate::allocation::OpenCredit;
use crate::fact::{Allocation, Authored, CreditSource, Flag, Reallocated};
use crate::order;
use crate::{Amount, Currency, FactId, InvoiceNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was taken off an allocation after the payment: until then, it counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    pub fact: FactId,
    pub date: NaiveDate,
    pub amount: Amount,
}

/// What a payment has on account changed after it was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountMove {
    pub fact: FactId,
    pub date: NaiveDate,
    /// Positive: back on account. Zero when money only changed its invoice.
    pub amount: Amount,
}

impl Dossier {
    /// Credit that can be used in `currency`, the oldest first: what payments left on account, and credit notes.
    pub fn open_credits(&self, currency: Currency) -> Vec<OpenCredit> {
        let payments = self
            .payments
            .iter()
            .filter(|kept| kept.currency == currency);
        let on_account = payments.map(|payment| OpenCredit {
            source: CreditSource::Payment {
                payment: payment.id,
            },
            date: payment.date,
            open: payment.effective_on_account(),
        });
        let invoices = self.invoices.iter();
        let notes = invoices.filter(|kept| kept.currency == currency && kept.gross.is_negative());
        let notes = notes.map(|note| OpenCredit {
            source: CreditSource::CreditNote {
                number: note.number.clone(),
            },
            date: note.invoice_date,
            open: -note.open(),
        });
        let mut credits: Vec<_> = on_account
            .chain(notes)
            .filter(|credit| credit.open.is_positive())
            .collect();
        order::sort_by(&mut credits, |a, b| {
            (a.date, &a.source).cmp(&(b.date, &b.source))
        });
        credits
    }

    /// Never puts more on an invoice than it owes, nor takes more from the source than it has: the rest stays where it is,
    /// and the fact is flagged.
    pub(super) fn reallocate(&mut self, authored: &Authored, moved: &Reallocated) -> Vec<Flag> {
        let what = EventKind::Reallocated {
            source: moved.source.clone(),
            released: moved.released.clone(),
            allocated: moved.allocated.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let flags = match &moved.source {
            CreditSource::Payment { payment } => {
                self.reallocate_payment(authored.fact_id, *payment, moved)
            }
            CreditSource::CreditNote { number } => self.offset(authored.fact_id, number, moved),
        };
        flags.into_iter().collect()
    }

    fn reallocate_payment(
        &mut self,
        fact: FactId,
        id: FactId,
        moved: &Reallocated,
    ) -> BTreeSet<Flag> {
        let Some(payment) = self.payments.iter().find(|kept| kept.id == id) else {
            return [Flag::UnknownReference].into();
        };
        if payment.moves.iter().any(|known| known.fact == fact) {
            return BTreeSet::new();
        }
        if payment.reversed.is_some() || payment.bounced.is_some() {
            return [Flag::AlreadyReversed].into();
        }
        let date = moved.date.max(payment.date);
        let (currency, before) = (payment.currency, payment.on_account);
        let template = FieldAllocation {
            payment: id,
            receipt: payment.receipt.clone(),
            date,
            amount: Amount::ZERO,
            effective: payment.method.reduces_balance(),
            exported: payment.exported,
            booked: Amount::ZERO,
            undone: Vec::new(),
        };
        let mut flags = BTreeSet::new();
        let mut on_account = before;
        for release in &moved.released {
            let invoice = self.invoice_to_move(release, currency);
            let found = invoice.map(|invoice| {
                let undone = invoice.undo(id, fact, date, release.amount);
                on_account += undone;
                undone
            });
            match found {
                Ok(undone) if undone < release.amount => flags.insert(Flag::OverAllocated),
                Ok(_) => false,
                Err(flag) => flags.insert(flag),
            };
        }
        for allocation in &moved.allocated {
            match self.invoice_to_move(allocation, currency) {
                Ok(invoice) => {
                    let owed = invoice.open().max(Amount::ZERO);
                    let amount = allocation.amount.min(on_account).min(owed);
                    if amount < allocation.amount {
                        flags.insert(Flag::OverAllocated);
                    }
                    if amount.is_positive() {
                        on_account -= amount;
                        invoice.add_allocation(FieldAllocation {
                            amount,
                            ..template.clone()
                        });
                    }
                }
                Err(flag) => drop(flags.insert(flag)),
            }
        }
        if let Some(payment) = self.payments.iter_mut().find(|kept| kept.id == id) {
            payment.on_account = on_account;
            payment.moves.push(AccountMove {
                fact,
                date,
                amount: on_account - before,
            });
        }
        flags
    }

    /// Sets the credit note against invoices, or takes that back. Each invoice and the note keep the other's number.
    fn offset(
        &mut self,
        fact: FactId,
        number: &InvoiceNumber,
        moved: &Reallocated,
    ) -> BTreeSet<Flag> {
        let Some(note) = self.invoice_mut(number) else {
            return [Flag::UnknownReference].into();
        };
        if !note.gross.is_negative() {
            return [Flag::AmountInvalid].into();
        }
        if note.reductions.iter().any(|kept| kept.fact == fact) {
            return BTreeSet::new();
        }
        let (currency, date) = (note.currency, moved.date.max(note.invoice_date));
        let mut flags = BTreeSet::new();
        let lines = moved.released.iter().map(|line| (line, true));
        for (line, back) in lines.chain(moved.allocated.iter().map(|line| (line, false))) {
            let credit = self
                .invoice_mut(number)
                .map_or(Amount::ZERO, |note| -note.open());
            let invoice = match self.invoice_to_move(line, currency) {
                Ok(invoice) => invoice,
                Err(flag) => {
                    flags.insert(flag);
                    continue;
                }
            };
            let most = match back {
                true => invoice.offset_with(number),
                false => invoice.open().min(credit),
            };
            let amount = line.amount.min(most.max(Amount::ZERO));
            if amount < line.amount {
                flags.insert(Flag::OverAllocated);
            }
            if amount.is_zero() {
                continue;
            }
            let amount = if back { -amount } else { amount };
            let link = |with: &InvoiceNumber, amount| Reduction {
                fact,
                date,
                what: ReductionKind::Offset { with: with.clone() },
                amount,
                booked: Amount::ZERO,
            };
            invoice.reductions.push(link(number, amount));
            let other = link(&line.invoice, -amount);
            // At once: the next line sees what is left.
            if let Some(note) = self.invoice_mut(number) {
                note.reductions.push(other);
            }
        }
        flags
    }

    /// # Errors
    /// The flag that says why nothing can be moved to or from it.
    fn invoice_to_move(
        &mut self,
        line: &Allocation,
        currency: Currency,
    ) -> Result<&mut Invoice, Flag> {
        if !line.amount.is_positive() || !currency.fits(line.amount) {
            return Err(Flag::AmountInvalid);
        }
        let invoice = self.invoice_mut(&line.invoice);
        let invoice = invoice.ok_or(Flag::UnknownInvoice)?;
        match invoice.currency == currency && !invoice.gross.is_negative() {
            true => Ok(invoice),
            false => Err(Flag::CurrencyMismatch),
        }
    }
}

impl Invoice {
    /// What credit note `number` still takes off this invoice.
    fn offset_with(&self, number: &InvoiceNumber) -> Amount {
        let offsets = self
            .reductions
            .iter()
            .filter(|kept| matches!(&kept.what, ReductionKind::Offset { with } if with == number));
        offsets.map(|offset| offset.amount).sum()
    }

    /// Takes up to `amount` of what `payment` put on this invoice off again, the newest first, and returns what it took.
    /// A link of the same day goes without a trace: no figure of any day has seen it.
    pub(super) fn undo(
        &mut self,
        payment: FactId,
        fact: FactId,
        date: NaiveDate,
        amount: Amount,
    ) -> Amount {
        let mut left = amount;
        let links = self.allocations.iter_mut().rev();
        for link in links.filter(|link| link.payment == payment) {
            let taken = link.amount.min(left);
            left -= taken;
            link.amount -= taken;
            if taken.is_positive() && date > link.date {
                link.undone.push(Undone {
                    fact,
                    date,
                    amount: taken,
                });
            }
        }
        self.forget_empty_allocations();
        amount - left
    }
}
