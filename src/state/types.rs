//! What the screens see of the state: plain values, no storage and no network behind them.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use tournee_domain::{OrganisationId, UserId};
use tournee_sync::device::store::StoreError as DeviceStoreError;
use tournee_sync::enrol::{EnrolledDevice, Organisation, User};

pub use super::unsent::Unsent;
pub use tournee_sync::device::store::BlobRecord;
pub use tournee_sync::device::{AttachmentError, OwnFact, OwnState, RecordError, SyncError};
pub use tournee_sync::office::ProblemDetails;

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
    /// What was durable is gone: the browser, or somebody in its settings, cleared this site's data.
    Cleared,
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
    /// How long the oldest of them has waited by this device's clock (SYNC 39).
    pub oldest_age_minutes: Option<u32>,
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
    /// Portfolios taken anew since the app started, because what was stored was not what the office had given.
    pub mended: u32,
    /// Bytes of photos that gave way to records since the app started; the office has them.
    pub media_freed_bytes: u64,
    /// The last record found no room.
    pub storage_full: bool,
    /// What this device lost before it was sent, until somebody has taken note.
    pub lost: Vec<Unsent>,
    pub update_ready: bool,
    pub installable: bool,
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
    #[error("the office has taken this device out of use")]
    Revoked,
    #[error("{0}")]
    Other(String),
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
    #[error("the browser cleared what was stored on this device")]
    Cleared,
    #[error("nobody has signed in on this device")]
    NotOpen,
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
    Refused(ProblemDetails),
}

impl From<DeviceStoreError> for StoreError {
    fn from(error: DeviceStoreError) -> Self {
        match error {
            DeviceStoreError::Corrupt(what) => Self::Corrupt(what),
            DeviceStoreError::NewerVersion => Self::NewerVersion,
            DeviceStoreError::Cleared => Self::Cleared,
            other => Self::Unavailable(other.to_string()),
        }
    }
}
