//! Photos and signatures after the facts that name them: money never waits for media (SYNC 33, 34).

use super::desk::Desk;
use super::error::SyncError;
use super::ports::{CallError, Ports};
use super::store::{BlobRecord, DeviceStore, WaitingBlob};
use crate::encoding::Hash;
use tournee_domain::BlobHash;

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

/// Sends the bytes the office does not have; they stay on this device.
///
/// # Errors
/// [`SyncError`]: what was not sent still waits.
pub async fn send_all<P: Ports>(desk: &Desk<P>) -> Result<(), SyncError> {
    for blob in desk.store().waiting_blobs().await? {
        if office_holds(desk, &blob).await? || upload(desk, &blob).await? {
            desk.store().blob_sent(&blob.hash).await?;
            desk.waiting_blobs.borrow_mut().remove(&blob.hash);
        }
    }
    Ok(())
}

/// Whether the office has verified these very bytes.
async fn office_holds<P: Ports>(desk: &Desk<P>, blob: &WaitingBlob) -> Result<bool, CallError> {
    let held = desk.ports.blob_held(&blob.hash).await?;
    Ok(held == Some(u64::from(blob.size_bytes)))
}

/// Sends one blob; false when no fact at the office names it yet.
async fn upload<P: Ports>(desk: &Desk<P>, waiting: &WaitingBlob) -> Result<bool, SyncError> {
    let Some(blob) = desk.store().blob(&waiting.hash).await? else {
        let detail = format!("blob {} has no bytes", waiting.hash);
        return Err(SyncError::Storage(detail));
    };
    let sending = desk
        .ports
        .send_blob(&blob.hash, &blob.media_type, &blob.bytes);
    Ok(sending.await? && office_holds(desk, waiting).await?)
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
