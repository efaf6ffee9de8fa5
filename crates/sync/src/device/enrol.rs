//! This device's enrolment of one user: online, under a session (SYNC 1).

use super::desk::Desk;
use super::identity::Identity;
use super::ports::{CallError, Ports};
use super::store::{DeviceStore, Head, StoreError};
use crate::PROTOCOL;
use crate::encoding::Hash;
use crate::enrol::EnrolRequest;
use crate::office::SessionResponse;
use tournee_domain::fact::Tally;
use uuid::Uuid;

/// What was on the device stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    #[error("the office did not enrol this device")]
    Call(CallError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the device's key failed: {0}")]
    Key(String),
    #[error("the office gave epoch {0}, which this device had before")]
    FormerEpoch(u32),
}

/// Opens the desk of a user who has just signed in, enrolled: again, when the office asked for it or the key is gone.
///
/// # Errors
/// [`EnrolError`]
pub async fn sit_down<P: Ports>(
    ports: P,
    session: SessionResponse,
    installation: Uuid,
) -> Result<Desk<P>, EnrolError> {
    match known_identity(&ports).await? {
        Some(known) if !known.enrol_again => {
            let refreshed = Identity {
                organisation: session.organisation,
                user: session.user,
                ..known
            };
            let epoch = refreshed.device.epoch;
            let kept = ports.store().keep_identity(&json(&refreshed)?, epoch).await;
            unless_moved(kept)?;
        }
        before => {
            enrol(&ports, before, installation).await?;
        }
    }
    let desk = Desk::open(ports).await?;
    desk.ok_or_else(|| StoreError::Corrupt("the enrolment was not kept".to_owned()).into())
}

/// Who was enrolled in this store.
async fn known_identity(ports: &impl Ports) -> Result<Option<Identity>, StoreError> {
    let loaded = ports.store().load_own().await?;
    let identity: Option<Identity> = loaded
        .identity
        .and_then(|json| serde_json::from_str(&json).ok());
    let Some(identity) = identity else {
        return Ok(None);
    };
    let has_key = ports.has_key(&identity.key).await;
    Ok(Some(Identity {
        enrol_again: identity.enrol_again || !has_key,
        ..identity
    }))
}

/// Makes a key, has the office register it, and begins the new epoch's chain. Facts of earlier epochs stay.
async fn enrol(
    ports: &impl Ports,
    former: Option<Identity>,
    installation: Uuid,
) -> Result<(), EnrolError> {
    let key = ports.new_key().await.map_err(EnrolError::Key)?;
    let request = EnrolRequest {
        protocol: PROTOCOL,
        installation,
        key: key.clone(),
        build: ports.build(),
        certificate: former.as_ref().and_then(|former| {
            let last = former.certificate(former.device.epoch);
            last.cloned()
        }),
    };
    let enrolled = ports.enrol(&request).await.map_err(EnrolError::Call)?;
    let epoch = enrolled.device.epoch;
    if former
        .as_ref()
        .is_some_and(|former| former.device.epoch >= epoch)
    {
        return Err(EnrolError::FormerEpoch(epoch));
    }
    let mut certificates = former.map_or_else(Vec::new, |former| former.certificates);
    certificates.push(enrolled.certificate);
    let identity = Identity {
        organisation: enrolled.organisation,
        user: enrolled.user,
        device: enrolled.device,
        office_key: enrolled.office_key,
        key,
        enrol_again: false,
        damage: None,
        certificates,
    };
    let head = Head {
        epoch,
        seq: 0,
        hash: Hash::GENESIS.to_string(),
        receipts: 0,
        tally: Some(Tally::default()),
    };
    Ok(unless_moved(
        ports.store().enrol(&json(&identity)?, &head).await,
    )?)
}

fn json(identity: &Identity) -> Result<String, StoreError> {
    serde_json::to_string(identity).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// When another tab enrolled at the same time and came further, its enrolment holds.
fn unless_moved(kept: Result<(), StoreError>) -> Result<(), StoreError> {
    match kept {
        Err(StoreError::HeadMoved) => Ok(()),
        kept => kept,
    }
}
