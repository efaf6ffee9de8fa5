//! What an invoice and a client still owe (DOMAIN §2.6, §2.1).

use super::{Dossier, Invoice, ReceivedPayment};
use crate::ageing::Bounds;
use crate::allocation::OpenItem;
use crate::{Amount, Currency};
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
    /// What it still owes as far as the office and the field know: gross − *Réglé* − Σ effective (amount − booked)
    /// (DOMAIN §2.6). Negative on a credit note not used up, and on an invoice paid too much.
    pub fn open(&self) -> Amount {
        let in_the_field: Amount = self
            .allocations
            .iter()
            .filter(|a| a.effective)
            .map(|a| a.unbooked())
            .sum();
        self.gross - self.settled - in_the_field
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
        let mut open = self.gross - self.settled;
        for allocation in &self.allocations {
            if allocation.date > as_of {
                open += allocation.booked;
            } else if allocation.effective {
                open -= allocation.unbooked();
            }
        }
        open
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
            let (open, days) = (invoice.open_as_of(as_of), invoice.days_overdue(as_of));
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
        for payment in self.payments.iter().filter(|payment| payment.date <= as_of) {
            let balance = balances
                .entry(payment.currency)
                .or_insert_with(|| Balance::zero(&bounds));
            balance.on_account += payment.effective_on_account();
            balance.credits += payment.effective_on_account();
        }
        for balance in balances.values_mut() {
            balance.net = balance.open - balance.on_account;
        }
        balances
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
            })
            .filter(|item| item.open.is_positive())
            .collect()
    }
}
