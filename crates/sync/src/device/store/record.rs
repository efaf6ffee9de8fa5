//! What is stored. Serialised forms are kept for ever: a field may be added with a default, never renamed or removed.

use serde::{Deserialize, Serialize};
use tournee_domain::fact::{Flag, Tally};
use tournee_domain::{BlobHash, ClientCode, FactId};

/// Name of the note that holds the office's log.
pub const LOG_ID: &str = "log_id";

/// A fact's place on this device: its epoch, then its number within.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct FactKey {
    pub epoch: u32,
    pub seq: u64,
}

impl FactKey {
    /// Before every fact.
    pub const START: Self = Self { epoch: 0, seq: 0 };
}

/// A sealed fact, exactly as it was made; never changed once stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactRecord {
    pub epoch: u32,
    pub seq: u64,
    pub fact_id: FactId,
    /// The envelope's text, byte for byte.
    pub text: String,
    pub previous: String,
    pub hash: String,
    pub signature: String,
    pub key: String,
}

impl FactRecord {
    pub fn at(&self) -> FactKey {
        FactKey {
            epoch: self.epoch,
            seq: self.seq,
        }
    }
}

/// What the office has said of a fact, beyond a plain acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FactState {
    /// Accepted, for a person to look at.
    Flagged { flags: Vec<Flag> },
    /// Safe at the office, waiting there for an earlier one.
    Staged,
    /// Safe at the office, set aside.
    Quarantined { detail: String },
}

/// A fact with what the office said of it, if it said more than that it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFact {
    pub fact: FactRecord,
    pub state: Option<FactState>,
}

/// The end of the device's own chain. Compared and swapped as a whole by every fact (SYNC 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub epoch: u32,
    /// 0 before the first fact of the epoch.
    pub seq: u64,
    /// In hexadecimal; genesis before the first fact.
    pub hash: String,
    /// Receipt numbers used in this epoch (SYNC 32).
    pub receipts: u32,
    /// What a daily closing would say here; `None` in chains begun before there were closings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<Tally>,
}

/// Where the records of this device stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullState {
    /// The generation the screens read; 0 before the first snapshot is complete.
    pub generation: u32,
    /// As the office gave it, with the last page.
    pub cursor: Option<String>,
    /// Own facts through here are in the records (SYNC 29).
    pub applied_through: FactKey,
    /// In how many chunks the summaries lie.
    pub chunks: u32,
    /// A snapshot on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
}

/// The part of a snapshot that has arrived. It replaces the present generation when complete (SYNC 21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    pub generation: u32,
    pub cursor: String,
}

/// One fact about to become durable, with everything that becomes durable with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The head that the fact was chained to; any other at the time of writing means [`super::StoreError::HeadMoved`].
    pub expected: Head,
    pub head: Head,
    pub fact: FactRecord,
    pub blobs: Vec<BlobRecord>,
    /// The draft that this fact brings to its end.
    pub draft: Option<String>,
}

/// The bytes of a photo or signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRecord {
    pub hash: BlobHash,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// A blob whose bytes the office does not have yet, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingBlob {
    pub hash: BlobHash,
    pub media_type: String,
    pub size_bytes: u32,
}

/// One page of records, with where it leads. All of it goes in, or nothing (SYNC 20).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageWrite {
    /// Which generation the dossiers and chunks belong to.
    pub generation: u32,
    /// The dossier's JSON as received; `None` erases it.
    pub dossiers: Vec<(ClientCode, Option<String>)>,
    /// Summaries by chunk, as JSON.
    pub chunks: Vec<(u32, String)>,
    pub pull: PullState,
    /// Every other generation goes: set when a snapshot is complete.
    pub drop_other_generations: bool,
}

/// What the app opens with, read in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// As given to [`super::DeviceStore::enrol`].
    pub identity: Option<String>,
    pub head: Option<Head>,
    pub acked_through: FactKey,
    /// Facts through here may have been deleted, as the office has them (SYNC 11).
    pub forgotten_through: FactKey,
    pub pull: PullState,
    /// Summaries of the present generation, by chunk.
    pub chunks: Vec<String>,
    /// Facts that the records do not contain or the office has not acknowledged, in order.
    pub facts: Vec<StoredFact>,
    /// Facts the office flagged or set aside.
    pub flagged: u32,
    /// Blobs whose bytes the office does not have yet.
    pub waiting_blobs: Vec<WaitingBlob>,
    /// Small values, by name.
    pub notes: std::collections::BTreeMap<String, String>,
}

impl FactState {
    /// Whether a person should look at it.
    pub fn is_flagged(&self) -> bool {
        matches!(self, Self::Flagged { .. } | Self::Quarantined { .. })
    }
}

impl WaitingBlob {
    pub fn of(blob: &BlobRecord) -> Self {
        Self {
            hash: blob.hash.clone(),
            media_type: blob.media_type.clone(),
            size_bytes: u32::try_from(blob.bytes.len()).unwrap_or(u32::MAX),
        }
    }
}

/// A count that never overflows.
pub fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
