//! The ports of one tab, made real by the browser: IndexedDB, WebCrypto, Web Locks, the clock, and HTTP to the office.

use super::api::{self, TIMEOUT_MS};
use crate::browser::crypto::{self, SigningKey};
use crate::browser::locks::{self, Lock};
use crate::browser::network::{Body, send};
use crate::browser::{clock, sealing, updates};
use chrono::{DateTime, FixedOffset};
use gloo_net::http::Method;
use std::cell::RefCell;
use tournee_domain::BlobHash;
use tournee_store::IndexedDb;
use tournee_sync::blob::UploadState;
use tournee_sync::device::store::StoreError;
use tournee_sync::device::{CallError, LockName, OwnReader, Ports};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::key::{KeyId, PublicKey};
use tournee_sync::office::SessionResponse;
use tournee_sync::pull::{PullRequest, PullResponse};
use tournee_sync::push::{PushRequest, PushResponse};
use tournee_sync::rescue::Sealed;
use wasm_split_helpers::SplitLoaderError;

/// A photo on a bad network takes its time.
const UPLOAD_TIMEOUT_MS: u32 = 120_000;

/// One user's work on this device.
pub type Desk = tournee_sync::device::Desk<Browser>;

/// One tab, with one user's database.
pub struct Browser {
    store: IndexedDb,
    /// The private key last used; IndexedDB keeps it.
    signing: RefCell<Option<(KeyId, SigningKey)>>,
}

impl Browser {
    pub fn new(store: IndexedDb) -> Self {
        Self {
            store,
            signing: RefCell::default(),
        }
    }

    async fn signing_key(&self, public: &PublicKey) -> Result<SigningKey, String> {
        let id = public.id();
        if let Some((kept, key)) = &*self.signing.borrow()
            && *kept == id
        {
            return Ok(key.clone());
        }
        let private = self.store.key(&id.0).await;
        let private = private.map_err(|error| error.to_string())?;
        let private = private.ok_or_else(|| format!("key {id} is missing"))?;
        let key = SigningKey::new(public.algorithm, private);
        *self.signing.borrow_mut() = Some((id, key.clone()));
        Ok(key)
    }
}

impl Ports for Browser {
    type Store = IndexedDb;
    type Lock = Lock;

    fn store(&self) -> &IndexedDb {
        &self.store
    }

    fn now(&self) -> DateTime<FixedOffset> {
        clock::device_now()
    }

    fn zone(&self) -> String {
        clock::device_zone()
    }

    fn build(&self) -> String {
        updates::build()
    }

    async fn lock(&self, name: LockName) -> Result<Lock, String> {
        locks::acquire(&lock_name(name)).await
    }

    async fn try_lock(&self, name: LockName) -> Result<Option<Lock>, String> {
        locks::try_acquire(&lock_name(name)).await
    }

    async fn new_key(&self) -> Result<PublicKey, String> {
        let key = crypto::generate().await?;
        let kept = self.store.put_key(&key.public.id().0, &key.private).await;
        kept.map_err(|error| error.to_string())?;
        Ok(key.public)
    }

    async fn has_key(&self, public: &PublicKey) -> bool {
        self.signing_key(public).await.is_ok()
    }

    async fn sign(&self, public: &PublicKey, hash: Hash) -> Result<Bytes, String> {
        self.signing_key(public).await?.sign(hash).await
    }

    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Bytes,
    ) -> Result<bool, String> {
        crypto::verify(key, message, signature).await
    }

    async fn seal_for_office(
        &self,
        office_key: &Bytes,
        associated: &[u8],
        content: &[u8],
    ) -> Result<Sealed, String> {
        sealing::seal(office_key, associated, content).await
    }

    async fn own_reader(&self) -> Result<OwnReader<Self>, StoreError> {
        let reader = own_reader().await;
        reader.map_err(|error| StoreError::Refused(error.to_string()))
    }

    async fn rest(&self) {
        clock::idle().await;
    }

    async fn session(&self) -> Result<SessionResponse, CallError> {
        api::get("session").await
    }

    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolResponse, CallError> {
        api::post("enrol", request).await
    }

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, CallError> {
        api::post("push", request).await
    }

    async fn pull(&self, request: &PullRequest) -> Result<PullResponse, CallError> {
        api::post("pull", request).await
    }

    async fn upload_state(&self, hash: &BlobHash) -> Result<Option<UploadState>, CallError> {
        let answer = send(Method::HEAD, &address(hash), Body::Empty, TIMEOUT_MS).await;
        let answer = answer.map_err(api::unanswered)?;
        match (answer.status, answer.upload) {
            (200, Some(state)) => Ok(Some(state)),
            // Only the office says so even where it has nothing: a HEAD has no body to tell it by.
            (404, Some(_)) => Ok(None),
            _ => Err(api::refusal(&answer)),
        }
    }

    async fn send_chunk(
        &self,
        hash: &BlobHash,
        offset_bytes: u64,
        chunk: &[u8],
    ) -> Result<UploadState, CallError> {
        let body = Body::Chunk {
            offset_bytes,
            bytes: chunk,
        };
        let answer = send(Method::PATCH, &address(hash), body, UPLOAD_TIMEOUT_MS).await;
        let answer = answer.map_err(api::unanswered)?;
        match (answer.status, answer.upload) {
            (201 | 204 | 409 | 422, Some(state)) => Ok(state),
            _ => Err(api::refusal(&answer)),
        }
    }

    async fn fetch_blob(&self, hash: &BlobHash) -> Result<Option<(String, Vec<u8>)>, CallError> {
        let answer = send(Method::GET, &address(hash), Body::Empty, UPLOAD_TIMEOUT_MS).await;
        let answer = answer.map_err(api::unanswered)?;
        match answer.status {
            200 => Ok(Some((answer.content_type, answer.body))),
            404 => Ok(None),
            _ => Err(api::refusal(&answer)),
        }
    }
}

/// Where nothing waits, the app opens without it (docs/decisions/0002-build.md).
#[cfg(not(test))]
#[wasm_split_helpers::wasm_split(field, fallible)]
fn own_reader() -> Result<OwnReader<Browser>, SplitLoaderError> {
    Ok(OwnReader::here())
}

/// Nobody takes the tests' program apart.
#[cfg(test)]
async fn own_reader() -> Result<OwnReader<Browser>, SplitLoaderError> {
    Ok(OwnReader::here())
}

fn lock_name(name: LockName) -> String {
    match name {
        LockName::Writer(user) => format!("tournee-writer-{user}"),
        LockName::Exchange(user) => format!("tournee-sync-{user}"),
    }
}

fn address(hash: &BlobHash) -> String {
    api::path(&format!("blobs/{hash}"))
}

#[cfg(test)]
mod tests;
