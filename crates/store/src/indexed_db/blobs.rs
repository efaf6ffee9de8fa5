//! Photos and signatures: a description, and the bytes in pieces.

use super::idb::{self, Durability, Transaction};
use super::schema::{BLOB_CHUNKS, BLOBS, WAITING_BLOBS};
use super::{json, parse, read_all, texts};
use js_sys::{Array, Uint8Array};
use tournee_domain::BlobHash;
use tournee_domain::order;
use tournee_sync::device::store::{BlobRecord, StoreError, WaitingBlob};
use wasm_bindgen::prelude::*;
use web_sys::IdbDatabase;

/// Bytes of one stored piece of a blob: some browsers fail on large values (SYNC §3).
const CHUNK_BYTES: usize = 256 * 1024;

/// A blob as IndexedDB takes it.
pub struct Prepared {
    hash: JsValue,
    description: JsValue,
    chunks: Vec<(JsValue, JsValue)>,
}

impl Prepared {
    pub fn of(blob: &BlobRecord) -> Self {
        let hash = JsValue::from(blob.hash.as_str());
        let chunks = blob.bytes.chunks(CHUNK_BYTES).zip(0_u32..);
        Self {
            description: json(&WaitingBlob::of(blob)).into(),
            chunks: chunks
                .map(|(bytes, number)| {
                    let key = Array::of2(&hash, &number.into());
                    (key.into(), Uint8Array::from(bytes).buffer().into())
                })
                .collect(),
            hash,
        }
    }

    /// Writes it within a transaction, as one that the office does not have.
    pub fn put(&self, transaction: &Transaction) -> Result<(), StoreError> {
        transaction.put(BLOBS, &self.hash, &self.description)?;
        transaction.put(WAITING_BLOBS, &self.hash, &self.description)?;
        for (key, bytes) in &self.chunks {
            transaction.put(BLOB_CHUNKS, key, bytes)?;
        }
        Ok(())
    }
}

/// The keys of a blob's chunks, `[hash, number]`: every number sorts below an array.
fn chunks_of(hash: &JsValue) -> Result<JsValue, StoreError> {
    let (lower, upper) = (Array::of1(hash), Array::of2(hash, &Array::new()));
    let range = web_sys::IdbKeyRange::bound(&lower, &upper);
    range
        .map(JsValue::from)
        .map_err(|error| idb::reason(&error))
}

/// A blob, put together.
pub async fn get(
    database: &IdbDatabase,
    hash: &BlobHash,
) -> Result<Option<BlobRecord>, StoreError> {
    let transaction = Transaction::read(database, &[BLOBS, BLOB_CHUNKS])?;
    let key = JsValue::from(hash.as_str());
    let description: Option<WaitingBlob> = parse(transaction.text(BLOBS, &key).await?)?;
    let chunks = transaction
        .get_all(BLOB_CHUNKS, &chunks_of(&key)?, None)
        .await?;
    Ok(description.map(|found| BlobRecord {
        hash: found.hash,
        media_type: found.media_type,
        bytes: chunks
            .iter()
            .flat_map(|chunk| Uint8Array::new(&chunk).to_vec())
            .collect(),
    }))
}

/// What the office does not have yet.
pub async fn waiting(database: &IdbDatabase) -> Result<Vec<WaitingBlob>, StoreError> {
    let transaction = Transaction::read(database, &[WAITING_BLOBS])?;
    let found = transaction
        .get_all(WAITING_BLOBS, &JsValue::UNDEFINED, None)
        .await?;
    read_all(&found)
}

/// The office has it.
pub async fn sent(database: &IdbDatabase, hash: &BlobHash) -> Result<(), StoreError> {
    let transaction = Transaction::write(database, &[WAITING_BLOBS], Durability::Relaxed)?;
    transaction.delete(WAITING_BLOBS, &hash.as_str().into())?;
    transaction.finish().await
}

/// What the office has and this device still keeps.
pub async fn all_sent(database: &IdbDatabase) -> Result<Vec<WaitingBlob>, StoreError> {
    let everything = JsValue::UNDEFINED;
    let transaction = Transaction::read(database, &[BLOBS, WAITING_BLOBS])?;
    let blobs = transaction.get_all(BLOBS, &everything, None).await?;
    let waiting = transaction
        .get_all_keys(WAITING_BLOBS, &everything, None)
        .await?;
    let waiting = order::set_of(texts(&waiting));
    let mut blobs: Vec<WaitingBlob> = read_all(&blobs)?;
    blobs.retain(|blob| !waiting.contains(blob.hash.as_str()));
    Ok(blobs)
}

/// Deletes a blob that the office has; gives its bytes, 0 when it waits or is not here.
pub async fn drop_sent(database: &IdbDatabase, hash: &BlobHash) -> Result<u32, StoreError> {
    let stores = [BLOBS, BLOB_CHUNKS, WAITING_BLOBS];
    let transaction = Transaction::write(database, &stores, Durability::Relaxed)?;
    let key = JsValue::from(hash.as_str());
    let waits = transaction.text(WAITING_BLOBS, &key).await?.is_some();
    let known: Option<WaitingBlob> = parse(transaction.text(BLOBS, &key).await?)?;
    let Some(sent) = known.filter(|_| !waits) else {
        transaction.finish().await?;
        return Ok(0);
    };
    transaction.delete(BLOBS, &key)?;
    transaction.delete(BLOB_CHUNKS, &chunks_of(&key)?)?;
    transaction.finish().await?;
    Ok(sent.size_bytes)
}
