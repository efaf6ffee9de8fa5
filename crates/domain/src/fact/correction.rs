//! What was recorded or known wrongly is put right by a further fact (SYNC 6, 31).

use crate::{Amount, ClientCode, Currency, FactId, ReceiptNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A payment that was recorded by mistake counts as never taken. The reversal bears the next number of the device's own
/// series: no number is ever deleted or given again (DOMAIN §5, SYNC 32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentReversed {
    pub client: ClientCode,
    pub payment: FactId,
    /// Of the payment.
    pub reverses: ReceiptNumber,
    /// Of the reversal itself.
    pub receipt: ReceiptNumber,
    /// Business date in the organisation's time zone.
    pub date: NaiveDate,
    /// As the payment says.
    pub currency: Currency,
    pub amount: Amount,
    pub reason: String,
}

impl PaymentReversed {
    /// Whether the amount is money, as of a payment that counts.
    pub fn is_valid(&self) -> bool {
        self.amount.is_positive() && self.currency.fits(self.amount)
    }
}

/// The day on which a payment was taken, where the device's clock was wrong: the office's word (SYNC 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRedated {
    pub client: ClientCode,
    pub payment: FactId,
    /// Of the payment.
    pub receipt: ReceiptNumber,
    /// What the author saw.
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub reason: String,
}

/// A receipt was printed or shared again (SYNC 32): from the second on, it is a duplicate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptPrinted {
    pub client: ClientCode,
    pub payment: FactId,
    pub receipt: ReceiptNumber,
}

/// Somebody in the field found that the client file is wrong. The office decides field by field (SYNC 31, PRODUCT A6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientEditProposed {
    pub client: ClientCode,
    pub changes: Vec<FieldChange>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// One field of the client file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientField {
    Name,
    TaxId,
    City,
    Phone,
    Email,
    /// Under the ledger's own heading, or a new one.
    Detail(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: ClientField,
    /// What the author saw: the proposal's base. Empty when the file said nothing.
    pub from: String,
    /// Empty to take it out.
    pub to: String,
}

/// The office's word on a proposal, for some or all of its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientEditDecided {
    pub client: ClientCode,
    pub proposal: FactId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<ClientField>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<ClientField>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}
