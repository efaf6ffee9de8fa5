//! What the installation remembers: who works on this device, and how they like it.

use super::types::{KnownUser, Me, StoreError, Theme};
use crate::browser::{random, settings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tournee_domain::format::Language;
use tournee_domain::{OrganisationId, UserId};
use tournee_store::indexed_db::ahead;
use tournee_store::indexed_db::registry;
use tournee_sync::device::Identity;
use uuid::Uuid;

/// In localStorage.
const LANGUAGE: &str = "tournee.language";
const THEME: &str = "tournee.theme";
/// What the page's script reads while the program is on its way (`public/boot.js`): of the last user's database, which is
/// opened while the registry, which decides, is being asked.
const READ_AHEAD: &str = "tournee.read_ahead";
/// In the registry.
const INSTALLATION: &str = "installation";
const KNOWN_USERS: &str = "known_users";
const LAST_USER: &str = "last_user";
/// A shared device remembers at most so many people.
const KNOWN_USERS_MAX: usize = 20;

impl Me {
    pub fn of(identity: &Identity) -> Self {
        Self {
            organisation: identity.organisation.clone(),
            user: identity.user.clone(),
            device: identity.device.clone(),
        }
    }
}

impl KnownUser {
    pub fn of(identity: &Identity) -> Self {
        Self {
            organisation: identity.organisation.id,
            organisation_name: identity.organisation.name.clone(),
            user: identity.user.id,
            login: identity.user.login.clone(),
            name: identity.user.name.clone(),
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

/// The database that is most likely the last user's.
pub fn last_database() -> Option<String> {
    ahead::database_of(&settings::text(READ_AHEAD)?).map(str::to_owned)
}

/// The next start opens this database at once.
pub fn note_database(name: &str) {
    let note = ahead::note(name);
    if settings::text(READ_AHEAD).as_ref() != Some(&note) {
        settings::set_text(READ_AHEAD, &note);
    }
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
    registry::put(&values).await?;
    note_database(&database_name(user.organisation, user.user));
    Ok(())
}

/// The next start asks who it is.
///
/// # Errors
/// When the registry fails.
pub async fn forget_last_user() -> Result<(), StoreError> {
    registry::put(&[(LAST_USER, None)]).await?;
    settings::forget(READ_AHEAD);
    Ok(())
}

/// What cannot be read counts as forgotten: signing in writes it anew.
async fn read<T: DeserializeOwned>(name: &str) -> Result<Option<T>, StoreError> {
    let text = registry::get(name).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn json(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}
