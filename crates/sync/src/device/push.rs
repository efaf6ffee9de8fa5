//! Facts to the office, and what its answer proves (SYNC 13–18).

use super::chain::{check_chain, push_length, push_request, read_ack, results_match};
use super::desk::{Desk, PendingFact};
use super::error::SyncError;
use super::ports::{CallError, Ports};
use super::retention;
use super::store::{DeviceStore, FactKey, FactRecord, FactState};
use crate::ack::{Ack, SignedAck};
use crate::encoding::{Bytes, Hash};
use crate::envelope::SealedFact;
use crate::key::KeyId;
use crate::push::{FactResult, FactStatus, PUSH_FACTS_MAX, PushRequest, PushResponse};
use std::collections::BTreeSet;
use tournee_domain::order;

/// Pushes of one exchange: 500 facts take five.
const PUSHES_MAX: u32 = 200;

/// What a round of pushes did.
#[derive(Debug, Default)]
pub struct Sent {
    /// Anything was sent.
    pub any: bool,
    /// Epochs that the office does not know, whose facts still wait.
    pub unknown: BTreeSet<u32>,
}

impl Sent {
    /// The first fact after `past` that waits in an epoch the office knows.
    fn first_waiting<P: Ports>(&self, desk: &Desk<P>, past: FactKey) -> Option<FactKey> {
        desk.first_waiting(|at| !self.unknown.contains(&at.epoch) && at > past)
    }
}

/// Sends everything that waits. What the office does not know stops nothing else.
///
/// # Errors
/// [`SyncError`]: what was not acknowledged still waits.
pub async fn push_all<P: Ports>(desk: &Desk<P>) -> Result<Sent, SyncError> {
    let mut sent = Sent::default();
    let mut from = None;
    // Past an unknown epoch nothing is acknowledged on this device: how far this round came.
    let mut past = FactKey::START;
    for _ in 0..PUSHES_MAX {
        let Some(first) = from.or_else(|| sent.first_waiting(desk, past)) else {
            return Ok(sent);
        };
        let Some(batch) = next_batch(desk, first).await? else {
            return Ok(sent);
        };
        let before = desk.acked_through.get();
        match push(desk, &batch).await? {
            Pushed::Unknown => {
                sent.unknown.insert(batch.from.epoch);
                from = None;
                continue;
            }
            Pushed::Taken { need_from } => {
                from = None;
                if let Some(missing) = need_from {
                    match can_send(desk, missing).await? {
                        true if missing < batch.from => from = Some(missing),
                        true => {}
                        false => strand(desk, missing).await?,
                    }
                }
            }
        }
        sent.any = true;
        if !sent.unknown.is_empty() && from.is_none() {
            past = batch.last();
        }
        let stuck = desk.acked_through.get() == before && from.is_none();
        // Not the batch's own beginning: where facts are gone, it begins after the one that waits.
        if stuck && sent.first_waiting(desk, past) == Some(first) {
            return Err(SyncError::Refused(
                "the office took a push without saying what became of it".to_owned(),
            ));
        }
    }
    Ok(sent)
}

/// Reminds an office that was put back of this device's enrolment; false when it does not take the certificate.
///
/// # Errors
/// [`SyncError`]
pub async fn present_certificate<P: Ports>(desk: &Desk<P>) -> Result<bool, SyncError> {
    let epoch = desk.identity.borrow().device.epoch;
    let nothing = Batch {
        from: FactKey { epoch, seq: 1 },
        facts: Vec::new(),
    };
    Ok(!matches!(push(desk, &nothing).await?, Pushed::Unknown))
}

/// Facts of one epoch, one after the other.
struct Batch {
    from: FactKey,
    facts: Vec<SealedFact>,
}

impl Batch {
    fn last(&self) -> FactKey {
        FactKey {
            seq: self.from.seq + self.facts.len().saturating_sub(1) as u64,
            ..self.from
        }
    }
}

/// What the office did with a push.
enum Pushed {
    Taken {
        /// The first fact that it misses, when others wait there for it.
        need_from: Option<FactKey>,
    },
    /// It does not know this epoch, and takes no certificate of it.
    Unknown,
}

/// The facts to send from `first` on, or from the first one after it that is still here.
async fn next_batch<P: Ports>(desk: &Desk<P>, first: FactKey) -> Result<Option<Batch>, SyncError> {
    let before = FactKey {
        seq: first.seq.saturating_sub(1),
        ..first
    };
    let limit = u32::try_from(PUSH_FACTS_MAX).unwrap_or(u32::MAX);
    let stored = desk.store().facts_after(before, limit).await?;
    let Some(from) = stored.first().map(|stored| stored.fact.at()) else {
        return Ok(None);
    };
    // Between facts that are kept longer, others may have been forgotten.
    let places = (from.seq..).map(|seq| FactKey { seq, ..from });
    let in_a_row = stored.iter().zip(places);
    let in_a_row = in_a_row.take_while(|(stored, place)| stored.fact.at() == *place);
    let mut facts: Vec<SealedFact> = in_a_row.map(|(stored, _)| sealed(&stored.fact)).collect();
    facts.truncate(push_length(&facts));
    Ok(Some(Batch { from, facts }))
}

/// Sends one batch.
async fn push<P: Ports>(desk: &Desk<P>, batch: &Batch) -> Result<Pushed, SyncError> {
    let device = desk.identity.borrow().device.id;
    let (epoch, from_seq) = (batch.from.epoch, batch.from.seq);
    let mut request = push_request(
        &desk.ports.build(),
        device,
        epoch,
        from_seq,
        batch.facts.clone(),
    );
    request.heartbeat = Some(desk.heartbeat());
    let mut answer = desk.ports.push(&request).await;
    if is_unknown(&answer) {
        request.certificate = desk.identity.borrow().certificate(epoch).cloned();
        if request.certificate.is_some() {
            answer = desk.ports.push(&request).await;
        }
    }
    if is_unknown(&answer) {
        if epoch == desk.identity.borrow().device.epoch {
            desk.mark_for_enrolment().await?;
        }
        return Ok(Pushed::Unknown);
    }
    let response = answer?;
    if !results_match(&request, &response.results) {
        return Err(SyncError::NotTheOffice(
            "the results are not those of the push".to_owned(),
        ));
    }
    let ack = heard(desk, &response.ack, epoch).await?;
    note_beside_the_chain(desk, &ack, &request, &response.results).await?;
    let is_former = epoch < desk.identity.borrow().device.epoch;
    match follow(desk, &ack).await {
        // A former epoch may have gone on elsewhere, in a copy of this installation: its own facts have arrived.
        Err(SyncError::ChainMismatch(_)) if is_former && !waits(desk, &request) => {}
        followed => followed?,
    }
    note_flags(desk, &request, &response.results).await?;
    // It goes on sending, into quarantine, until somebody signs in (SYNC 14); a former epoch is past that.
    if response.frozen && epoch == desk.identity.borrow().device.epoch {
        desk.mark_for_enrolment().await?;
    }
    let missing = response.need_from.map(|seq| FactKey { epoch, seq });
    Ok(Pushed::Taken { need_from: missing })
}

/// Whether this device has that fact, and the office has not set it aside.
async fn can_send<P: Ports>(desk: &Desk<P>, at: FactKey) -> Result<bool, SyncError> {
    let before = FactKey {
        seq: at.seq.saturating_sub(1),
        ..at
    };
    let found = desk.store().facts_after(before, 1).await?;
    let aside = |state: &Option<FactState>| matches!(state, Some(FactState::Quarantined { .. }));
    Ok(found
        .iter()
        .any(|stored| stored.fact.at() == at && !aside(&stored.state)))
}

/// The office will never get the fact it misses: what waits there for it is safe, and a person has to look at it, as at
/// what was set aside. The chain goes on in a new epoch.
async fn strand<P: Ports>(desk: &Desk<P>, missing: FactKey) -> Result<(), SyncError> {
    let detail = format!(
        "it waits at the office for fact {}, which this device cannot give",
        missing.seq
    );
    let waits_for_it = |fact: &&PendingFact| {
        fact.at.epoch == missing.epoch && fact.at > missing && fact.state == Some(FactState::Staged)
    };
    let stranded: Vec<(FactKey, FactState)> = {
        let facts = desk.facts.borrow();
        let stranded = facts.iter().filter(waits_for_it);
        let aside = |fact: &PendingFact| {
            let detail = detail.clone();
            (fact.at, FactState::Quarantined { detail })
        };
        stranded.map(aside).collect()
    };
    keep_states(desk, stranded).await?;
    if missing.epoch == desk.identity.borrow().device.epoch {
        desk.mark_for_enrolment().await?;
    }
    Ok(())
}

/// Whether the office says that it never enrolled this device in that epoch.
fn is_unknown(answer: &Result<PushResponse, CallError>) -> bool {
    matches!(answer, Err(error) if error.kind() == "unknown_device")
}

/// Whether a fact of this push still waits.
fn waits<P: Ports>(desk: &Desk<P>, request: &PushRequest) -> bool {
    let pushed = request.from_seq..request.from_seq + request.facts.len() as u64;
    let is_pushed = |at: FactKey| at.epoch == request.epoch && pushed.contains(&at.seq);
    desk.first_waiting(is_pushed).is_some()
}

/// Reads an acknowledgement by the pinned office and moves to where it says it has everything.
///
/// # Errors
/// [`SyncError::NotTheOffice`] for a wrong signature. [`SyncError::ChainMismatch`] for another chain: this installation
/// was copied or put back, and the next sign-in gives it an epoch of its own (SYNC 14).
pub async fn take_ack<P: Ports>(
    desk: &Desk<P>,
    ack: &SignedAck,
    epoch: u32,
) -> Result<(), SyncError> {
    let ack = heard(desk, ack, epoch).await?;
    follow(desk, &ack).await
}

/// Verifies what the office says, and notes that it answered.
async fn heard<P: Ports>(desk: &Desk<P>, ack: &SignedAck, epoch: u32) -> Result<Ack, SyncError> {
    let ack = read_signed(desk, ack, epoch).await?;
    desk.note_exchange(ack.server_now_ms).await?;
    Ok(ack)
}

async fn follow<P: Ports>(desk: &Desk<P>, ack: &Ack) -> Result<(), SyncError> {
    // Before any comparison: an office that was put back may have taken a copy's facts in the place of this device's.
    if desk.follow_log(ack).await? {
        return Ok(());
    }
    let (recorded, own_hash) = own_chain(desk, ack.epoch, ack.acked_through).await?;
    let at = FactKey {
        epoch: ack.epoch,
        seq: ack.acked_through,
    };
    if own_hash.is_none() && at.seq > 0 && at <= desk.forgotten_through.get() {
        // It was compared when the office first acknowledged it, long ago.
        return Ok(desk.follow(ack).await?);
    }
    if let Err(error) = check_chain(ack, recorded, own_hash) {
        if ack.epoch == desk.identity.borrow().device.epoch {
            desk.mark_for_enrolment().await?;
        }
        return Err(error.into());
    }
    desk.follow(ack).await?;
    Ok(retention::mark(desk, ack).await?)
}

/// Reads an acknowledgement by the pinned office, and does nothing more.
///
/// # Errors
/// [`SyncError::NotTheOffice`] for a wrong signature.
pub(super) async fn read_signed<P: Ports>(
    desk: &Desk<P>,
    ack: &SignedAck,
    epoch: u32,
) -> Result<Ack, SyncError> {
    let (office_key, organisation, device) = {
        let identity = desk.identity.borrow();
        (
            identity.office_key.clone(),
            identity.organisation.id,
            identity.device.id,
        )
    };
    let signed = desk
        .ports
        .verify(&office_key, ack.text.as_bytes(), &ack.signature)
        .await;
    if signed != Ok(true) {
        return Err(SyncError::NotTheOffice(
            "the acknowledgement is not signed by it".to_owned(),
        ));
    }
    Ok(read_ack(&ack.text, organisation, device, epoch)?)
}

/// The last number recorded in an epoch, and the hash of one of its facts.
async fn own_chain<P: Ports>(
    desk: &Desk<P>,
    epoch: u32,
    seq: u64,
) -> Result<(u64, Option<Hash>), SyncError> {
    let at = FactKey { epoch, seq };
    let fact = desk.store().fact(at).await?;
    let hash = fact.and_then(|fact| fact.hash.parse().ok());
    let head = desk.store().head().await?;
    let recorded = match head {
        Some(head) if head.epoch == epoch => head.seq,
        // An earlier epoch has ended: a fact that is there was recorded.
        _ if hash.is_some() => seq,
        _ => 0,
    };
    Ok((recorded, hash))
}

/// Facts that the office holds beside the chain wait no longer, even where the two chains differ: so do the ones from
/// before they parted.
async fn note_beside_the_chain<P: Ports>(
    desk: &Desk<P>,
    ack: &Ack,
    request: &PushRequest,
    results: &[FactResult],
) -> Result<(), SyncError> {
    let pushed = request.facts.iter().zip(results);
    let held = pushed.filter(|(fact, _)| ack.held.contains(&fact.hash));
    let held: Vec<&FactResult> = held.map(|(_, result)| result).collect();
    let duplicates = held
        .iter()
        .filter(|one| one.status == FactStatus::Duplicate);
    let duplicates = order::set_of(duplicates.map(|one| FactKey {
        epoch: request.epoch,
        seq: one.seq,
    }));
    let acked = desk.acked_through.get();
    let through = {
        let facts = desk.facts.borrow();
        // What was set aside before stands in nobody's way.
        let waiting = facts.iter().filter(|fact| fact.is_waiting(acked));
        let known = waiting.take_while(|fact| duplicates.contains(&fact.at));
        known.last().map_or(acked, |fact| fact.at)
    };
    if through > acked {
        desk.store().settle(through, &[]).await?;
        desk.acked_through.set(through);
    }
    note(desk, request.epoch, held.into_iter()).await
}

async fn note_flags<P: Ports>(
    desk: &Desk<P>,
    request: &PushRequest,
    results: &[FactResult],
) -> Result<(), SyncError> {
    let in_the_chain = results
        .iter()
        .filter(|result| !result.status.is_beside_the_chain());
    note(desk, request.epoch, in_the_chain).await
}

/// Keeps what the office said of some facts.
async fn note<P: Ports>(
    desk: &Desk<P>,
    epoch: u32,
    results: impl Iterator<Item = &FactResult>,
) -> Result<(), SyncError> {
    let place = |result: &FactResult| FactKey {
        epoch,
        seq: result.seq,
    };
    let states = results.filter_map(|result| state_of(result).map(|state| (place(result), state)));
    keep_states(desk, states.collect()).await
}

async fn keep_states<P: Ports>(
    desk: &Desk<P>,
    states: Vec<(FactKey, FactState)>,
) -> Result<(), SyncError> {
    if !states.is_empty() {
        desk.store()
            .settle(desk.acked_through.get(), &states)
            .await?;
    }
    let flagged = states
        .iter()
        .filter(|(_, state)| state.is_flagged())
        .count();
    desk.flagged
        .set(desk.flagged.get() + u32::try_from(flagged).unwrap_or(0));
    let mut facts = desk.facts.borrow_mut();
    for (at, state) in states {
        if let Some(fact) = facts.iter_mut().find(|fact| fact.at == at) {
            fact.state = Some(state);
        }
    }
    drop(facts);
    desk.drop_settled();
    Ok(())
}

/// What is worth keeping beyond the acknowledgement.
fn state_of(result: &FactResult) -> Option<FactState> {
    match result.status {
        FactStatus::Staged => Some(FactState::Staged),
        FactStatus::Quarantined => Some(FactState::Quarantined {
            detail: result.detail.clone(),
        }),
        _ if result.flags.is_empty() => None,
        _ => Some(FactState::Flagged {
            flags: result.flags.clone(),
        }),
    }
}

/// The fact as it travels. Hashes and a signature that somebody made unreadable travel as nothing: what is left is evidence.
pub(super) fn sealed(fact: &FactRecord) -> SealedFact {
    let signature: Option<Bytes> = serde_json::from_value(fact.signature.clone().into()).ok();
    SealedFact {
        text: fact.text.clone(),
        previous: fact.previous.parse().unwrap_or(Hash::GENESIS),
        hash: fact.hash.parse().unwrap_or(Hash::GENESIS),
        signature: signature.unwrap_or(Bytes(Vec::new())),
        key: KeyId(fact.key.clone()),
    }
}
