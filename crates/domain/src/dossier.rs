//! What is known of one client: the projection of the ledger's statements and of every fact about that client.
//!
//! Computed by this same code at the office and on the device, where the device's own pending facts are applied on
//! top of the office's record.

mod apply;
mod balance;
mod bounce;
mod double;
mod edits;
mod papers;
mod payment;
mod reallocate;
mod redate;
mod reduction;
mod reversal;

pub use balance::Balance;
pub use bounce::Bounce;
pub use edits::{Correction, EditProposal};
pub use reallocate::{AccountMove, Undone};
pub use reduction::{Attestation, Reduction, ReductionKind};

use crate::fact::{
    Allocation, Attachment, Authored, ClientField, CreditSource, DischargeOutcome, FieldChange,
    Flag, PaymentMethod, Person, VisitOutcome, Waiver,
};
use crate::id::PortfolioCode;
use crate::terms::{Instalment, Terms};
use crate::{Amount, ClientCode, Currency, FactId, InvoiceNumber, ReceiptNumber};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

/// Events kept in a dossier, newest first; older ones stay in the journal.
pub const EVENTS_MAX: usize = 200;

/// One client's whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    pub client: Client,
    /// Date of the latest statement that covered this client; figures for an earlier day rest on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_date: Option<NaiveDate>,
    /// In the order of their due dates, then numbers.
    pub invoices: Vec<Invoice>,
    /// Payments taken in the field, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<ReceivedPayment>,
    /// Corrections of the client file that wait for the office's word, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<EditProposal>,
    /// Proposals decided in every field, so that none comes back when its fact is applied again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided_edits: Vec<FactId>,
    /// Newest first, at most [`EVENTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

/// The client as the ledger describes it.
impl Dossier {
    /// Reads a record. Compiled here, where the app is compiled for speed (docs/decisions/0002-build.md).
    ///
    /// # Errors
    /// What serde says of a text that is no dossier of this version.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub code: ClientCode,
    pub name: String,
    /// NIF or its equivalent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tax_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub city: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Zero is a limit of zero; `None` is no limit known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Amount>,
    /// The collector code of the ledger; clients without one are seen by managers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<PortfolioCode>,
    /// Everything else the ledger says of the client, in the order of its columns: addresses, contacts by function, payment
    /// days, tags (PRODUCT A4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// Corrections that the office accepted and the ledger does not have yet, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
}

impl Client {
    /// A client of whom nothing but the code and a name is known.
    pub fn new(code: ClientCode, name: String) -> Self {
        Self {
            code,
            name,
            tax_id: String::new(),
            city: String::new(),
            phone: String::new(),
            email: String::new(),
            terms: None,
            credit_limit: None,
            portfolio: None,
            details: Vec::new(),
            corrections: Vec::new(),
        }
    }
}

/// One more thing the ledger says of a client, under the ledger's own heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    pub name: String,
    pub value: String,
}

/// An invoice or a credit note, with what the ledger and the field say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub number: InvoiceNumber,
    pub kind: InvoiceKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub activity: String,
    pub currency: Currency,
    #[serde(with = "crate::text::date")]
    pub invoice_date: NaiveDate,
    #[serde(with = "crate::text::date")]
    pub due_date: NaiveDate,
    /// Without VAT.
    pub net: Amount,
    pub vat: Amount,
    /// Net plus VAT; negative on a credit note.
    pub gross: Amount,
    /// *Réglé* of the latest statement.
    pub settled: Amount,
    /// Date of the statement `settled` comes from.
    #[serde(with = "crate::text::date")]
    pub settled_on: NaiveDate,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<FieldAllocation>,
    /// What reduces it beside payments: waivers, withheld taxes, credit notes; in the order they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reductions: Vec<Reduction>,
    /// When parts of it are due, the earliest first; empty when all of it is due on `due_date`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// What statements raised *Réglé* by beyond what exported allocations explain (DOMAIN §2.6), not yet taken back or decided.
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub unexplained: Amount,
    /// What the accountant decided the office received itself (*two payments*); a later fall of *Réglé* takes it back
    /// before it un-books the field's allocations.
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub received_by_office: Amount,
    /// The ledger and the field may hold the same money: the accountant decides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub possible_double: bool,
    /// The accountant's decisions already applied, so that none is applied twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<FactId>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purchase_order: String,
    /// Costs or interest, not a sale: paid before what they are for (DOMAIN §4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub charges: bool,
    #[serde(default, skip_serializing_if = "SlipState::is_none")]
    pub slip: SlipState,
    pub discharge: DischargeState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    Invoice,
    CreditNote,
    /// An invoice that asks for a down payment (EN 16931, type 386).
    DownPayment,
}

/// Part of a field payment set against one invoice: recorded, then exported, then booked (DOMAIN §2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldAllocation {
    pub payment: FactId,
    pub receipt: ReceiptNumber,
    /// Business date of the payment, or of the reallocation that put it here.
    pub date: NaiveDate,
    pub amount: Amount,
    /// False for an announced transfer not yet matched: recorded, but it does not reduce the balance.
    pub effective: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exported: bool,
    /// How much of `amount` the ledger's *Réglé* already contains.
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub booked: Amount,
    /// What was taken off it again since, which `amount` no longer contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undone: Vec<Undone>,
}

/// The signed copy of an invoice (PRODUCT D1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DischargeState {
    ToDeposit,
    /// `fact` is `None` when the ledger says so.
    Discharged {
        fact: Option<FactId>,
        date: Option<NaiveDate>,
        signer: Option<Person>,
    },
    Refused {
        fact: FactId,
        date: NaiveDate,
        reason: String,
    },
}

/// The signed delivery slip of an invoice (PRODUCT D2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SlipState {
    /// The ledger names no slip for this invoice.
    #[default]
    None,
    Expected {
        slip: String,
    },
    Returned {
        slip: String,
        fact: FactId,
        date: NaiveDate,
    },
}

impl SlipState {
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// A payment taken in the field, as the dossier keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedPayment {
    pub id: FactId,
    pub receipt: ReceiptNumber,
    pub date: NaiveDate,
    pub at: DateTime<FixedOffset>,
    pub author: String,
    pub currency: Currency,
    pub amount: Amount,
    pub method: PaymentMethod,
    /// What is not allocated to invoices of this client; nothing after a reversal.
    pub on_account: Amount,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exported: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// The order or quotation it was paid ahead for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_payment: Option<String>,
    /// What came on account or left it since, in the order it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<AccountMove>,
    /// Its cheque came back unpaid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounced: Option<Bounce>,
    /// It counts as never taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed: Option<Reversal>,
    /// Each time its receipt was printed or shared: from the second on, as a duplicate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prints: Vec<FactId>,
}

/// By whom and why a payment was reversed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    pub fact: FactId,
    /// Of the reversal itself.
    pub receipt: ReceiptNumber,
    pub date: NaiveDate,
    pub author: String,
    pub reason: String,
    /// The payment had left for accounting before: the reversal has to follow it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_export: bool,
}

/// One line of the timeline (PRODUCT A5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: FactId,
    pub at: DateTime<FixedOffset>,
    pub author: String,
    pub device_label: String,
    pub what: EventKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    Visit {
        outcome: VisitOutcome,
        person_met: Option<Person>,
        report: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        comments: Vec<crate::fact::InvoiceComment>,
        next_action: Option<crate::fact::NextAction>,
    },
    Payment {
        receipt: ReceiptNumber,
        currency: Currency,
        amount: Amount,
        method: String,
    },
    ReceiptSigned {
        receipt: ReceiptNumber,
        refusal: Option<String>,
    },
    Discharge {
        invoice: InvoiceNumber,
        outcome: DischargeOutcome,
    },
    SlipReturn {
        invoice: InvoiceNumber,
        slip: String,
        signer: Person,
        reserves: String,
    },
    Statement {
        date: NaiveDate,
        invoices: u32,
    },
    /// Stands in the office's activity only: a dossier is as though the statement had not come.
    StatementUndone {
        date: NaiveDate,
        reason: String,
    },
    DoubleResolved {
        invoice: InvoiceNumber,
        decision: crate::fact::DoubleDecision,
    },
    PaymentReversed {
        receipt: ReceiptNumber,
        reverses: ReceiptNumber,
        currency: Currency,
        amount: Amount,
        reason: String,
    },
    PaymentRedated {
        receipt: ReceiptNumber,
        from: NaiveDate,
        to: NaiveDate,
        reason: String,
        /// Accounting had it under the former date.
        after_export: bool,
    },
    Reallocated {
        source: CreditSource,
        released: Vec<Allocation>,
        allocated: Vec<Allocation>,
    },
    ChequeBounced {
        receipt: ReceiptNumber,
        /// `None` when the payment is not known.
        money: Option<(Currency, Amount)>,
        reason: String,
    },
    AmountWaived {
        invoice: InvoiceNumber,
        why: Waiver,
        amount: Amount,
    },
    WithholdingAttested {
        invoice: InvoiceNumber,
        tax: String,
        number: String,
    },
    ReceiptPrinted {
        receipt: ReceiptNumber,
    },
    ClientEditProposed {
        changes: Vec<FieldChange>,
    },
    ClientEditDecided {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<ClientField>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        refused: Vec<ClientField>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        comment: String,
    },
}

impl Event {
    pub(crate) fn new(authored: &Authored, what: EventKind, attachments: Vec<Attachment>) -> Self {
        Self {
            id: authored.fact_id,
            at: authored.at,
            author: authored.author.clone(),
            device_label: authored.device_label.clone(),
            what,
            attachments,
        }
    }
}
