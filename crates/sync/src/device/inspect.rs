//! Whether the facts that wait are what this device wrote, looked at when the app starts (SYNC 11, fault 24).

use super::desk::{PendingFact, chain_head};
use super::identity::Identity;
use super::ports::Ports;
use super::push::sealed;
use super::store::{DeviceStore, FactKey, FactRecord, Head, Loaded, StoreError};
use crate::encoding::Hash;

/// What is not as this device wrote it, for people who look into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage(pub String);

/// Looks at the head's epoch, of whose facts `facts` is what was read: what the office has acknowledged, it has compared; former epochs are closed, and it compares
/// what comes of them.
///
/// # Errors
/// When the store fails.
pub(super) async fn inspect<P: Ports>(
    ports: &P,
    identity: &Identity,
    head: &Head,
    loaded: &Loaded,
    facts: &[PendingFact],
) -> Result<Option<Damage>, StoreError> {
    let acked_seq = match loaded.acked_through.epoch == head.epoch {
        true => loaded.acked_through.seq,
        false => 0,
    };
    let waits = |fact: &FactRecord| fact.epoch == head.epoch && fact.seq > acked_seq;
    let mut before = fact_hash(ports, head.epoch, acked_seq).await?;
    let mut last_seq = acked_seq;
    let mut receipt = None;
    let stored = loaded.facts.iter().map(|stored| &stored.fact).zip(facts);
    for (fact, own) in stored.filter(|(fact, _)| waits(fact)) {
        let at = fact.at();
        let forgotten = FactKey {
            seq: fact.seq - 1,
            ..at
        } <= loaded.forgotten_through;
        if fact.seq != last_seq + 1 && !forgotten {
            return damage(format!("fact {} follows {last_seq}", fact.seq));
        }
        if fact.seq != last_seq + 1 {
            (before, receipt) = (None, None);
        }
        if let Some(what) = wrong(ports, identity, fact, before).await {
            return damage(format!("fact {}: {what}", fact.seq));
        }
        let number = own.body.as_ref().ok().and_then(|body| body.receipt());
        if let Some(n) = number.map(|number| number.n) {
            if receipt.is_some_and(|last| n != last + 1) {
                return damage(format!("fact {}: receipt {n}", fact.seq));
            }
            receipt = Some(n);
        }
        (before, last_seq) = (Some(sealed(fact).hash), fact.seq);
    }
    let end = match last_seq == head.seq {
        true => before,
        false => return damage(format!("the head is at {}, not {last_seq}", head.seq)),
    };
    if end.is_some_and(|end| chain_head(head).is_ok_and(|head| head.hash != end)) {
        return damage(format!("the head's hash is not that of fact {last_seq}"));
    }
    match receipt {
        Some(last) if last != head.receipts => {
            damage(format!("the last receipt is {last}, not {}", head.receipts))
        }
        _ => Ok(None),
    }
}

fn damage(what: String) -> Result<Option<Damage>, StoreError> {
    Ok(Some(Damage(what)))
}

/// What is wrong with one fact, which follows one of the hash `before` if that is known.
async fn wrong<P: Ports>(
    ports: &P,
    identity: &Identity,
    fact: &FactRecord,
    before: Option<Hash>,
) -> Option<&'static str> {
    let sealed = sealed(fact);
    if before.is_some_and(|before| before != sealed.previous) {
        return Some("it does not follow the one before it");
    }
    let Ok(text) = sealed.open() else {
        return Some("the hash does not cover the text");
    };
    let claims = (text.device, text.epoch, text.seq, text.fact_id);
    if claims != (identity.device.id, fact.epoch, fact.seq, fact.fact_id) {
        return Some("the text claims another place");
    }
    let key = &identity.key;
    let signed = ports.verify(key, &sealed.hash.0, &sealed.signature).await;
    // A browser that cannot verify leaves it to the office.
    let forged = signed == Ok(false) || sealed.key != key.id();
    forged.then_some("it is not signed by this device")
}

/// The hash of a stored fact; before the first one, what that names as its predecessor.
async fn fact_hash<P: Ports>(ports: &P, epoch: u32, seq: u64) -> Result<Option<Hash>, StoreError> {
    if seq == 0 {
        return Ok(Some(Hash::GENESIS));
    }
    let fact = ports.store().fact(FactKey { epoch, seq }).await?;
    Ok(fact.map(|fact| sealed(&fact).hash))
}
