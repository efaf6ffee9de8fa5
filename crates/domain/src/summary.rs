//! What lists, filters and search need of a client, packed small: a device keeps one for every client in memory.
//!
//! Serialised with short names; a summary can always be computed again from its dossier.

use crate::ageing::Bounds;
use crate::dossier::{DischargeState, Dossier, EventKind, Invoice, InvoiceKind, SlipState};
use crate::id::PortfolioCode;
use crate::order;
use crate::{Amount, ClientCode, Currency, InvoiceNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Raised when a dossier or a summary is serialised in another form, or a summary is computed in another way: an office makes
/// summaries only for devices of its own form.
pub const SUMMARY_FORM: u32 = 1;

/// One client, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(rename = "c")]
    pub code: ClientCode,
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "v", default, skip_serializing_if = "String::is_empty")]
    pub city: String,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<PortfolioCode>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Amount>,
    /// Invoices and credit notes with something open, in the order of their due dates.
    #[serde(rename = "i", default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<SummaryItem>,
    /// Activities in which something is open.
    #[serde(rename = "b", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub activities: BTreeSet<String>,
    /// Received and not set against any invoice, where it is not zero.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub on_account: BTreeMap<Currency, Amount>,
    /// Cheques that may still come back ([`Dossier::uncleared_cheques`]).
    #[serde(rename = "u", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uncleared: BTreeMap<Currency, Amount>,
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub possible_double: bool,
    /// Somebody proposed a correction of the client file that waits for the office's word.
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    pub edit_proposed: bool,
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub last_visit: Option<NaiveDate>,
}

/// One open invoice or credit note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryItem {
    #[serde(rename = "n")]
    pub number: InvoiceNumber,
    #[serde(rename = "f", with = "crate::text::date")]
    pub invoice_date: NaiveDate,
    #[serde(rename = "e", with = "crate::text::date")]
    pub due_date: NaiveDate,
    #[serde(rename = "o")]
    pub open: Amount,
    #[serde(rename = "m")]
    pub currency: Currency,
    /// No signed copy yet, or it was refused; never on a credit note.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub discharge_missing: bool,
    /// The ledger names a delivery slip that has not come back.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub slip_missing: bool,
}

/// A summary's figures on one day, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryTotals {
    /// Everything open less credits and what is on account.
    pub net: Amount,
    pub overdue: Amount,
    /// By the default [`Bounds`], positive amounts only.
    pub ageing: Vec<Amount>,
    /// Days overdue of the oldest debt; 0 when nothing is overdue.
    pub oldest_days: i64,
    pub discharges_missing: u32,
    pub slips_missing: u32,
    /// More is owed, cheques that may come back included, than the credit limit; never when no limit is known
    /// (DOMAIN §2.5).
    pub over_limit: bool,
}

impl Summary {
    /// Reads a stored chunk of summaries. Compiled here, as [`Dossier::read`].
    ///
    /// # Errors
    /// What serde says of a text that is no list of summaries.
    pub fn read_list(json: &str) -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// Reads one summary. Compiled here, as [`Dossier::read`].
    ///
    /// # Errors
    /// What serde says of a text that is no summary.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    pub fn of(dossier: &Dossier) -> Self {
        let mut on_account = BTreeMap::new();
        for payment in &dossier.payments {
            *on_account.entry(payment.currency).or_insert(Amount::ZERO) +=
                payment.effective_on_account();
        }
        on_account.retain(|_, amount| !amount.is_zero());
        let visits = dossier
            .events
            .iter()
            .filter(|event| matches!(event.what, EventKind::Visit { .. }));
        let with_activity = dossier
            .invoices
            .iter()
            .filter(|invoice| !invoice.open().is_zero() && !invoice.activity.is_empty());
        let client = &dossier.client;
        Self {
            code: client.code.clone(),
            name: client.name.clone(),
            city: client.city.clone(),
            phone: client.phone.clone(),
            portfolio: client.portfolio.clone(),
            credit_limit: client.credit_limit,
            items: dossier
                .invoices
                .iter()
                .flat_map(SummaryItem::lines_of)
                .collect(),
            activities: order::set_of(with_activity.map(|invoice| invoice.activity.clone())),
            on_account,
            uncleared: dossier.uncleared_cheques(),
            possible_double: dossier
                .invoices
                .iter()
                .any(|invoice| invoice.possible_double),
            edit_proposed: !dossier.proposals.is_empty(),
            last_visit: visits.map(|event| event.at.date_naive()).max(),
        }
    }

    /// The figures of `today` in `currency`; invoices dated later do not count yet. The credit limit is in the
    /// organisation's currency: ask for that one to compare.
    pub fn totals(&self, today: NaiveDate, currency: Currency) -> SummaryTotals {
        let bounds = Bounds::default();
        let mut totals = SummaryTotals {
            net: -self.on_account.get(&currency).copied().unwrap_or_default(),
            overdue: Amount::ZERO,
            ageing: vec![Amount::ZERO; bounds.len()],
            oldest_days: 0,
            discharges_missing: 0,
            slips_missing: 0,
            over_limit: false,
        };
        let counts = |item: &&SummaryItem| item.currency == currency && item.invoice_date <= today;
        for item in self.items.iter().filter(counts) {
            let days = today.signed_duration_since(item.due_date).num_days();
            totals.net += item.open;
            totals.discharges_missing += u32::from(item.discharge_missing);
            totals.slips_missing += u32::from(item.slip_missing);
            if item.open.is_positive() {
                totals.ageing[bounds.bucket(days)] += item.open;
                if days > 0 {
                    totals.overdue += item.open;
                    totals.oldest_days = totals.oldest_days.max(days);
                }
            }
        }
        let uncleared = self.uncleared.get(&currency).copied().unwrap_or_default();
        let exposure = totals.net + uncleared;
        totals.over_limit = self.credit_limit.is_some_and(|limit| exposure > limit);
        totals
    }
}

impl SummaryItem {
    /// One an instalment that is open; its papers are missing once. None when nothing is open.
    fn lines_of(invoice: &Invoice) -> impl Iterator<Item = Self> {
        let lines = invoice.open_lines(NaiveDate::MAX).into_iter().enumerate();
        let open = lines.filter(|(_, line)| !line.amount.is_zero());
        open.map(|(place, line)| Self {
            number: invoice.number.clone(),
            invoice_date: invoice.invoice_date,
            due_date: line.due_date,
            open: line.amount,
            currency: invoice.currency,
            discharge_missing: place == 0
                && invoice.kind != InvoiceKind::CreditNote
                && !matches!(invoice.discharge, DischargeState::Discharged { .. }),
            slip_missing: place == 0 && matches!(invoice.slip, SlipState::Expected { .. }),
        })
    }
}
