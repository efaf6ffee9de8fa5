//! The office's signed acknowledgement (SYNC 18). Anything else, even a 200, is a failure.

use crate::encoding::{Bytes, Hash};
use serde::{Deserialize, Serialize};
use tournee_domain::{DeviceId, OrganisationId};

/// What the office signs: the exact text of [`Ack`], with the key the device pinned at enrolment (ES256 over the text).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedAck {
    pub text: String,
    pub signature: Bytes,
}

/// Everything of this device and epoch through `acked_through` is durable at the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    pub epoch: u32,
    /// 0 when the office has nothing of this epoch.
    pub acked_through: u64,
    /// Hash of the fact at `acked_through`; genesis at 0. The device compares it with its own chain.
    pub chain_hash: Hash,
    /// Hashes of facts of this push that are durable at the office beside the chain: staged or set aside; and, when the
    /// chain split or goes on beyond this push, those it has had before. What a result says of them, the device believes only when they are
    /// named here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Hash>,
    /// Milliseconds since 1970 UTC.
    pub server_now_ms: i64,
    /// Changes when the office is restored from a backup (SYNC 20).
    pub log_id: String,
}
