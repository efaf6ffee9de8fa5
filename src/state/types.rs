//! What the screens see of the state: plain values, no storage and no network behind them.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{Allocation, Attachment, Flag, PaymentMethod, Person, UnreadableBody};
use tournee_domain::{
    Amount, BlobHash, ClientCode, Currency, FactBody, FactId, OrganisationId, UserId,
};
use tournee_sync::enrol::{EnrolledDevice, Organisation, User};

/// Where the app stands, before any screen is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Booting,
    SignedOut {
        /// People whose data this device holds: each may come back without the network.
        known: Vec<KnownUser>,
    },
    /// The first portfolio is on its way; `total` is 0 until the office has said how much there is.
    FirstSync {
        done: u32,
        total: u32,
    },
    Ready,
    Broken {
        what: BrokenKind,
        /// For support, in English.
        detail: String,
    },
}

/// Why the device's store cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenKind {
    /// The browser does not give the database back: private mode, a full disk, a damaged profile.
    StoreUnavailable,
    /// The database opens, but what it holds makes no sense.
    StoreCorrupt,
    /// Another tab runs a newer version and changed the store's form.
    NewerVersion,
}

/// Somebody whose data lie on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownUser {
    pub organisation: OrganisationId,
    pub organisation_name: String,
    pub user: UserId,
    pub login: String,
    pub name: String,
}

/// Who works on this device.
#[derive(Clone, Debug, PartialEq)]
pub struct Me {
    pub organisation: Organisation,
    pub user: User,
    pub device: EnrolledDevice,
}

/// The colours of the screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device is set.
    #[default]
    Auto,
    Light,
    Dark,
    /// High contrast for full sunlight.
    Sun,
}

/// What the honest sync screen shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncStatus {
    /// What the browser believes; a hint only.
    pub online: bool,
    pub running: bool,
    /// Own facts the office has not acknowledged.
    pub waiting: u32,
    /// Photos and signatures whose bytes the office does not have yet.
    pub waiting_blobs: u32,
    pub oldest_waiting: Option<DateTime<FixedOffset>>,
    /// The last exchange that went through to its end.
    pub last_success: Option<DateTime<FixedOffset>>,
    pub last_error: Option<SyncError>,
    /// Own facts the office marked or set aside for a person to look at.
    pub flagged: u32,
    /// Facts still leave by device signature; to receive, the user signs in again.
    pub session_expired: bool,
    /// The browser's answer to the request to keep this app's data; `None` before it was asked.
    pub persisted: Option<bool>,
    pub usage_bytes: Option<u64>,
    pub quota_bytes: Option<u64>,
    pub update_ready: bool,
    pub installable: bool,
}

/// Why an exchange with the office did not go through. Nothing is lost: it is tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    #[error("the office cannot be reached")]
    Unreachable,
    #[error("the office did not answer in time")]
    TimedOut,
    /// Somebody else answered: a Wi-Fi login page, a proxy.
    #[error("the answer does not come from the office: {0}")]
    NotTheOffice(String),
    #[error("the office is busy; trying again later")]
    Busy,
    #[error("the office refused the exchange: {0}")]
    Refused(String),
    /// The office's chain of this device's facts is not this device's: an export and support are needed.
    #[error("the office and this device disagree on what was sent: {0}")]
    ChainMismatch(String),
    /// This installation was copied or restored: sign in again to go on sending.
    #[error("the office has stopped accepting this device's facts until somebody signs in again")]
    DeviceFrozen,
    #[error("this version is too old for the office; update the app")]
    TooOld,
    #[error("this device's storage failed: {0}")]
    Storage(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    #[error("wrong login or password")]
    WrongPassword,
    #[error("too many attempts; try again in {retry_after_s} s")]
    TooManyAttempts { retry_after_s: u32 },
    #[error("the office cannot be reached")]
    Offline,
    #[error("the answer does not come from the office")]
    NotTheOffice,
    #[error("{0}")]
    Other(String),
}

/// A photo's or signature's bytes, ready to be kept with the fact that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBlob {
    /// SHA-256 of `bytes`.
    pub hash: BlobHash,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// A payment before its receipt has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDraft {
    pub client: ClientCode,
    pub visit: Option<FactId>,
    pub date: chrono::NaiveDate,
    pub currency: Currency,
    pub amount: Amount,
    pub method: PaymentMethod,
    pub payer: Option<Person>,
    pub allocations: Vec<Allocation>,
    pub note: String,
    pub attachments: Vec<Attachment>,
}

/// A fact that is durable on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub seq: u64,
}

/// Why something was not recorded. In every case nothing of it was kept; what was typed stays in its draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The way out: send what waits, then free space on the device.
    #[error("this device's storage is full")]
    Full,
    /// Nothing can be recorded until the page is reloaded.
    #[error("this device's storage failed: {0}")]
    StorageBroken(String),
    #[error("the text is too long for one record; shorten it")]
    TooLong,
    /// Another tab kept recording at the same time; trying again helps.
    #[error("another tab is recording at the same time; try again")]
    Contended,
    /// The same form was confirmed with other content, in another tab or before a crash: look at the dossier first.
    #[error("this form was recorded before, with other content")]
    AlreadyRecorded,
    #[error("nobody has signed in on this device")]
    NotEnrolled,
    #[error("this role does not record")]
    NotAllowed,
    #[error("the device's key failed: {0}")]
    Key(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("this device's storage failed: {0}")]
    Unavailable(String),
    #[error("this device's storage holds something unreadable: {0}")]
    Corrupt(String),
    /// Another tab runs a newer version of the app: reload the page.
    #[error("another tab runs a newer version of the app")]
    NewerVersion,
    #[error("nobody has signed in on this device")]
    NotOpen,
}

/// A fact recorded on this device, for the sync screen and the report of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFact {
    pub fact_id: FactId,
    pub epoch: u32,
    pub seq: u64,
    pub recorded_at: DateTime<FixedOffset>,
    pub body: Result<FactBody, UnreadableBody>,
    pub state: OwnState,
}

/// What the office has said of an own fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnState {
    Waiting,
    Sent {
        flags: Vec<Flag>,
    },
    /// Safe at the office, waiting there for an earlier one.
    Staged,
    /// Safe at the office, set aside for a person to look at.
    Quarantined {
        detail: String,
    },
}

/// Why a question to the office has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfficeError {
    #[error("the office cannot be reached")]
    Offline,
    #[error("the office did not answer in time")]
    TimedOut,
    #[error("the answer does not come from the office")]
    NotTheOffice,
    /// Sign in again.
    #[error("the session has expired")]
    SessionExpired,
    #[error("this role may not do that")]
    Forbidden,
    /// The office says what is wrong, in `problem.title` and `problem.detail`.
    #[error("{}", .0.title)]
    Refused(Problem),
}

/// The office's own words on a refused request (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable word such as `too_large`, by which screens choose their own words.
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub detail: String,
    /// The field at fault, `clients` or `invoices` for an import's files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Everything else the office said, such as a limit or a column's name.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// Neither on this device nor to be had from the office just now.
    #[error("the bytes are not on this device, and the office cannot be reached")]
    NotHere,
    #[error("the office does not have these bytes yet")]
    NotYet,
    #[error("this device's storage failed: {0}")]
    Storage(String),
}
