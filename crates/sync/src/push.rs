//! Facts from a device to the office (SYNC 13–18).

use crate::ack::SignedAck;
use crate::certificate::SignedCertificate;
use crate::envelope::SealedFact;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::Flag;
use tournee_domain::{DeviceId, FactId};

/// Facts in one push.
pub const PUSH_FACTS_MAX: usize = 100;

/// Bytes of one push's body.
pub const PUSH_BYTES_MAX: usize = 256 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRequest {
    pub protocol: u32,
    pub build: String,
    pub device: DeviceId,
    pub epoch: u32,
    /// Sequence of the first fact; the others follow without gaps.
    pub from_seq: u64,
    pub facts: Vec<SealedFact>,
    /// Of this epoch, when the office has said that it does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<SignedCertificate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,
}

/// How far a device has recorded, as it says itself in every exchange: what never arrives is then a loss with a name (SYNC 14,
/// fault 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    pub epoch: u32,
    /// 0 before the first fact of the epoch.
    pub head_seq: u64,
    /// Facts of any epoch that the office has not acknowledged.
    pub waiting: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushResponse {
    pub ack: SignedAck,
    /// One per fact pushed, in order.
    pub results: Vec<FactResult>,
    /// The office misses earlier facts: push again from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need_from: Option<u64>,
    /// This device forked its chain: it goes on recording, its pushes go to quarantine until it enrols again.
    #[serde(default)]
    pub frozen: bool,
}

/// What became of one fact. In every case its bytes are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactResult {
    pub seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact_id: Option<FactId>,
    pub status: FactStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_seq: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Why it was quarantined, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactStatus {
    Accepted,
    Duplicate,
    /// Accepted, with `flags` for the office to look at.
    Flagged,
    /// Safe at the office, waiting for the facts before it.
    Staged,
    /// Safe at the office, set aside for a person to look at.
    Quarantined,
}

impl FactStatus {
    /// Whether the fact is safe at the office without the chain's head saying so.
    pub fn is_beside_the_chain(self) -> bool {
        matches!(self, Self::Staged | Self::Quarantined)
    }
}
