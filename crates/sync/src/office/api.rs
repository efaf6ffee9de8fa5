//! What the office's own screens ask for and get: signing in, the activity of the team, what wants attention.

use crate::enrol::{Organisation, User};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tournee_domain::dossier::Event;
use tournee_domain::fact::Flag;
use tournee_domain::{Amount, ClientCode, Currency, FactId, ReceiptNumber};

/// Entries of one page of activity.
pub const ACTIVITY_PAGE_MAX: u32 = 200;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    pub login: String,
    pub password: String,
}

/// Who is signed in, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionResponse {
    pub user: User,
    pub organisation: Organisation,
}

/// One page of what happened, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub entries: Vec<ActivityEntry>,
    /// Older entries exist: ask again with `before` set to the last entry's `server_seq`.
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    pub server_seq: u64,
    pub received_at_ms: i64,
    /// `None` for what concerns many clients, such as an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientCode>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_name: String,
    pub event: Event,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// A payment that left for the accounting package.
    #[serde(default)]
    pub exported: bool,
}

/// What a person at the office should look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Newest first.
    pub quarantined: Vec<QuarantinedFact>,
    /// By label.
    pub devices: Vec<DeviceReport>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedFact {
    pub received_at_ms: i64,
    pub device_label: String,
    pub author: String,
    /// Empty when the text is no envelope.
    pub type_name: String,
    /// A word the screens translate: `unreadable_body`, `fork`…
    pub reason: String,
    /// For people who look into it.
    #[serde(default)]
    pub detail: String,
}

/// A device as the office looks after it (SYNC 39).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    pub id: String,
    pub label: String,
    pub login: String,
    pub user: String,
    pub epoch: u32,
    pub build: String,
    pub enrolled_at_ms: i64,
    /// `None` when it was never heard of since it enrolled.
    pub last_seen_ms: Option<i64>,
    /// When its last fact came.
    pub last_fact_ms: Option<i64>,
    /// Since when nothing was heard of it, when that is more than a day.
    pub silent_since_ms: Option<i64>,
    pub frozen: bool,
    pub revoked_at_ms: Option<i64>,
    /// Who revoked it, and why, as far as it was said; empty when it is not revoked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revoked_by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revoked_reason: String,
    /// Facts through here have arrived in its present epoch.
    pub received_through: u64,
    /// Facts through here were recorded in it, as the device last said.
    pub recorded_through: u64,
    /// Facts that waited on it when it last said so.
    pub waiting: u32,
    pub gaps: Vec<DeviceGap>,
}

/// Numbers that should be here and are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceGap {
    pub epoch: u32,
    pub kind: GapKind,
    pub first: u64,
    pub last: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The device said that it recorded these facts; a new epoch has begun without them. Its emergency file or paper receipts
    /// tell what they were.
    Lost,
    /// Later facts came and wait for these.
    Missing,
    /// No fact bears these receipt numbers.
    Receipts,
}

/// Revokes a device, or takes that back (SYNC 37).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceChangeRequest {
    #[serde(default)]
    pub reason: String,
}

/// Something set aside, and what people decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineEntry {
    pub id: i64,
    #[serde(flatten)]
    pub fact: QuarantinedFact,
    pub state: QuarantineState,
    /// Who says that nothing is to be done about it: two people make it dismissed.
    pub dismissals: Vec<Decision>,
    /// Who says that it is to count after all: two people release it.
    pub releases: Vec<Decision>,
    /// Whom it is about, as far as it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientCode>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_name: String,
    /// The line it would leave in a timeline; `None` when nobody can read it, or it would leave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// Why it can never be released: a word that screens translate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreleasable: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    Open,
    Dismissed,
    Released,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub name: String,
    pub reason: String,
    pub decided_at_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRequest {
    pub reason: String,
}

/// Answer to an import's upload, preview or commit; `preview` is `tournee_documents::ledger::ImportPreview`, which this
/// crate does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportResponse<Preview> {
    pub id: String,
    pub preview: Preview,
    /// The import's fact, once committed; `None` before, and when nothing changed.
    #[serde(default)]
    pub fact_id: Option<FactId>,
}

/// One line of the history of imports, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportEntry {
    pub id: String,
    pub committed_at_ms: i64,
    pub author: String,
    pub statement_date: NaiveDate,
    pub complete: bool,
    pub files: Vec<String>,
    pub clients: u32,
    pub invoices: u32,
    pub fact_id: FactId,
    /// It is the latest that was not undone.
    #[serde(default)]
    pub can_undo: bool,
    /// It counts as never made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<UndoneBy>,
}

/// Who undid an import, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneBy {
    pub at_ms: i64,
    pub author: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRequest {
    pub reason: String,
}

/// What undoing an import did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoReport {
    pub fact_id: FactId,
    pub statement_date: NaiveDate,
    /// Clients whose file is what it would be without the import.
    pub restored: u32,
    /// Clients that nobody knows without it.
    pub erased: u32,
    /// Payments with money on invoices that nobody knows without it: they stand, on account. At most some of them.
    pub unplaced: Vec<UnplacedPayment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnplacedPayment {
    pub client: ClientCode,
    pub client_name: String,
    pub receipt: ReceiptNumber,
    pub currency: Currency,
    /// Of the payment, what is on account now and was not before.
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// `fr` or `en`: language of the headings.
    pub language: String,
}

/// An export just made; its bytes can be fetched again under its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportResponse {
    /// Empty when there was nothing to export.
    pub id: String,
    pub file_name: String,
    pub payments: u32,
    pub csv: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportEntry {
    pub id: String,
    pub file_name: String,
    pub exported_at_ms: i64,
    pub author: String,
    pub payments: u32,
}

/// `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetails {
    /// A stable word the app acts on: `resnapshot`, `session_expired`…
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// What happened and what to do, in English, for people who read logs; screens have their own words by `type`.
    #[serde(default)]
    pub detail: String,
    /// The part of the request at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A finer word within `type`, with which a screen chooses its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What a screen needs to go on: an upload whose file cannot be read yet carries its `id`, and as `error` what was
    /// found in the file.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}
