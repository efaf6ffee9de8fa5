//! A dated statement of the ledger meets the field: nothing counted twice (DOMAIN §2.6).

mod merge;
mod settle;
mod update;

pub use merge::merge;

use crate::dossier::{Client, InvoiceKind};
use crate::fact::Authored;
use crate::id::PortfolioCode;
use crate::terms::Instalment;
use crate::{Amount, ClientCode, Currency, InvoiceNumber, ReceiptNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The good rows of one import, as stored beside its fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRows {
    pub clients: Vec<Client>,
    pub invoices: Vec<InvoiceRow>,
    /// Numbers the file lists on rows that could not be read: a complete statement does not settle them, for they are not
    /// missing from it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unread: BTreeSet<InvoiceNumber>,
}

/// One good row of the open-items file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceRow {
    pub number: InvoiceNumber,
    pub kind: InvoiceKind,
    pub client: ClientCode,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub activity: String,
    pub currency: Currency,
    pub invoice_date: NaiveDate,
    pub due_date: NaiveDate,
    pub net: Amount,
    pub vat: Amount,
    pub gross: Amount,
    pub settled: Amount,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purchase_order: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub slip: String,
    /// What the ledger's *Décharge* column says; `None` when the file has no such column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged: Option<bool>,
    /// Costs or interest, not a sale.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub charges: bool,
    /// When parts of it are due, the earliest first; empty when all of it is due on `due_date`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// Receipts of the field that this row's *Réglé* contains, where the file carries them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<ReceiptNumber>,
}

/// What an import says of itself, beside its rows.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    pub authored: &'a Authored,
    /// *Situation au*.
    pub date: NaiveDate,
    /// It lists every open item: what is missing from it is settled.
    pub complete: bool,
    /// Collector codes of the file, and the portfolio each stands for.
    pub portfolio_map: &'a BTreeMap<PortfolioCode, PortfolioCode>,
}

/// What a merge did, or in a preview would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Invoices of the rows that were not known.
    pub created: u32,
    /// Invoices the rows changed, other than by carrying their date forward.
    pub updated: u32,
    pub unchanged: u32,
    pub clients_created: u32,
    pub clients_updated: u32,
    pub clients_unchanged: u32,
    /// Dossiers to store, if only because their statement date moved.
    pub changed: BTreeSet<ClientCode>,
    /// Invoices this statement flagged, sorted: the ledger and the field may hold the same money.
    pub flagged_possible_double: Vec<InvoiceNumber>,
    /// Known invoices whose gross amount the rows change, sorted by number.
    pub changed_gross: Vec<ChangedGross>,
    /// Invoices treated as settled because a complete statement does not list them.
    pub settled_missing: u32,
}

/// A known invoice comes with another gross amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedGross {
    pub invoice: InvoiceNumber,
    pub from: Amount,
    pub to: Amount,
}

/// The statement cannot be merged; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("a statement of {latest} is already in: import one of that day or later")]
    OlderThanLatest { latest: NaiveDate },
    #[error("invoice {invoice} names client {client}, which is neither in the import nor known")]
    UnknownClient {
        invoice: InvoiceNumber,
        client: ClientCode,
    },
    #[error("invoice {invoice} stands twice in the rows: keep its first row")]
    RepeatedInvoice { invoice: InvoiceNumber },
    #[error("client {client} stands twice in the rows: keep its first row")]
    RepeatedClient { client: ClientCode },
    #[error(
        "invoice {invoice} has field payments in {from} and comes in {to}: correct its currency in the ledger"
    )]
    CurrencyChanged {
        invoice: InvoiceNumber,
        from: Currency,
        to: Currency,
    },
}
