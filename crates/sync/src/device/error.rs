//! Why an exchange did not go through.

use super::chain::AckRefused;
use super::ports::CallError;
use super::store::StoreError;

/// Nothing is lost: it is tried again.
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
    /// Stored facts are not what this device wrote: sign in again to record on, after they were sent as they are.
    #[error("the records of this device were changed: {0}")]
    Damaged(String),
    /// Somebody at the office took this device out of use: it gets no records, and what it sends is set aside (SYNC 37).
    #[error("the office has taken this device out of use")]
    Revoked,
    #[error("this version is too old for the office; update the app")]
    TooOld,
    #[error("this device's storage failed: {0}")]
    Storage(String),
}

impl From<CallError> for SyncError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable => Self::Unreachable,
            CallError::TimedOut => Self::TimedOut,
            CallError::NotTheOffice(what) => Self::NotTheOffice(what),
            CallError::Problem { problem, .. } if problem.kind == "revoked" => Self::Revoked,
            CallError::Problem { problem, .. } => match problem.status {
                426 => Self::TooOld,
                408 | 429 | 500..=599 => Self::Busy,
                _ => Self::Refused(format!("{}: {}", problem.title, problem.detail)),
            },
        }
    }
}

impl From<StoreError> for SyncError {
    fn from(error: StoreError) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<AckRefused> for SyncError {
    fn from(error: AckRefused) -> Self {
        if error.is_permanent() {
            Self::ChainMismatch(error.to_string())
        } else {
            Self::NotTheOffice(error.to_string())
        }
    }
}
