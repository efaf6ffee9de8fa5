//! A lost device gets no records and changes none, until somebody takes that back (SYNC 37).

use crate::clock;
use crate::database::devices::{self, Revocation};
use crate::database::{SqliteOffice, sessions, users};
use crate::error::{Error, Result};
use crate::office::Office;
use tournee_domain::DeviceId;
use tournee_sync::office::{DeviceReport, OfficeStore};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RevocationRefused {
    #[error("no device is called « {0} »: the list of devices names them")]
    Unknown(String),
    #[error("device {0} is already revoked")]
    AlreadyRevoked(String),
    #[error("device {0} is not revoked")]
    NotRevoked(String),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for RevocationRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What is asked of a device, by whom and why.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Its id, or its label in either case.
    pub device: &'a str,
    /// Otherwise a revocation is taken back.
    pub revoke: bool,
    pub author: &'a str,
    pub reason: &'a str,
}

/// Revokes a device or takes that back, and returns it as it then is. Revoking ends every session of its user: whoever
/// holds the device also holds its session, and could enrol another installation with it.
///
/// # Errors
/// [`RevocationRefused`]
pub async fn change(
    office: &Office,
    change: Change<'_>,
) -> Result<DeviceReport, RevocationRefused> {
    let now_ms = clock::now_ms();
    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let device = find(&mut store, change.device, now_ms).await?;
    match (device.revoked_at_ms.is_some(), change.revoke) {
        (true, true) => return Err(RevocationRefused::AlreadyRevoked(device.label)),
        (false, false) => return Err(RevocationRefused::NotRevoked(device.label)),
        _ => {}
    }
    let id: DeviceId = device
        .id
        .parse()
        .map_err(|error| Error::corrupt("a device")(&error))?;
    store.revoke(id, change.revoke.then_some(now_ms)).await?;
    let organisation = store.record().id;
    let connection = store.connection();
    let noted = match change.revoke {
        true => Revocation {
            author: change.author,
            reason: change.reason,
        },
        false => Revocation::default(),
    };
    devices::note_revocation(connection, organisation, id, noted).await?;
    if change.revoke
        && let Some(user) = users::by_login(connection, organisation, &device.login).await?
    {
        sessions::end_all(connection, organisation, user.user.id).await?;
    }
    let report = find(&mut store, change.device, now_ms).await?;
    store.commit().await?;
    Ok(report)
}

async fn find(
    store: &mut SqliteOffice,
    name: &str,
    now_ms: i64,
) -> Result<DeviceReport, RevocationRefused> {
    let organisation = store.record().id;
    let devices = devices::reports(store.connection(), organisation, now_ms).await?;
    let mut devices = devices.into_iter();
    let found = devices.find(|device| {
        device.id.eq_ignore_ascii_case(name) || device.label.eq_ignore_ascii_case(name)
    });
    found.ok_or_else(|| RevocationRefused::Unknown(name.to_owned()))
}
