//! The emergency file is written: what waits leaves the device without the network (SYNC 40).

use super::desk::PendingFact;
use super::identity::Identity;
use super::ports::Ports;
use super::push::sealed;
use super::store::{DeviceStore, FactKey, StoreError, WaitingBlob};
use crate::encoding::Bytes;
use crate::rescue::{
    RESCUE_FORMAT, RESCUE_MEDIA_MAX_BYTES, RescueContent, RescueFile, RescueHead, RescuedBlob,
    RescuedFact,
};
use tournee_domain::order;

/// Facts read at once.
const FACTS_READ: u32 = 200;

/// Which facts go into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rescued {
    /// Those the office has not acknowledged.
    Waiting,
    /// Every one that is still here.
    All,
}

/// Why there is no file; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RescueError {
    /// This device has not heard from an office that has a rescue key: the way out is one exchange with it.
    #[error("the office has not told its rescue key yet: connect once")]
    NoKey,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file could not be sealed: {0}")]
    Seal(String),
}

/// Writes the file, for the office alone to read. It needs no more than the store: no key of the device's, no desk.
/// Nothing on the device changes: what is in the file still waits, and the office calls duplicate what it gets twice.
///
/// # Errors
/// [`RescueError`]
///
/// # Panics
/// Never: what is in the file serialises.
pub async fn export(ports: &impl Ports, what: Rescued) -> Result<Vec<u8>, RescueError> {
    let loaded = ports.store().load_own().await?;
    let identity = loaded.identity.ok_or(RescueError::NoKey)?;
    let identity: Identity =
        serde_json::from_str(&identity).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let office_key = identity.organisation.rescue_key.clone();
    let office_key = office_key.ok_or(RescueError::NoKey)?;
    let (blobs, blobs_left_out) = media(ports.store(), loaded.waiting_blobs).await?;
    let facts = facts(ports.store(), what, loaded.acked_through).await?;
    let epochs = order::set_of(facts.iter().map(|fact| fact.epoch));
    let certificates = epochs.into_iter();
    let certificates = certificates.filter_map(|epoch| identity.certificate(epoch).cloned());
    let content = RescueContent {
        build: ports.build(),
        facts,
        blobs,
        blobs_left_out,
        certificates: certificates.collect(),
    };
    let head = RescueHead {
        format: RESCUE_FORMAT.to_owned(),
        organisation: identity.organisation.id,
        device: identity.device.id,
        label: identity.device.label,
        made_at: ports.now().to_rfc3339(),
    };
    let content = serde_json::to_vec(&content).expect("facts and bytes serialise");
    let associated = head.associated_data();
    let sealed = ports.seal_for_office(&office_key, &associated, &content);
    let sealed = sealed.await.map_err(RescueError::Seal)?;
    Ok(serde_json::to_vec(&RescueFile { head, sealed }).expect("texts serialise"))
}

async fn facts(
    store: &impl DeviceStore,
    what: Rescued,
    acked_through: FactKey,
) -> Result<Vec<RescuedFact>, StoreError> {
    let mut rescued = Vec::new();
    let mut read_through = FactKey::START;
    loop {
        let facts = store.facts_after(read_through, FACTS_READ).await?;
        let Some(last) = facts.last() else {
            return Ok(rescued);
        };
        read_through = last.fact.at();
        for stored in facts {
            let waits = PendingFact::of(&stored).is_waiting(acked_through);
            if waits || what == Rescued::All {
                rescued.push(RescuedFact {
                    epoch: stored.fact.epoch,
                    seq: stored.fact.seq,
                    sealed: sealed(&stored.fact),
                });
            }
        }
    }
}

/// The bytes that the office lacks, the smallest first: signatures before photos. And how many did not fit.
async fn media(
    store: &impl DeviceStore,
    mut waiting: Vec<WaitingBlob>,
) -> Result<(Vec<RescuedBlob>, u32), StoreError> {
    order::sort_by_key(&mut waiting, |blob| blob.size_bytes);
    let mut blobs = Vec::new();
    let (mut size_bytes, mut left_out) = (0, 0);
    for blob in waiting {
        size_bytes += blob.size_bytes as usize;
        let stored = match size_bytes <= RESCUE_MEDIA_MAX_BYTES {
            true => store.blob(&blob.hash).await?,
            false => None,
        };
        match stored {
            Some(stored) => blobs.push(RescuedBlob {
                hash: stored.hash,
                bytes: Bytes(stored.bytes),
            }),
            None => left_out += 1,
        }
    }
    Ok((blobs, left_out))
}
