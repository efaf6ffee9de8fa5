//! From an address to an open desk: who was here last, and their database.

use super::app::App;
use super::device::{Browser, Desk};
use super::identity;
use super::types::KnownUser;
use futures::future::join;
use tournee_store::IndexedDb;
use tournee_store::indexed_db::ahead;
use tournee_sync::device::store::StoreError;

impl App {
    /// Opens what the last user left on this device.
    pub(super) async fn boot(self) {
        let likely = identity::last_database();
        let (user, opened) = join(identity::last_user(), async {
            match &likely {
                Some(name) => open_desk(name).await,
                None => Ok(None),
            }
        })
        .await;
        match user {
            Ok(Some(user)) => {
                let name = name_of(&user);
                identity::note_database(&name);
                match likely == Some(name) {
                    true => self.opened(opened).await,
                    false => self.open(&user).await,
                }
            }
            Ok(None) => self.show_sign_in().await,
            Err(error) => self.storage_failed(&error),
        }
        ahead::forget();
    }

    /// Opens a user's database; the network is not needed.
    pub(super) async fn open(self, user: &KnownUser) {
        self.opened(open_desk(&name_of(user)).await).await;
    }

    async fn opened(self, desk: Result<Option<Desk>, StoreError>) {
        match desk {
            Ok(Some(desk)) => self.sit_down(desk),
            // The browser cleared the data, or the first sign-in was broken off.
            Ok(None) => self.show_sign_in().await,
            Err(error) => self.storage_failed(&error.into()),
        }
    }
}

async fn open_desk(name: &str) -> Result<Option<Desk>, StoreError> {
    Desk::open(Browser::new(IndexedDb::open(name).await?)).await
}

fn name_of(user: &KnownUser) -> String {
    identity::database_name(user.organisation, user.user)
}
