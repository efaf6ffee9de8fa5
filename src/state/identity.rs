//! Who works on this device, as the store keeps it; and what the installation remembers of them.

use super::types::{KnownUser, Me, StoreError, Theme};
use crate::browser::{random, settings};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tournee_domain::format::Language;
use tournee_domain::{OrganisationId, UserId};
use tournee_store::indexed_db::registry;
use tournee_sync::enrol::{EnrolledDevice, Organisation, User};
use tournee_sync::key::PublicKey;
use uuid::Uuid;

/// In localStorage.
const LANGUAGE: &str = "tournee.language";
const THEME: &str = "tournee.theme";
/// In the registry.
const INSTALLATION: &str = "installation";
const KNOWN_USERS: &str = "known_users";
const LAST_USER: &str = "last_user";
/// A shared device remembers at most so many people.
const KNOWN_USERS_MAX: usize = 20;

/// Kept as JSON for as long as the database; fields may be added with a default, never renamed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    pub organisation: Organisation,
    pub user: User,
    pub device: EnrolledDevice,
    /// The office's public key, pinned when the device enrolled (SYNC 1).
    pub office_key: PublicKey,
    /// This device's own key of this epoch.
    pub key: PublicKey,
    /// The office no longer takes this enrolment's facts or does not know it: the next sign-in enrols again.
    #[serde(default)]
    pub enrol_again: bool,
}

impl Identity {
    pub fn me(&self) -> Me {
        Me {
            organisation: self.organisation.clone(),
            user: self.user.clone(),
            device: self.device.clone(),
        }
    }

    pub fn known_user(&self) -> KnownUser {
        KnownUser {
            organisation: self.organisation.id,
            organisation_name: self.organisation.name.clone(),
            user: self.user.id,
            login: self.user.login.clone(),
            name: self.user.name.clone(),
        }
    }
}

/// The name of a user's own database (SYNC 37).
pub fn database_name(organisation: OrganisationId, user: UserId) -> String {
    format!("tournee-{organisation}-{user}")
}

/// This installation's id, made once (SYNC 1).
///
/// # Errors
/// When the registry fails.
pub async fn installation() -> Result<Uuid, StoreError> {
    if let Some(id) = read(INSTALLATION).await? {
        return Ok(id);
    }
    let id = random::uuid_v7();
    registry::put(&[(INSTALLATION, json(&id))]).await?;
    Ok(id)
}

/// French unless chosen otherwise.
pub fn language() -> Language {
    settings::get(LANGUAGE).unwrap_or_default()
}

pub fn set_language(language: Language) {
    settings::set(LANGUAGE, &language);
}

pub fn theme() -> Theme {
    settings::get(THEME).unwrap_or_default()
}

pub fn set_theme(theme: Theme) {
    settings::set(THEME, &theme);
}

/// People whose data this device holds, the latest first.
///
/// # Errors
/// When the registry fails.
pub async fn known_users() -> Result<Vec<KnownUser>, StoreError> {
    Ok(read(KNOWN_USERS).await?.unwrap_or_default())
}

/// The user whose data open when the app starts; `None` after signing out.
///
/// # Errors
/// When the registry fails.
pub async fn last_user() -> Result<Option<KnownUser>, StoreError> {
    read(LAST_USER).await
}

/// Puts somebody at the head of the known users, to be opened at the next start.
///
/// # Errors
/// When the registry fails.
pub async fn remember(user: &KnownUser) -> Result<(), StoreError> {
    let mut known = known_users().await?;
    known.retain(|other| (other.organisation, other.user) != (user.organisation, user.user));
    known.insert(0, user.clone());
    known.truncate(KNOWN_USERS_MAX);
    let values = [(KNOWN_USERS, json(&known)), (LAST_USER, json(user))];
    Ok(registry::put(&values).await?)
}

/// The next start asks who it is.
///
/// # Errors
/// When the registry fails.
pub async fn forget_last_user() -> Result<(), StoreError> {
    Ok(registry::put(&[(LAST_USER, None)]).await?)
}

/// What cannot be read counts as forgotten: signing in writes it anew.
async fn read<T: DeserializeOwned>(name: &str) -> Result<Option<T>, StoreError> {
    let text = registry::get(name).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn json(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}
