//! The office: its database, its key, its files, and who listens for changes.

use crate::clock;
use crate::config::DataDir;
use crate::database::organisations::{self, NewOrganisation, OrganisationRecord};
use crate::database::{Connection, Database, devices};
use crate::error::{Error, Result};
use crate::keys::{OfficeKey, RescueKey};
use crate::random;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tournee_domain::DeviceId;

/// Snapshots given out at once; who comes later is told when to ask again (SYNC 24).
pub const SNAPSHOTS_MAX: usize = 16;

/// Everything a command or a request works with.
#[derive(Clone)]
pub struct Office {
    pub data: DataDir,
    pub database: Database,
    pub key: Arc<OfficeKey>,
    pub rescue_key: Arc<RescueKey>,
    /// The last number given out, for those who listen.
    pub changes: Arc<watch::Sender<u64>>,
    pub snapshots: Arc<Semaphore>,
}

impl Office {
    /// # Errors
    /// One line that names the directory and what is wrong with it.
    pub async fn open(root: &Path) -> Result<Self> {
        let data = DataDir::open(root)?;
        let _alone = data.open_alone()?;
        if data.database().exists() && !data.key().exists() {
            return Err(Error::Usage(format!(
                "{} is missing: restore it from a backup, every device trusts only that key",
                data.key().display()
            )));
        }
        let key = OfficeKey::load_or_create(&data.key())?;
        let rescue_key = RescueKey::load_or_create(&data.rescue_key())?;
        let database = Database::open(&data.database()).await?;
        tell_rescue_key(&database, &rescue_key).await?;
        Ok(Self {
            data,
            database,
            key: Arc::new(key),
            rescue_key: Arc::new(rescue_key),
            changes: Arc::new(watch::Sender::new(0)),
            snapshots: Arc::new(Semaphore::new(SNAPSHOTS_MAX)),
        })
    }

    /// The organisation of this office.
    ///
    /// # Errors
    /// When there is none yet; the text says how to make one.
    pub async fn organisation(&self) -> Result<OrganisationRecord> {
        let mut tx = self.database.read().await?;
        organisations::required(&mut tx).await
    }

    /// Makes the organisation and the office's own device.
    ///
    /// # Errors
    /// When the data directory holds one already.
    pub async fn create_organisation(
        &self,
        connection: &mut Connection,
        new: &NewOrganisation<'_>,
    ) -> Result<OrganisationRecord> {
        organisations::create(connection, new).await?;
        let device = DeviceId(random::uuid());
        organisations::set_rescue_key(connection, &self.rescue_key.public()).await?;
        devices::create_office(
            connection,
            new.id,
            device,
            &self.key.public(),
            clock::now_ms(),
        )
        .await?;
        organisations::required(connection).await
    }

    /// Tells those who listen that the log grew. After the commit, never before.
    pub fn announce(&self, server_seq: u64) {
        self.changes.send_if_modified(|last| {
            let grew = server_seq > *last;
            *last = server_seq.max(*last);
            grew
        });
    }
}

/// An older data directory gets its key at its first start; devices hear of it at their next pull.
async fn tell_rescue_key(database: &Database, key: &RescueKey) -> Result<()> {
    let organisation = organisations::only(&mut *database.read().await?).await?;
    let public = key.public();
    if organisation.is_none_or(|known| known.rescue_key.as_ref() == Some(&public)) {
        return Ok(());
    }
    let mut tx = database.write().await?;
    organisations::set_rescue_key(&mut tx, &public).await?;
    Ok(tx.commit().await?)
}
