//! Everything outside the machine.

use super::desk::OwnReader;
use super::store::{DeviceStore, StoreError};
use crate::blob::UploadState;
use crate::encoding::{Bytes, Hash};
use crate::enrol::{EnrolRequest, EnrolResponse};
use crate::key::PublicKey;
use crate::office::{ProblemDetails, SessionResponse};
use crate::pull::{PullRequest, PullResponse};
use crate::push::{PushRequest, PushResponse};
use crate::rescue::Sealed;
use chrono::{DateTime, FixedOffset};
use tournee_domain::{BlobHash, UserId};

/// What only one tab does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockName {
    /// Writes facts (SYNC 9).
    Writer(UserId),
    /// Exchanges with the office (SYNC 13).
    Exchange(UserId),
}

/// The store, the office, the keys, the clock and the locks of one tab on one device.
///
/// # Errors
/// Locks and keys say in words what the browser said; the office's calls say it by a [`CallError`].
#[allow(
    async_fn_in_trait,
    reason = "browsers run one thread; nothing needs these futures to be Send"
)]
pub trait Ports {
    type Store: DeviceStore;
    /// Held until dropped.
    type Lock;

    fn store(&self) -> &Self::Store;

    /// The device's wall time, with its offset from UTC.
    fn now(&self) -> DateTime<FixedOffset>;

    /// The IANA name of the device's zone, empty when it does not know.
    fn zone(&self) -> String;

    /// The app's build, for the office's list of devices.
    fn build(&self) -> String;

    /// Waits for a lock.
    async fn lock(&self, name: LockName) -> Result<Self::Lock, String>;

    /// The lock, or `None` when another tab holds it.
    async fn try_lock(&self, name: LockName) -> Result<Option<Self::Lock>, String>;

    /// Makes a pair of keys, keeps the private one where it cannot be exported, and gives the public one.
    async fn new_key(&self) -> Result<PublicKey, String>;

    /// Whether the private key of `public` is still there.
    async fn has_key(&self, public: &PublicKey) -> bool;

    /// Signs the 32 bytes of a fact's hash with the private key of `public`.
    async fn sign(&self, public: &PublicKey, hash: Hash) -> Result<Bytes, String>;

    /// Whether `signature` over `message` is by `key`.
    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Bytes,
    ) -> Result<bool, String>;

    /// Seals bytes so that only the holder of the office's rescue key can read them, and nobody can change `associated` (SYNC 40).
    async fn seal_for_office(
        &self,
        office_key: &Bytes,
        associated: &[u8],
        content: &[u8],
    ) -> Result<Sealed, String>;

    /// What reads own facts and applies them: an app in parts fetches that part now.
    async fn own_reader(&self) -> Result<OwnReader<Self>, StoreError>
    where
        Self: Sized,
    {
        Ok(OwnReader::here())
    }

    /// Waits, in the midst of long work that nobody waits for, until the person at the screen needs nothing.
    async fn rest(&self) {}

    /// Who is signed in at the office in this browser.
    async fn session(&self) -> Result<SessionResponse, CallError>;

    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolResponse, CallError>;

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, CallError>;

    async fn pull(&self, request: &PullRequest) -> Result<PullResponse, CallError>;

    /// Where the office is with a blob; `None` while no fact there names it.
    async fn upload_state(&self, hash: &BlobHash) -> Result<Option<UploadState>, CallError>;

    /// Sends bytes of a blob from an offset on, and gives where the office is then, whether it took them or not: it says so
    /// too when it was elsewhere, and begins anew when the whole was not what the fact names.
    async fn send_chunk(
        &self,
        hash: &BlobHash,
        offset_bytes: u64,
        chunk: &[u8],
    ) -> Result<UploadState, CallError>;

    /// A blob's bytes and media type from the office; `None` when it does not have them.
    async fn fetch_blob(&self, hash: &BlobHash) -> Result<Option<(String, Vec<u8>)>, CallError>;
}

/// Why a call gave no answer of the office's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    Unreachable,
    TimedOut,
    /// Somebody else answered: a Wi-Fi login page, a proxy. Anything that is not the right status with the right kind
    /// of content that can be read, even a 200 (SYNC 18).
    NotTheOffice(String),
    /// The office's own refusal.
    Problem {
        problem: Box<ProblemDetails>,
        retry_after_s: Option<u32>,
    },
}

impl CallError {
    /// The stable word of the office's refusal, empty when there is none.
    pub fn kind(&self) -> &str {
        match self {
            Self::Problem { problem, .. } => &problem.kind,
            _ => "",
        }
    }

    /// The HTTP status of the office's refusal; 0 when there is none.
    pub fn status(&self) -> u16 {
        match self {
            Self::Problem { problem, .. } => problem.status,
            _ => 0,
        }
    }
}
