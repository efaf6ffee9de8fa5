//! How debts end other than by a plain payment, and how they come back.

use super::Allocation;
use crate::{Amount, ClientCode, FactId, InvoiceNumber, ReceiptNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A tax the client kept back from an invoice to pay it to the state (PRODUCT C7). It reduces what is owed only when its
/// attestation is there; until then it stays open as *retenue sans attestation* (DOMAIN §1.2, entry 10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    pub invoice: InvoiceNumber,
    /// As the country pack calls it: `ISB`.
    pub tax: String,
    pub amount: Amount,
}

/// The client handed over the paper that proves a withheld tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithholdingAttested {
    pub client: ClientCode,
    /// The payment that said what was withheld.
    pub payment: FactId,
    pub invoice: InvoiceNumber,
    pub tax: String,
    /// The attestation's own number.
    pub number: String,
    pub date: NaiveDate,
}

/// Credit a client already has is put on invoices, or taken off them again: money on account is used, one link is undone, a
/// credit note settles an invoice (PRODUCT C6, K1; DOMAIN §1.2, entry 16: unlettering is an event).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reallocated {
    pub client: ClientCode,
    pub source: CreditSource,
    /// Business date: figures of earlier days stay as they were.
    pub date: NaiveDate,
    /// Taken off invoices, back to the source; before anything is put on others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<Allocation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocated: Vec<Allocation>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Where existing credit comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CreditSource {
    /// What a payment left on account.
    Payment {
        payment: FactId,
    },
    CreditNote {
        number: InvoiceNumber,
    },
}

/// The bank returned a cheque unpaid. The receipt stays and is marked; what it settled is owed again, due as it was at first
/// (DOMAIN §1.2, entry 4; PRODUCT K5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChequeBounced {
    pub client: ClientCode,
    pub payment: FactId,
    /// Of the payment.
    pub receipt: ReceiptNumber,
    pub date: NaiveDate,
    /// The bank's word: *provision insuffisante*.
    pub reason: String,
}

/// The office lets part of an invoice go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountWaived {
    pub client: ClientCode,
    pub invoice: InvoiceNumber,
    pub date: NaiveDate,
    pub why: Waiver,
    /// VAT included; negative to take an earlier waiver back.
    pub amount: Amount,
    /// The VAT within `amount` that falls too; zero when VAT is not adjusted.
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub vat: Amount,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// Why an amount was let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiver {
    /// [`crate::discount::EarlyPayment`].
    EarlyPayment,
    /// [`crate::discount::SmallDifference`].
    SmallDifference,
}
