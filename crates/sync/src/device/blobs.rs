//! Photos and signatures after the facts that name them: money never waits for media (SYNC 33, 34).

use super::desk::{Desk, PendingFact};
use super::error::SyncError;
use super::ports::Ports;
use super::store::{BlobRecord, DeviceStore, FactKey, StoreError};
use crate::blob::{BLOB_CHUNK_MAX_BYTES, UploadState};
use crate::encoding::Hash;
use tournee_domain::BlobHash;
use tournee_domain::order;

/// Why an attachment cannot be shown.
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

/// The office began a blob anew so many times in one exchange: the bytes here are not what their fact names, or the line
/// changes them. The next exchange tries again.
const RESTARTS_MAX: u32 = 3;
/// Facts read at once.
const FACTS_READ: u32 = 200;

/// Sends the bytes the office does not have; they stay on this device.
///
/// # Errors
/// [`SyncError`]: what was not sent still waits, and goes on from where the office is.
pub async fn send_media<P: Ports>(desk: &Desk<P>) -> Result<(), SyncError> {
    for blob in desk.store().waiting_blobs().await? {
        // Its fact goes first; the next exchange brings the bytes.
        let Some(state) = desk.ports.upload_state(&blob.hash).await? else {
            continue;
        };
        send_from(desk, &blob.hash, state).await?;
        desk.store().blob_sent(&blob.hash).await?;
        desk.waiting_blobs.borrow_mut().remove(&blob.hash);
    }
    Ok(())
}

/// Sends a blob from where the office is until the office has verified it.
async fn send_from<P: Ports>(
    desk: &Desk<P>,
    hash: &BlobHash,
    mut office: UploadState,
) -> Result<(), SyncError> {
    if office.verified {
        return Ok(());
    }
    let stored = desk.store().blob(hash).await?;
    let missing = || SyncError::Storage(format!("blob {hash} has no bytes"));
    let bytes = stored.ok_or_else(missing)?.bytes;
    let mut restarts = 0;
    while !office.verified {
        let from = usize::try_from(office.offset_bytes).unwrap_or(usize::MAX);
        let rest = bytes.get(from..).unwrap_or_default();
        let chunk = &rest[..rest.len().min(BLOB_CHUNK_MAX_BYTES)];
        let before = office.offset_bytes;
        office = desk.ports.send_chunk(hash, before, chunk).await?;
        if !office.verified && office.offset_bytes <= before {
            restarts += 1;
        }
        if restarts > RESTARTS_MAX {
            let detail = format!("blob {hash} does not arrive as it left");
            return Err(SyncError::Refused(detail));
        }
    }
    Ok(())
}

/// Makes room on a full device: bytes of photos and signatures that the office has verified go, those of the oldest facts
/// first, until `size_bytes` are free. Facts stay, and so does what waits (SYNC 12, 34). Gives how many bytes went.
///
/// # Errors
/// When the store fails; what went by then is gone.
pub async fn free_media<P: Ports>(desk: &Desk<P>, size_bytes: u64) -> Result<u64, StoreError> {
    let sent = desk.store().sent_blobs().await?;
    let mut unnamed = order::set_of(sent.into_iter().map(|blob| blob.hash));
    let mut named = Vec::new();
    let mut read_through = FactKey::START;
    while !unnamed.is_empty() {
        let facts = desk.store().facts_after(read_through, FACTS_READ).await?;
        let Some(last) = facts.last() else { break };
        read_through = last.fact.at();
        for body in facts
            .iter()
            .filter_map(|fact| PendingFact::of(fact).body.ok())
        {
            let attachments = body.attachments().iter();
            named.extend(attachments.filter_map(|one| unnamed.take(&one.hash)));
        }
    }
    // What no fact names any more is older than every fact.
    let mut freed_bytes = 0;
    for hash in unnamed.into_iter().chain(named) {
        if freed_bytes >= size_bytes {
            break;
        }
        freed_bytes += u64::from(desk.store().drop_sent_blob(&hash).await?);
    }
    Ok(freed_bytes)
}

/// An attachment, from this device or from the office.
///
/// # Errors
/// [`AttachmentError`]
pub async fn attachment<P: Ports>(
    desk: &Desk<P>,
    hash: &BlobHash,
) -> Result<BlobRecord, AttachmentError> {
    let stored = desk.store().blob(hash).await;
    if let Some(blob) = stored.map_err(|error| AttachmentError::Storage(error.to_string()))? {
        return Ok(blob);
    }
    match desk.ports.fetch_blob(hash).await {
        // Whoever answered: these are the bytes that the fact names.
        Ok(Some((media_type, bytes))) if Hash::of(&bytes).to_string() == hash.as_str() => {
            Ok(BlobRecord {
                hash: hash.clone(),
                media_type,
                bytes,
            })
        }
        Ok(None) => Err(AttachmentError::NotYet),
        Ok(Some(_)) | Err(_) => Err(AttachmentError::NotHere),
    }
}
