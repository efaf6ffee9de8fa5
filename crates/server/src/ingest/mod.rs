//! A push enters the journal, the records and the quarantine, in one transaction (SYNC 13–18).

mod batch;
mod examine;

pub use examine::Examined;

use crate::clock;
use crate::database::organisations::{self, OrganisationRecord};
use crate::database::{devices, facts, users};
use crate::error::Error;
use crate::office::Office;
use batch::Batch;
use tournee_domain::UserId;
use tournee_sync::office::STAGED_MAX;
use tournee_sync::push::{PushRequest, PushResponse};

/// Why a push was not taken at all; the device keeps everything and tries again.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("this office did not enrol device {0} in that epoch: enrol again")]
    UnknownDevice(String),
    #[error(
        "neither a session of the device's user nor a fact signed by its key: sign in, or push facts"
    )]
    NotAuthorised,
    #[error("{STAGED_MAX} facts already wait for the one at {need_from}: push from there")]
    TooManyStaged { need_from: u64 },
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for PushError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes a push. It is authorised by a session of the device's user, or by the first fact's signature (SYNC 37). When it
/// returns, everything acknowledged is durable.
///
/// # Errors
/// [`PushError`]: nothing was stored.
pub async fn push(
    office: &Office,
    organisation: &OrganisationRecord,
    request: PushRequest,
    session: Option<UserId>,
) -> Result<PushResponse, PushError> {
    let place = (request.device, request.epoch);
    let unknown = || PushError::UnknownDevice(request.device.to_string());
    let registered = {
        let mut tx = office.database.read().await?;
        devices::epoch(&mut tx, organisation.id, place.0, place.1).await?
    }
    .filter(|epoch| epoch.user.is_some())
    .ok_or_else(unknown)?;

    // Signatures cost the most and need no lock: they are checked before the writer's turn.
    let key = registered.key.clone();
    let from_seq = request.from_seq;
    let sent = request.facts;
    let examined = tokio::task::spawn_blocking(move || examine::all(sent, from_seq, &key))
        .await
        .map_err(|error| Error::Corrupt(format!("checking signatures: {error}")))?;
    let by_signature = examined
        .first()
        .is_some_and(|first| first.signed && first.hash_covers);
    if !by_signature && (session.is_none() || session != registered.user) {
        return Err(PushError::NotAuthorised);
    }

    let now_ms = clock::now_ms();
    let mut tx = office.database.write().await?;
    let organisation = organisations::required(&mut tx).await?;
    let epoch = devices::epoch(&mut tx, organisation.id, place.0, place.1)
        .await?
        .ok_or_else(unknown)?;
    let user = epoch.user.unwrap_or(UserId(uuid::Uuid::nil()));
    let user = users::by_id(&mut tx, organisation.id, user)
        .await?
        .ok_or_else(unknown)?
        .user;
    let waiting = facts::staged(&mut tx, organisation.id, place).await?;
    if waiting.len() + examined.len() > STAGED_MAX && from_seq > epoch.chain.head_seq + 1 {
        return Err(PushError::TooManyStaged {
            need_from: epoch.chain.head_seq + 1,
        });
    }
    let waiting = waiting
        .into_iter()
        .map(|(seq, sealed)| Examined::again(seq, sealed))
        .collect();

    let mut batch = Batch::load(
        &mut tx,
        &organisation,
        epoch,
        user,
        &examined,
        waiting,
        now_ms,
    )
    .await?;
    let results = batch.decide(examined);
    let last = batch.write(&mut tx).await?;
    let (need_from, epoch) = batch.finish();
    devices::seen(&mut tx, organisation.id, place.0, &request.build, now_ms).await?;
    tx.commit().await?;
    if let Some(last) = last {
        office.announce(last);
    }

    // Only now: what follows says that everything is durable (SYNC 17).
    let head = (epoch.chain.head_seq, epoch.chain.head_hash);
    Ok(PushResponse {
        ack: office.acknowledge(&organisation, place, head)?,
        results,
        need_from,
        frozen: epoch.chain.frozen,
    })
}
