//! Signing in: the office's session, this user's own database, and the device's enrolment (SYNC 1, 37).

use super::api;
use super::desk::{Desk, signing_key};
use super::identity::{self, Identity, database_name};
use super::types::{SignInError, StoreError};
use crate::browser::{crypto, storage, updates};
use leptos::task::spawn_local;
use tournee_store::{DeviceStore, Head, IndexedDb};
use tournee_sync::PROTOCOL;
use tournee_sync::encoding::Hash;
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::office::{SessionResponse, SignInRequest};

/// Signs in and opens the user's desk, enrolled.
///
/// # Errors
/// [`SignInError`]; what was on the device stays as it was.
pub async fn sign_in(login: String, password: String) -> Result<Desk, SignInError> {
    let request = SignInRequest { login, password };
    let session: SessionResponse = api::post("session", &request).await?;
    let name = database_name(session.organisation.id, session.user.id);
    let store = IndexedDb::open(&name).await.map_err(StoreError::from)?;
    let before = known_identity(&store).await?;
    match before {
        Some(known) if !known.enrol_again => {
            let refreshed = Identity {
                organisation: session.organisation,
                user: session.user,
                ..known
            };
            keep(&store, &refreshed, None).await?;
        }
        before => enrol(&store, before.map(|known| known.device.epoch)).await?,
    }
    // The browser may ask the user, who has just shown to want this app; signing in does not wait for the answer.
    spawn_local(async {
        storage::persist().await;
    });
    let desk = Desk::open(store).await?;
    let user = desk.identity.borrow().known_user();
    identity::remember(&user).await?;
    Ok(desk)
}

/// Who was enrolled in this store, if the private key is still there.
async fn known_identity(store: &IndexedDb) -> Result<Option<Identity>, StoreError> {
    let loaded = store.load_own().await?;
    let identity: Option<Identity> = loaded
        .identity
        .and_then(|json| serde_json::from_str(&json).ok());
    let Some(identity) = identity else {
        return Ok(None);
    };
    let has_key = signing_key(store, &identity).await.is_ok();
    Ok(Some(Identity {
        enrol_again: identity.enrol_again || !has_key,
        ..identity
    }))
}

/// Makes a key, has the office register it, and begins the new epoch's chain. Facts of earlier epochs stay.
async fn enrol(store: &IndexedDb, former_epoch: Option<u32>) -> Result<(), SignInError> {
    let key = crypto::generate().await.map_err(SignInError::Other)?;
    let name = key.public.id();
    store
        .put_key(&name.0, &key.private)
        .await
        .map_err(StoreError::from)?;
    let request = EnrolRequest {
        protocol: PROTOCOL,
        installation: identity::installation().await?,
        key: key.public.clone(),
        build: updates::build(),
    };
    let enrolled: EnrolResponse = api::post("enrol", &request).await?;
    let epoch = enrolled.device.epoch;
    if former_epoch.is_some_and(|former| former >= epoch) {
        return Err(SignInError::Other(format!(
            "the office gave epoch {epoch}, which this device had before"
        )));
    }
    let identity = Identity {
        organisation: enrolled.organisation,
        user: enrolled.user,
        device: enrolled.device,
        office_key: enrolled.office_key,
        key: key.public,
        enrol_again: false,
    };
    let head = Head {
        epoch,
        seq: 0,
        hash: Hash::GENESIS.to_string(),
        receipts: 0,
    };
    keep(store, &identity, Some(&head)).await
}

async fn keep(
    store: &IndexedDb,
    identity: &Identity,
    head: Option<&Head>,
) -> Result<(), SignInError> {
    let json =
        serde_json::to_string(identity).map_err(|error| SignInError::Other(error.to_string()))?;
    store
        .enrol(&json, head)
        .await
        .map_err(|error| StoreError::from(error).into())
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.to_string())
    }
}
