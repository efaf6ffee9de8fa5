//! A push enters the journal, the records and the quarantine, in one transaction (SYNC 13–18).

use super::batch::Batch;
use super::store::{DeviceEpoch, OfficeKey, OfficeStore, OrganisationState};
use super::{Examined, Names, STAGED_MAX, acknowledge};
use crate::certificate::Certificate;
use crate::encoding::Hash;
use crate::push::{FactResult, FactStatus, PushRequest, PushResponse};
use tournee_domain::{DeviceId, OrganisationId, UserId};

/// Why a push was not taken at all; the device keeps everything and tries again.
#[derive(Debug, thiserror::Error)]
pub enum PushRefused<E> {
    #[error("this office did not enrol device {0} in that epoch: enrol again")]
    UnknownDevice(DeviceId),
    #[error(
        "neither a session of the device's user nor a fact signed by its key: sign in, or push facts"
    )]
    NotAuthorised,
    #[error("{STAGED_MAX} facts already wait for the one at {need_from}: push from there")]
    TooManyStaged { need_from: u64 },
    #[error(transparent)]
    Failed(#[from] E),
}

/// What a push wrote into the open transaction. It says nothing to the device before the commit.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// One per fact pushed, in order.
    pub results: Vec<FactResult>,
    /// The office misses earlier facts: push again from here.
    pub need_from: Option<u64>,
    /// The last number given out, if any was, for those who listen.
    pub last: Option<u64>,
    /// Facts of this push that are safe beside the chain.
    held: Vec<Hash>,
    organisation: OrganisationState,
    epoch: DeviceEpoch,
}

impl Pushed {
    /// The chain as it is once the transaction is committed.
    pub fn epoch(&self) -> &DeviceEpoch {
        &self.epoch
    }

    /// The answer. What it says is true only after the commit (SYNC 17).
    pub fn committed(self, key: &impl OfficeKey, now_ms: i64) -> PushResponse {
        PushResponse {
            ack: acknowledge(key, &self.organisation, &self.epoch, self.held, now_ms),
            results: self.results,
            need_from: self.need_from,
            frozen: self.epoch.chain.frozen,
        }
    }
}

/// Whether a push is by who it says: under a session of the device's user, or its first fact signed by the device
/// (SYNC 37). A shell may ask before it waits for the writer's turn.
pub fn is_authorised(examined: &[Examined], author: UserId, session: Option<UserId>) -> bool {
    let first = examined.first();
    first.is_some_and(|first| first.signed && first.hash_covers) || session == Some(author)
}

/// What this office once certified of the epoch that a push is for: it registers that again when it has forgotten it.
pub fn certified(
    request: &PushRequest,
    organisation: OrganisationId,
    key: &impl OfficeKey,
) -> Option<Certificate> {
    let certificate = request.certificate.as_ref()?.open(organisation, key)?;
    let is_it = (certificate.device, certificate.epoch) == (request.device, request.epoch);
    is_it.then_some(certificate)
}

/// Takes a push: of `request` what stands around the facts, the facts as `examined` with the key of the epoch, or else of
/// what is [`certified`].
///
/// # Errors
/// [`PushRefused`]: nothing was written.
pub async fn push<S: OfficeStore>(
    store: &mut S,
    request: &PushRequest,
    examined: Vec<Examined>,
    certified: Option<&Certificate>,
    session: Option<UserId>,
    now_ms: i64,
) -> Result<Pushed, PushRefused<S::Error>> {
    let chain = (request.device, request.epoch);
    let unknown = || PushRefused::UnknownDevice(request.device);
    let mut known = store.epoch(chain.0, chain.1).await?;
    if known.is_none()
        && let Some(certificate) = certified
        && is_authorised(&examined, certificate.user, session)
        && store.reinstate(certificate).await?
    {
        known = store.epoch(chain.0, chain.1).await?;
    }
    let epoch = known.ok_or_else(unknown)?;
    let author = epoch.user.ok_or_else(unknown)?;
    if !is_authorised(&examined, author, session) {
        return Err(PushRefused::NotAuthorised);
    }
    let user = store.user(author).await?.ok_or_else(unknown)?.user;

    let waiting = store.staged(chain).await?;
    let need_from = epoch.chain.head_seq + 1;
    if waiting.len() + examined.len() > STAGED_MAX && request.from_seq > need_from {
        return Err(PushRefused::TooManyStaged { need_from });
    }
    let waiting: Vec<Examined> = waiting
        .into_iter()
        .map(|(seq, sealed)| Examined::again(seq, sealed))
        .collect();

    let names = Names::of(examined.iter().chain(&waiting));
    let places = (
        examined.first().map_or(0, |fact| fact.seq),
        examined.last().map_or(0, |fact| fact.seq),
    );
    let lookups = store.look_up(chain, places, &names).await?;
    let organisation = store.organisation().clone();
    let mut batch = Batch::new(&organisation, epoch, user, lookups, now_ms);
    let hashes: Vec<Hash> = examined.iter().map(|fact| fact.sealed.hash).collect();
    let results = batch.decide(examined, waiting);
    let need_from = batch.need_from();
    let outcome = batch.outcome();
    // A head that is not of this push may be another installation's: the device hears of each fact that is here.
    let head = outcome.epoch.chain;
    let split = head.frozen || head.head_seq > places.1;
    let is_held = |status: FactStatus| {
        status.is_beside_the_chain() || (split && status == FactStatus::Duplicate)
    };
    let held = hashes.into_iter().zip(&results);
    let held = held.filter(|(_, result)| is_held(result.status));
    let held = held.map(|(hash, _)| hash).collect();
    store.write(&outcome).await?;
    let heartbeat = request.heartbeat.as_ref();
    store
        .seen(chain.0, &request.build, heartbeat, now_ms)
        .await?;
    Ok(Pushed {
        results,
        need_from,
        last: outcome.last(),
        held,
        organisation,
        epoch: outcome.epoch,
    })
}
