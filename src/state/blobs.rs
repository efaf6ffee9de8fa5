//! Photos and signatures after the facts that name them: money never waits for media (SYNC 33, 34).

use super::api::{self, CallError, TIMEOUT_MS};
use super::desk::Desk;
use super::types::{AttachmentError, SyncError};
use crate::browser::network::{Body, send};
use gloo_net::http::Method;
use tournee_domain::BlobHash;
use tournee_store::{BlobRecord, DeviceStore, WaitingBlob};

/// A photo on a bad network takes its time.
const UPLOAD_TIMEOUT_MS: u32 = 120_000;

/// Sends the bytes the office does not have; they stay on this device.
///
/// # Errors
/// [`SyncError`]: what was not sent still waits.
pub async fn send_all(desk: &Desk) -> Result<(), SyncError> {
    for blob in desk.store.waiting_blobs().await? {
        if office_holds(&blob).await? || upload(desk, &blob).await? {
            desk.store.blob_sent(&blob.hash).await?;
            desk.waiting_blobs.borrow_mut().remove(&blob.hash);
        }
    }
    Ok(())
}

fn address(hash: &BlobHash) -> String {
    api::path(&format!("blobs/{hash}"))
}

/// Whether the office has verified these very bytes; only it answers with their number.
async fn office_holds(blob: &WaitingBlob) -> Result<bool, SyncError> {
    let answer = send(Method::HEAD, &address(&blob.hash), Body::Empty, TIMEOUT_MS)
        .await
        .map_err(CallError::from)?;
    match (answer.status, answer.upload_offset) {
        (200, Some(offset)) => Ok(offset == u64::from(blob.size_bytes)),
        (404, Some(_)) => Ok(false),
        _ => Err(api::refusal(&answer).into()),
    }
}

/// Sends one blob; false when no fact at the office names it yet.
async fn upload(desk: &Desk, waiting: &WaitingBlob) -> Result<bool, SyncError> {
    let Some(blob) = desk.store.blob(&waiting.hash).await? else {
        return Err(SyncError::Storage(format!(
            "blob {} has no bytes",
            waiting.hash
        )));
    };
    let body = Body::Bytes {
        media_type: &blob.media_type,
        bytes: &blob.bytes,
    };
    let answer = send(Method::PUT, &address(&blob.hash), body, UPLOAD_TIMEOUT_MS)
        .await
        .map_err(CallError::from)?;
    if matches!(answer.status, 200 | 201) {
        return office_holds(waiting).await;
    }
    match api::refusal(&answer) {
        error if error.status() == 404 => Ok(false),
        error => Err(error.into()),
    }
}

/// An attachment, from this device or from the office.
///
/// # Errors
/// [`AttachmentError`]
pub async fn of(desk: &Desk, hash: &BlobHash) -> Result<BlobRecord, AttachmentError> {
    let stored = desk.store.blob(hash).await;
    match stored.map_err(|error| AttachmentError::Storage(error.to_string()))? {
        Some(blob) => Ok(blob),
        None => fetch(hash).await,
    }
}

async fn fetch(hash: &BlobHash) -> Result<BlobRecord, AttachmentError> {
    let answer = send(Method::GET, &address(hash), Body::Empty, UPLOAD_TIMEOUT_MS).await;
    let answer = answer.map_err(|_| AttachmentError::NotHere)?;
    let found = tournee_sync::encoding::Hash::of(&answer.body).to_string();
    match answer.status {
        // Whoever answered: these are the bytes that the fact names.
        200 if found == hash.as_str() => Ok(BlobRecord {
            hash: hash.clone(),
            media_type: answer.content_type,
            bytes: answer.body,
        }),
        404 => Err(AttachmentError::NotYet),
        _ => Err(AttachmentError::NotHere),
    }
}
