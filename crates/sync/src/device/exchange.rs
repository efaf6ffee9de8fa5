//! One exchange with the office: what waits goes, what is new comes (SYNC 13).

use super::audit::audit;
use super::blobs;
use super::desk::Desk;
use super::error::SyncError;
use super::ports::{LockName, Ports};
use super::pull::{self, PullEnd};
use super::push;
use super::retention;
use super::store::{DeviceStore, FactKey};
use crate::pull::Progress;
use std::collections::BTreeSet;

/// A second push in one exchange picks up what was recorded during the first.
const ROUNDS_MAX: u32 = 10;

/// What an exchange has done so far, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progressed {
    /// It is this tab's turn.
    Begun,
    /// Own facts were sent or settled.
    OwnFacts,
    /// A part of the first portfolio came.
    FirstSnapshot(Progress),
    /// Records changed.
    Records,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchanged {
    Through,
    /// Facts went, by device signature; to receive, the user signs in again (SYNC 37).
    SessionExpired,
    /// Another tab is at it, and tells what changes.
    Elsewhere,
}

/// Pushes, pulls and sends photos, unless another tab is at it.
///
/// # Errors
/// [`SyncError`]: what did not go through still waits.
pub async fn exchange<P: Ports>(
    desk: &Desk<P>,
    tell: impl Fn(Progressed),
) -> Result<Exchanged, SyncError> {
    let user = desk.identity.borrow().user.id;
    let lock = desk.ports.try_lock(LockName::Exchange(user)).await;
    let Some(_lock) = lock.map_err(SyncError::Storage)? else {
        return Ok(Exchanged::Elsewhere);
    };
    tell(Progressed::Begun);
    if desk.store().pull_state().await? != *desk.pull.borrow() {
        // Another tab pulled since.
        desk.reload().await?;
        tell(Progressed::Records);
    }
    let mut received = Ok(Exchanged::Through);
    let mut unknown = BTreeSet::new();
    for round in 0..ROUNDS_MAX {
        let sent = push::push_all(desk).await?;
        if sent.any || round > 0 {
            tell(Progressed::OwnFacts);
        }
        unknown = sent.unknown;
        if round == 0 {
            received = receive(desk, &tell).await;
        }
        let answered = matches!(
            received,
            Ok(_) | Err(SyncError::Refused(_) | SyncError::Revoked | SyncError::TooOld)
        );
        if !answered {
            break;
        }
        if !desk.waiting_blobs.borrow().is_empty() {
            blobs::send_media(desk).await?;
        }
        let goes = |at: FactKey| !unknown.contains(&at.epoch);
        if desk.first_waiting(goes).is_none() || !unknown.is_empty() && round > 0 {
            break;
        }
    }
    // Whoever gets no records any more still brought every fact and photo (SYNC 36, 37).
    let exchanged = received?;
    if let Some(epoch) = unknown.first() {
        return Err(forgotten(desk, *epoch));
    }
    if exchanged == Exchanged::Through {
        retention::forget(desk).await?;
        desk.note_success().await?;
    }
    Ok(exchanged)
}

/// The office does not know an epoch whose facts wait here, nor the certificate of it.
fn forgotten<P: Ports>(desk: &Desk<P>, epoch: u32) -> SyncError {
    if epoch == desk.identity.borrow().device.epoch {
        return SyncError::DeviceFrozen;
    }
    SyncError::Refused(format!(
        "the office no longer knows epoch {epoch} of this device: export its facts and bring them to the office"
    ))
}

async fn receive<P: Ports>(
    desk: &Desk<P>,
    tell: &impl Fn(Progressed),
) -> Result<Exchanged, SyncError> {
    match take_records(desk, tell).await {
        Ok(()) => Ok(Exchanged::Through),
        Err(PullEnd::SessionExpired) => Ok(Exchanged::SessionExpired),
        Err(PullEnd::Failed(error)) => Err(error),
    }
}

async fn take_records<P: Ports>(desk: &Desk<P>, tell: &impl Fn(Progressed)) -> Result<(), PullEnd> {
    let is_first = desk.pull.borrow().generation == 0;
    let progress = |progress: Progress| {
        if is_first {
            tell(Progressed::FirstSnapshot(progress));
        }
    };
    let pulled = pull::pull_all(desk, progress).await?;
    if pulled.changed {
        desk.apply_own().await?;
        tell(Progressed::Records);
    }
    // Compared only now: nobody waits for it to see what came.
    if let Some(sums) = pulled.sums
        && audit(desk, &sums).await?
    {
        desk.apply_own().await?;
        tell(Progressed::Records);
    }
    Ok(())
}
