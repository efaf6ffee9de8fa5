//! Signing in: the office's session, this user's own database, and the device's enrolment (SYNC 1, 37).

use super::api;
use super::device::{Browser, Desk};
use super::identity::{self, database_name};
use super::types::{KnownUser, SignInError, StoreError};
use crate::browser::storage;
use leptos::task::spawn_local;
use tournee_store::IndexedDb;
use tournee_sync::device::{EnrolError, sit_down};
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
    let installation = identity::installation().await?;
    let desk = sit_down(Browser::new(store), session, installation).await?;
    // The browser may ask the user, who has just shown to want this app; signing in does not wait for the answer.
    spawn_local(async {
        storage::persist().await;
    });
    let user = KnownUser::of(&desk.identity.borrow());
    identity::remember(&user).await?;
    Ok(desk)
}

impl From<EnrolError> for SignInError {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Call(error) => error.into(),
            EnrolError::Store(error) => StoreError::from(error).into(),
            EnrolError::Key(_) | EnrolError::FormerEpoch(_) => Self::Other(error.to_string()),
        }
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.to_string())
    }
}
