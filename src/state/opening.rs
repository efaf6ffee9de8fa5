//! From an address to an open desk: who was here last, and their database.

use super::app::App;
use super::device::{Browser, Desk};
use super::identity;
use super::types::KnownUser;
use tournee_store::IndexedDb;
use tournee_sync::device::store::StoreError;

impl App {
    /// Opens what the last user left on this device.
    pub(super) async fn boot(self) {
        if let Some(desk) = likely_desk().await {
            return self.sit_down(desk);
        }
        match identity::last_user().await {
            Ok(Some(user)) => self.open(&user).await,
            Ok(None) => self.show_sign_in().await,
            Err(error) => self.storage_failed(&error),
        }
    }

    /// Opens a user's database, who is back; the network is not needed.
    pub(super) async fn open(self, user: &KnownUser) {
        let name = identity::database_name(user.organisation, user.user);
        match open_desk(&name).await {
            Ok(Some(desk)) => match desk.store().set_left(false).await {
                Ok(()) => {
                    identity::note_database(&name);
                    self.sit_down(desk);
                }
                Err(error) => self.storage_failed(&error.into()),
            },
            // The browser cleared the data, or the first sign-in was broken off.
            Ok(None) => self.show_sign_in().await,
            Err(error) => self.storage_failed(&error.into()),
        }
    }
}

/// The desk that was open last, where nobody has left it since: then the registry need not be asked. What is wrong with it is
/// said where it is opened by what the registry says.
async fn likely_desk() -> Option<Desk> {
    let name = identity::last_database()?;
    let desk = open_desk(&name).await.ok().flatten()?;
    if desk.store().has_left() {
        return None;
    }
    identity::note_database(&name);
    Some(desk)
}

async fn open_desk(name: &str) -> Result<Option<Desk>, StoreError> {
    Desk::open(Browser::new(IndexedDb::open(name).await?)).await
}
