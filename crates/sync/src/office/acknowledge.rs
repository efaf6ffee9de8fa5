//! The signed acknowledgement of one device's epoch (SYNC 18).

use super::store::{DeviceEpoch, OfficeKey, OrganisationState};
use crate::ack::{Ack, SignedAck};
use crate::encoding::Hash;

/// Says that everything through the chain's head is durable, and so is what is `held` beside it: a shell calls this after its commit, never before
/// (SYNC 17).
pub fn acknowledge(
    key: &impl OfficeKey,
    organisation: &OrganisationState,
    epoch: &DeviceEpoch,
    held: Vec<Hash>,
    now_ms: i64,
) -> SignedAck {
    let ack = Ack {
        organisation: organisation.settings.id,
        device: epoch.device,
        epoch: epoch.epoch,
        acked_through: epoch.chain.head_seq,
        chain_hash: epoch.chain.head_hash,
        held,
        server_now_ms: now_ms,
        log_id: organisation.log_id.clone(),
    };
    let text = serde_json::to_string(&ack).expect("every field of an acknowledgement serialises");
    let signature = key.sign(text.as_bytes());
    SignedAck { text, signature }
}
