//! A dated statement of the ledger meets the field: nothing counted twice (DOMAIN §2.6).

use crate::dossier::{Client, InvoiceKind};
use crate::{Amount, ClientCode, Currency, InvoiceNumber, ReceiptNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The good rows of one import, as stored beside its fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRows {
    pub clients: Vec<Client>,
    pub invoices: Vec<InvoiceRow>,
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
    /// Receipts of the field that this row's *Réglé* contains, where the file carries them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<ReceiptNumber>,
}
