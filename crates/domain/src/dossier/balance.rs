//! What an invoice and a client still owe (DOMAIN §2.6, §2.1).

use super::{Dossier, Invoice, ReceivedPayment, Reduction};
use crate::ageing::Bounds;
use crate::allocation::OpenItem;
use crate::pack::MethodKind;
use crate::terms::Instalment;
use crate::{Amount, Currency, InvoiceNumber};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What a client owes in one currency on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Sum of the invoices' open amounts, credit notes included as negative amounts.
    pub open: Amount,
    /// Received and not set against any invoice.
    pub on_account: Amount,
    /// `open − on_account`.
    pub net: Amount,
    /// Positive open amounts past their due date.
    pub overdue: Amount,
    /// Negative open amounts and what is on account, as a positive number.
    pub credits: Amount,
    /// Positive open amounts by the default [`Bounds`]: not due, 1–30, 31–60, 61–90, beyond.
    pub ageing: Vec<Amount>,
}

impl Balance {
    fn zero(bounds: &Bounds) -> Self {
        Self {
            open: Amount::ZERO,
            on_account: Amount::ZERO,
            net: Amount::ZERO,
            overdue: Amount::ZERO,
            credits: Amount::ZERO,
            ageing: vec![Amount::ZERO; bounds.len()],
        }
    }
}

impl Invoice {
    /// What it still owes as far as the office and the field know: gross − *Réglé* − Σ effective (amount − booked), of
    /// allocations and of reductions (DOMAIN §2.6). Negative on a credit note not used up, and on an invoice paid too much.
    pub fn open(&self) -> Amount {
        let in_the_field: Amount = self
            .allocations
            .iter()
            .filter(|a| a.effective)
            .map(|a| a.unbooked())
            .sum();
        let reduced: Amount = self.reductions.iter().map(Reduction::unbooked).sum();
        self.gross - self.settled - in_the_field - reduced
    }

    /// What it owed at the end of `as_of`: only allocations dated until then count, and zero before its own date.
    ///
    /// *Réglé* is known only as of its statement. What it contains of allocations dated after `as_of` is taken out
    /// again; payments the office received itself after `as_of` cannot be, so that a report for a day before
    /// [`Invoice::settled_on`] has to say that it rests on a later statement (DOMAIN §2.6).
    pub fn open_as_of(&self, as_of: NaiveDate) -> Amount {
        if self.invoice_date > as_of {
            return Amount::ZERO;
        }
        let settled = self.movements();
        let counts = settled.filter(|(date, _)| date.is_none_or(|date| date <= as_of));
        self.gross - counts.map(|(_, amount)| amount).sum()
    }

    /// What settled it, and since when each part counts; negative where a part was taken back. Without a date: what
    /// *Réglé* holds of nothing the field or the office recorded, known as of its statement only.
    pub fn movements(&self) -> impl Iterator<Item = (Option<NaiveDate>, Amount)> {
        let links = self.allocations.iter();
        let booked: Amount = links.map(|link| link.booked).sum();
        let reduced: Amount = self.reductions.iter().map(|kept| kept.booked).sum();
        let allocated = self.allocations.iter().flat_map(|link| {
            let undone: Amount = link.undone.iter().map(|undone| undone.amount).sum();
            let (amount, taken_back) = match link.effective {
                true => (link.amount + undone, link.undone.as_slice()),
                // Announced only: what the ledger has of it counts.
                false => (link.booked, &[][..]),
            };
            let taken_back = taken_back.iter();
            let taken_back = taken_back.map(|undone| (Some(undone.date), -undone.amount));
            std::iter::once((Some(link.date), amount)).chain(taken_back)
        });
        let reductions = self.reductions.iter().map(|kept| match kept.counts_from() {
            Some(from) => (Some(from), kept.amount),
            None => (Some(kept.date), kept.booked),
        });
        let undated = (None, self.settled - booked - reduced);
        std::iter::once(undated)
            .chain(allocated)
            .chain(reductions)
            .filter(|(_, amount)| !amount.is_zero())
    }

    /// Its instalments, or all of it on its due date. They add up to its gross.
    pub fn due_parts(&self) -> Vec<Instalment> {
        self.latest_due(self.gross)
    }

    /// What it owed at the end of `as_of` by due date, one line an instalment that is not settled (DOMAIN §2.1); what was
    /// settled is taken off the earliest. One line, maybe of zero or less, when it has no instalments.
    pub fn open_lines(&self, as_of: NaiveDate) -> Vec<Instalment> {
        self.latest_due(self.open_as_of(as_of))
    }

    /// `amount` as the last that falls due: from the last instalment to the first, each takes of it at most its own, and
    /// the first the rest.
    fn latest_due(&self, amount: Amount) -> Vec<Instalment> {
        if self.instalments.is_empty() || !amount.is_positive() {
            let due_date = self.due_date;
            return vec![Instalment { due_date, amount }];
        }
        let mut left = amount;
        let mut lines = Vec::new();
        for (place, instalment) in self.instalments.iter().enumerate().rev() {
            let amount = match place {
                0 => left,
                _ => left.min(instalment.amount),
            };
            left -= amount;
            if amount.is_positive() {
                let due_date = instalment.due_date;
                lines.push(Instalment { due_date, amount });
            }
        }
        lines.reverse();
        lines
    }

    /// Calendar days since the due date; zero or negative when not due (DOMAIN §2.1).
    pub fn days_overdue(&self, as_of: NaiveDate) -> i64 {
        as_of.signed_duration_since(self.due_date).num_days()
    }
}

impl ReceivedPayment {
    /// What this payment leaves on account and already counts: nothing for an announced transfer (DOMAIN §2.6).
    pub fn effective_on_account(&self) -> Amount {
        if self.method.reduces_balance() {
            self.on_account
        } else {
            Amount::ZERO
        }
    }

    /// The same at the end of `as_of`: nothing before the payment, and what came or left since is taken out again.
    pub fn on_account_as_of(&self, as_of: NaiveDate) -> Amount {
        if self.date > as_of || !self.method.reduces_balance() {
            return Amount::ZERO;
        }
        let later = self.moves.iter().filter(|kept| kept.date > as_of);
        self.on_account - later.map(|kept| kept.amount).sum()
    }
}

impl Dossier {
    /// One balance a currency at the end of `as_of`, never added across currencies. A currency in which nothing was
    /// ever invoiced or received is absent.
    pub fn balances(&self, as_of: NaiveDate) -> BTreeMap<Currency, Balance> {
        let bounds = Bounds::default();
        let mut balances = BTreeMap::new();
        for invoice in &self.invoices {
            let balance = balances
                .entry(invoice.currency)
                .or_insert_with(|| Balance::zero(&bounds));
            for line in invoice.open_lines(as_of) {
                let (open, days) = (line.amount, line.days_overdue(as_of));
                balance.open += open;
                if open.is_negative() {
                    balance.credits -= open;
                } else {
                    balance.ageing[bounds.bucket(days)] += open;
                    if days > 0 {
                        balance.overdue += open;
                    }
                }
            }
        }
        for payment in self.payments.iter().filter(|payment| payment.date <= as_of) {
            let balance = balances
                .entry(payment.currency)
                .or_insert_with(|| Balance::zero(&bounds));
            balance.on_account += payment.on_account_as_of(as_of);
            balance.credits += payment.on_account_as_of(as_of);
        }
        for balance in balances.values_mut() {
            balance.net = balance.open - balance.on_account;
        }
        balances
    }

    /// What was paid on one invoice by one method and still stands, for ceilings on a debt (DOMAIN §5).
    pub fn paid_on(&self, invoice: &InvoiceNumber, method: MethodKind) -> Amount {
        let invoice = self.invoices.iter().find(|known| known.number == *invoice);
        let links = invoice.into_iter().flat_map(|invoice| &invoice.allocations);
        let by_method = links.filter(|link| {
            let mut payments = self.payments.iter();
            payments.any(|kept| kept.id == link.payment && MethodKind::from(&kept.method) == method)
        });
        by_method.map(|link| link.amount).sum()
    }

    /// What a payment in `currency` can be set against: invoices that still owe something, in the dossier's order.
    pub fn open_items(&self, currency: Currency) -> Vec<OpenItem> {
        self.invoices
            .iter()
            .filter(|invoice| invoice.currency == currency)
            .map(|invoice| OpenItem {
                invoice: invoice.number.clone(),
                due_date: invoice.due_date,
                open: invoice.open(),
                charges: invoice.charges,
            })
            .filter(|item| item.open.is_positive())
            .collect()
    }
}
