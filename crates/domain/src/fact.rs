//! What people do, as immutable bodies. The envelope around them (author, order, hash, signature) is `tournee-sync`'s.
//!
//! Serialised forms are stored for ever: a field may be added with a default, never renamed, re-typed or removed.
//! Unknown fields are ignored here and kept by the envelope's text.

mod closing;
mod correction;
mod release;
mod settlement;

pub use closing::{ClosingTotal, DayClosed, Tally};
pub use correction::{
    ClientEditDecided, ClientEditProposed, ClientField, FieldChange, PaymentRedated,
    PaymentReversed, ReceiptPrinted,
};
pub use release::{QuarantineReleased, ReleaseDecision};
pub use settlement::{
    AmountWaived, ChequeBounced, CreditSource, Reallocated, Waiver, Withheld, WithholdingAttested,
};

use crate::id::PortfolioCode;
use crate::{Amount, BlobHash, ClientCode, Currency, FactId, InvoiceNumber, ReceiptNumber};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema version this code writes and the highest it reads.
pub const BODY_SCHEMA: u32 = 1;

/// The body of one fact, by type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FactBody {
    LedgerImported(LedgerImported),
    Visit(Visit),
    Payment(Payment),
    ReceiptSigned(ReceiptSigned),
    Discharge(Discharge),
    SlipReturn(SlipReturn),
    PaymentsExported(PaymentsExported),
    DoubleResolved(DoubleResolved),
    PaymentReversed(PaymentReversed),
    PaymentRedated(PaymentRedated),
    Reallocated(Reallocated),
    ChequeBounced(ChequeBounced),
    AmountWaived(AmountWaived),
    WithholdingAttested(WithholdingAttested),
    ReceiptPrinted(ReceiptPrinted),
    DayClosed(DayClosed),
    ClientEditProposed(ClientEditProposed),
    ClientEditDecided(ClientEditDecided),
    ImportUndone(ImportUndone),
    QuarantineReleased(QuarantineReleased),
}

/// Nobody can read this body: the fact is quarantined, keeps its place in the sequence, and the queue goes on (SYNC 16).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableBody {
    #[error("fact type « {0} » is unknown to this version")]
    UnknownType(String),
    #[error("schema {0} of « {1} » is newer than this version reads")]
    NewerSchema(u32, String),
    #[error("« {type_name} »: {why}")]
    Malformed { type_name: String, why: String },
}

impl FactBody {
    /// The envelope's `type`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::LedgerImported(_) => "ledger_imported",
            Self::Visit(_) => "visit",
            Self::Payment(_) => "payment",
            Self::ReceiptSigned(_) => "receipt_signed",
            Self::Discharge(_) => "discharge",
            Self::SlipReturn(_) => "slip_return",
            Self::PaymentsExported(_) => "payments_exported",
            Self::DoubleResolved(_) => "double_resolved",
            Self::PaymentReversed(_) => "payment_reversed",
            Self::PaymentRedated(_) => "payment_redated",
            Self::Reallocated(_) => "reallocated",
            Self::ChequeBounced(_) => "cheque_bounced",
            Self::AmountWaived(_) => "amount_waived",
            Self::WithholdingAttested(_) => "withholding_attested",
            Self::ReceiptPrinted(_) => "receipt_printed",
            Self::DayClosed(_) => "day_closed",
            Self::ClientEditProposed(_) => "client_edit_proposed",
            Self::ClientEditDecided(_) => "client_edit_decided",
            Self::ImportUndone(_) => "import_undone",
            Self::QuarantineReleased(_) => "quarantine_released",
        }
    }

    /// Reads a body's JSON as the envelope's `type` and `schema` say.
    ///
    /// # Errors
    /// [`UnreadableBody`] names the type and the field at fault.
    pub fn parse(type_name: &str, schema: u32, json: &str) -> Result<Self, UnreadableBody> {
        fn read<'a, T: Deserialize<'a>>(
            type_name: &str,
            json: &'a str,
        ) -> Result<T, UnreadableBody> {
            serde_json::from_str(json).map_err(|error| UnreadableBody::Malformed {
                type_name: type_name.to_owned(),
                why: error.to_string(),
            })
        }
        if schema > BODY_SCHEMA {
            return Err(UnreadableBody::NewerSchema(schema, type_name.to_owned()));
        }
        Ok(match type_name {
            "ledger_imported" => Self::LedgerImported(read(type_name, json)?),
            "visit" => Self::Visit(read(type_name, json)?),
            "payment" => Self::Payment(read(type_name, json)?),
            "receipt_signed" => Self::ReceiptSigned(read(type_name, json)?),
            "discharge" => Self::Discharge(read(type_name, json)?),
            "slip_return" => Self::SlipReturn(read(type_name, json)?),
            "payments_exported" => Self::PaymentsExported(read(type_name, json)?),
            "double_resolved" => Self::DoubleResolved(read(type_name, json)?),
            "payment_reversed" => Self::PaymentReversed(read(type_name, json)?),
            "payment_redated" => Self::PaymentRedated(read(type_name, json)?),
            "reallocated" => Self::Reallocated(read(type_name, json)?),
            "cheque_bounced" => Self::ChequeBounced(read(type_name, json)?),
            "amount_waived" => Self::AmountWaived(read(type_name, json)?),
            "withholding_attested" => Self::WithholdingAttested(read(type_name, json)?),
            "receipt_printed" => Self::ReceiptPrinted(read(type_name, json)?),
            "day_closed" => Self::DayClosed(read(type_name, json)?),
            "client_edit_proposed" => Self::ClientEditProposed(read(type_name, json)?),
            "client_edit_decided" => Self::ClientEditDecided(read(type_name, json)?),
            "import_undone" => Self::ImportUndone(read(type_name, json)?),
            "quarantine_released" => Self::QuarantineReleased(read(type_name, json)?),
            unknown => {
                return Err(UnreadableBody::UnknownType(
                    unknown.chars().take(40).collect(),
                ));
            }
        })
    }

    /// The one client whose dossier this fact changes; `None` for facts about many (imports, exports) or none (closings).
    pub fn client(&self) -> Option<&ClientCode> {
        match self {
            Self::Visit(visit) => Some(&visit.client),
            Self::Payment(payment) => Some(&payment.client),
            Self::ReceiptSigned(signed) => Some(&signed.client),
            Self::Discharge(discharge) => Some(&discharge.client),
            Self::SlipReturn(slip) => Some(&slip.client),
            Self::DoubleResolved(resolved) => Some(&resolved.client),
            Self::PaymentReversed(reversed) => Some(&reversed.client),
            Self::PaymentRedated(redated) => Some(&redated.client),
            Self::Reallocated(moved) => Some(&moved.client),
            Self::ChequeBounced(bounced) => Some(&bounced.client),
            Self::AmountWaived(waived) => Some(&waived.client),
            Self::WithholdingAttested(attested) => Some(&attested.client),
            Self::ReceiptPrinted(printed) => Some(&printed.client),
            Self::ClientEditProposed(proposed) => Some(&proposed.client),
            Self::ClientEditDecided(decided) => Some(&decided.client),
            Self::LedgerImported(_)
            | Self::PaymentsExported(_)
            | Self::DayClosed(_)
            | Self::ImportUndone(_)
            | Self::QuarantineReleased(_) => None,
        }
    }

    /// The number this fact takes from its device's own series: payments and reversals (SYNC 32).
    pub fn receipt(&self) -> Option<&ReceiptNumber> {
        match self {
            Self::Payment(payment) => Some(&payment.receipt),
            Self::PaymentReversed(reversed) => Some(&reversed.receipt),
            _ => None,
        }
    }

    /// Where that number is written when the fact's turn in the chain has come.
    pub fn receipt_mut(&mut self) -> Option<&mut ReceiptNumber> {
        match self {
            Self::Payment(payment) => Some(&mut payment.receipt),
            Self::PaymentReversed(reversed) => Some(&mut reversed.receipt),
            _ => None,
        }
    }

    /// Photos and signatures whose bytes follow the fact (SYNC 33).
    pub fn attachments(&self) -> &[Attachment] {
        match self {
            Self::ReceiptSigned(signed) => &signed.signatures,
            Self::Discharge(discharge) => &discharge.attachments,
            Self::SlipReturn(slip) => &slip.attachments,
            Self::Payment(payment) => &payment.attachments,
            _ => &[],
        }
    }
}

/// Why the office marked a fact that it stored all the same (SYNC 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The device's clock was more than five minutes off, or went back (SYNC 8).
    ClockSuspect,
    /// The client was outside the author's portfolio when the fact arrived (SYNC 26).
    OutOfScope,
    /// The ledger may already count this money (DOMAIN §2.6).
    PossibleDouble,
    UnknownClient,
    UnknownInvoice,
    /// More is allocated than was paid, or than the invoice still owes.
    OverAllocated,
    /// Zero, negative, or finer than the currency's smallest unit.
    AmountInvalid,
    CurrencyMismatch,
    /// Not the next number of the device's own series.
    ReceiptNumberUnexpected,
    /// The operator's transaction number is already on another payment (PRODUCT C4).
    TransactionRepeated,
    /// The fact names another fact that the office does not have.
    UnknownReference,
    /// The payment was reversed before.
    AlreadyReversed,
    /// A daily closing does not say what its chain says (SYNC 32).
    ClosingMismatch,
    /// The client file no longer says what the author of a proposal saw (SYNC 31).
    StaleBase,
    /// A word of an office that is newer than this program.
    #[serde(other)]
    Unknown,
}

/// Who did it, when and on what: what the envelope tells the projections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    pub fact_id: FactId,
    /// The device's wall time, with its offset.
    pub at: DateTime<FixedOffset>,
    /// The author's name, as people read it.
    pub author: String,
    /// The device's label, `D03`.
    pub device_label: String,
}

/// Bytes that belong to a fact and travel after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub kind: AttachmentKind,
    /// SHA-256 of the bytes.
    pub hash: BlobHash,
    /// `image/jpeg`, or `application/vnd.tournee.strokes+json` for a signature.
    pub media_type: String,
    pub size_bytes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    Photo,
    /// The payer's or recipient's signature, as strokes (PRODUCT D4).
    Signature,
    /// The collector's own signature.
    OfficerSignature,
}

/// Where a visit began, if the collector allowed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Degrees in millionths: exact, and no float in a signed text.
    pub latitude_micro: i32,
    pub longitude_micro: i32,
    pub accuracy_m: u32,
}

/// A visit to one client, written when it ends; what was done during it are facts of their own that name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub client: ClientCode,
    pub started_at: DateTime<FixedOffset>,
    pub ended_at: DateTime<FixedOffset>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_met: Option<Person>,
    pub outcome: VisitOutcome,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<InvoiceComment>,
    /// The report as the collector left it: proposed from what was done, then edited (PRODUCT B6).
    pub report: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_action: Option<NextAction>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    /// Function in the company: *comptable*, *directeur*.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub function: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    Paid,
    PartlyPaid,
    /// The client promised to pay; the promise itself comes with PRODUCT E3.
    Promised,
    PapersObtained,
    Disputed,
    Refused,
    /// The person who decides was not there.
    PersonAbsent,
    Closed,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceComment {
    pub invoice: InvoiceNumber,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextAction {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<NaiveDate>,
}

/// Money received from one client. The receipt is numbered in the same local transaction (SYNC 32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub client: ClientCode,
    /// The visit during which it was taken: that visit's fact id, allocated when the visit starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<FactId>,
    /// Business date in the organisation's time zone.
    pub date: NaiveDate,
    pub receipt: ReceiptNumber,
    pub currency: Currency,
    pub amount: Amount,
    pub method: PaymentMethod,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<Person>,
    /// What is not allocated stays on account.
    pub allocations: Vec<Allocation>,
    /// Taxes the client kept back: beside `amount`, which is what was received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<Withheld>,
    /// Received ahead of any invoice, for this order or quotation: it waits on account (DOMAIN §1.2, entry 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_payment: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Payment {
    /// Whether the amount is money: positive, and no finer than the currency's smallest unit. Otherwise it counts nowhere.
    pub fn is_valid(&self) -> bool {
        self.amount.is_positive() && self.currency.fits(self.amount)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    pub invoice: InvoiceNumber,
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaymentMethod {
    Cash {
        /// Notes and coins counted; empty when not counted, otherwise they add up to the amount.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        denominations: Vec<Denomination>,
    },
    Cheque {
        bank: String,
        number: String,
        drawer: String,
        date: NaiveDate,
    },
    /// Announced by the client; it reduces the balance only when matched with the bank (DOMAIN §2.6).
    Transfer { bank: String, reference: String },
    /// Reduces the balance at once, shown *à confirmer* until matched.
    MobileMoney {
        operator: String,
        phone: String,
        /// The operator's transaction number, unique per operator.
        transaction: String,
    },
}

impl PaymentMethod {
    /// Whether the money counts against the balance when it is recorded (DOMAIN §2.6).
    pub fn reduces_balance(&self) -> bool {
        !matches!(self, Self::Transfer { .. })
    }

    /// `cash`, `cheque`, `transfer`, `mobile_money`: as serialised and as exported.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cash { .. } => "cash",
            Self::Cheque { .. } => "cheque",
            Self::Transfer { .. } => "transfer",
            Self::MobileMoney { .. } => "mobile_money",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denomination {
    pub face: Amount,
    pub count: u32,
}

/// Signatures on a receipt, obtained after the payment was already durable; a refusal is recorded too (SYNC 32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptSigned {
    pub client: ClientCode,
    pub payment: FactId,
    pub receipt: ReceiptNumber,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Attachment>,
    /// Why the payer did not sign, when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// The client took the invoice and signed for it, or refused it (PRODUCT D1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharge {
    pub client: ClientCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<FactId>,
    pub invoice: InvoiceNumber,
    pub date: NaiveDate,
    pub outcome: DischargeOutcome,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DischargeOutcome {
    Discharged { signer: Person, stamped: bool },
    Refused { reason: String },
}

/// A delivery slip came back signed (PRODUCT D2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipReturn {
    pub client: ClientCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<FactId>,
    pub invoice: InvoiceNumber,
    /// The slip's own number, `BL48213`.
    pub slip: String,
    pub date: NaiveDate,
    pub signer: Person,
    /// What the recipient wrote on it: missing or damaged goods.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reserves: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// One dated statement of the ledger went in, as one batch (SYNC 35). Its rows lie in a blob of
/// [`crate::statement::StatementRows`] as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerImported {
    /// *Situation au*.
    pub statement_date: NaiveDate,
    /// The statement lists every open item: what is missing from it is settled.
    pub complete: bool,
    pub files: Vec<ImportedFile>,
    /// SHA-256 of the rows' JSON.
    pub rows: BlobHash,
    pub clients: u32,
    pub invoices: u32,
    /// Collector codes of the file that no user carries, and the portfolio each was mapped to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub portfolio_map: BTreeMap<PortfolioCode, PortfolioCode>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFile {
    pub name: String,
    /// SHA-256 of the file as received.
    pub hash: BlobHash,
    pub size_bytes: u32,
}

/// A statement counts as never imported (SYNC 35): every record becomes what the other facts make of it. Only the latest one
/// that still counts can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportUndone {
    /// The import's fact.
    pub import: FactId,
    /// *Situation au* of the statement undone.
    pub statement_date: NaiveDate,
    pub reason: String,
}

/// These payments left for the accounting package (DOMAIN §2.6: *exported*), or were found in its ledger already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentsExported {
    pub payments: Vec<FactId>,
    /// SHA-256 of the file written.
    pub file: BlobHash,
}

/// The accountant decided on an invoice flagged `possible_double` (DOMAIN §2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubleResolved {
    pub client: ClientCode,
    pub invoice: InvoiceNumber,
    pub decision: DoubleDecision,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubleDecision {
    /// The ledger's increase is the field's payment: it counts once.
    SameMoney,
    /// The client paid twice: both stand.
    TwoPayments,
}
