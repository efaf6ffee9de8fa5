//! The write path: one fact made durable before anybody is told (SYNC 9, 10, 32).

use super::chain::{FactTooLong, NewFact, next_fact};
use super::desk::{Desk, PendingFact, chain_head};
use super::ports::{LockName, Ports};
use super::store::{
    Append, BlobRecord, DeviceStore, FactKey, FactRecord, Head, StoreError, StoredFact,
};
use crate::envelope::SealedFact;
use chrono::NaiveDate;
use tournee_domain::fact::{DayClosed, Tally};
use tournee_domain::{FactBody, FactId, ReceiptNumber};

/// Other tabs can be in between only where the browser's locks fail.
const ATTEMPTS_MAX: u32 = 5;

/// Why something was not recorded. In every case nothing of it was kept; what was typed stays in its draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The way out: send what waits, then free space on the device.
    #[error("this device's storage is full")]
    Full,
    /// Nothing can be recorded until the page is reloaded.
    #[error("this device's storage failed: {0}")]
    StorageBroken(String),
    #[error("the text is too long for one record; shorten it")]
    TooLong,
    /// Another tab kept recording at the same time; trying again helps.
    #[error("another tab is recording at the same time; try again")]
    Contended,
    /// The same form was confirmed with other content, in another tab or before a crash: look at the dossier first.
    #[error("this form was recorded before, with other content")]
    AlreadyRecorded,
    /// Somebody changed what this device had recorded; a sign-in begins anew beside it.
    #[error("the records of this device were changed: {0}")]
    Damaged(String),
    #[error("nobody has signed in on this device")]
    NotEnrolled,
    #[error("this role does not record")]
    NotAllowed,
    #[error("the device's key failed: {0}")]
    Key(String),
}

/// Records one fact and gives its body and place. What a body says of its place in the chain, a receipt's number or a
/// closing's figures, is filled in when its turn has come. The same id again gives what was recorded first.
///
/// # Errors
/// [`RecordError`]: nothing was recorded, and no number was used up.
pub async fn record<P: Ports>(
    desk: &Desk<P>,
    fact_id: FactId,
    body: FactBody,
    blobs: Vec<BlobRecord>,
    draft: Option<&str>,
) -> Result<(FactBody, FactKey), RecordError> {
    if !desk.identity.borrow().user.role.records() {
        return Err(RecordError::NotAllowed);
    }
    if let Some(damage) = &desk.identity.borrow().damage {
        return Err(RecordError::Damaged(damage.clone()));
    }
    let user = desk.identity.borrow().user.id;
    let _lock = desk
        .ports
        .lock(LockName::Writer(user))
        .await
        .map_err(RecordError::StorageBroken)?;
    for _ in 0..ATTEMPTS_MAX {
        let expected = desk.head.borrow().clone();
        let (recorded, head, sealed) = seal(desk, &expected, fact_id, &body).await?;
        let append = Append {
            fact: fact_record(&head, fact_id, &sealed),
            expected,
            head,
            blobs: blobs.clone(),
            draft: draft.map(str::to_owned),
        };
        match desk.store().append(&append).await {
            Ok(()) => {
                let at = append.fact.at();
                keep_in_memory(desk, append).await;
                return Ok((recorded, at));
            }
            Err(StoreError::HeadMoved) => {
                if let Some((recorded, at)) = recorded_before(desk, fact_id).await? {
                    return match is_meant(&body, &recorded) {
                        true => Ok((recorded, at)),
                        false => Err(RecordError::AlreadyRecorded),
                    };
                }
                // Another tab recorded, or enrolled again: this one goes on where it left off.
                let reloaded = desk.reload_own().await;
                reloaded.map_err(|error| RecordError::StorageBroken(error.to_string()))?;
            }
            Err(StoreError::Full) => return Err(RecordError::Full),
            Err(error) => return Err(RecordError::StorageBroken(error.to_string())),
        }
    }
    Err(RecordError::Contended)
}

/// Writes, hashes and signs the fact that follows `expected`.
async fn seal<P: Ports>(
    desk: &Desk<P>,
    expected: &Head,
    fact_id: FactId,
    body: &FactBody,
) -> Result<(FactBody, Head, SealedFact), RecordError> {
    let mut tally = tally(desk, expected).await?;
    let (body, receipts) = place(desk, expected, &tally, body);
    tally.count(&body);
    let fact = NewFact {
        fact_id,
        times: desk.times(),
        base_cursor: desk.pull.borrow().cursor.clone(),
        body: &body,
    };
    let author = desk.author();
    let chain =
        chain_head(expected).map_err(|error| RecordError::StorageBroken(error.to_string()))?;
    let unsigned =
        next_fact(&author, chain, &fact).map_err(|FactTooLong(_)| RecordError::TooLong)?;
    let key = desk.identity.borrow().key.clone();
    let signature = desk
        .ports
        .sign(&key, unsigned.hash)
        .await
        .map_err(RecordError::Key)?;
    let head = Head {
        epoch: unsigned.head.epoch,
        seq: unsigned.head.seq,
        hash: unsigned.head.hash.to_string(),
        receipts,
        tally: Some(tally),
    };
    Ok((body, head, unsigned.seal(signature, author.key)))
}

/// Counted with every fact; in chains begun before there were closings, from their facts.
async fn tally<P: Ports>(desk: &Desk<P>, head: &Head) -> Result<Tally, RecordError> {
    if let Some(tally) = &head.tally {
        return Ok(tally.clone());
    }
    let start = FactKey {
        epoch: head.epoch,
        seq: 0,
    };
    let stored = desk.store().facts_after(start, u32::MAX).await;
    let stored = stored.map_err(|error| RecordError::StorageBroken(error.to_string()))?;
    let mut tally = Tally::default();
    for fact in &stored {
        if let Ok(body) = PendingFact::of(fact).body {
            tally.count(&body);
        }
    }
    Ok(tally)
}

/// What a daily closing of `date` would say if it was recorded now.
///
/// # Errors
/// When this device's storage fails.
pub async fn closing<P: Ports>(desk: &Desk<P>, date: NaiveDate) -> Result<DayClosed, RecordError> {
    let head = desk.head.borrow().clone();
    let tally = tally(desk, &head).await?;
    Ok(tally.closing(date, head.seq, head.hash))
}

/// The body as it is in this place of the chain, and the last receipt's number then.
fn place<P: Ports>(desk: &Desk<P>, head: &Head, tally: &Tally, body: &FactBody) -> (FactBody, u32) {
    let mut body = body.clone();
    let mut receipts = head.receipts;
    if let Some(receipt) = body.receipt_mut() {
        receipts += 1;
        let identity = desk.identity.borrow();
        *receipt = ReceiptNumber {
            agency: identity.user.agency.clone(),
            device_label: identity.device.label.clone(),
            epoch: head.epoch,
            n: receipts,
        };
    }
    if let FactBody::DayClosed(closed) = &mut body {
        *closed = tally.closing(closed.date, head.seq, head.hash.clone());
    }
    (body, receipts)
}

fn fact_record(head: &Head, fact_id: FactId, sealed: &SealedFact) -> FactRecord {
    let signature = serde_json::to_value(&sealed.signature).ok();
    FactRecord {
        epoch: head.epoch,
        seq: head.seq,
        fact_id,
        text: sealed.text.clone(),
        previous: sealed.previous.to_string(),
        hash: sealed.hash.to_string(),
        signature: signature
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default(),
        key: sealed.key.0.clone(),
    }
}

/// The fact is durable: what follows only concerns what is shown, and is repaired by the next start.
async fn keep_in_memory<P: Ports>(desk: &Desk<P>, append: Append) {
    *desk.head.borrow_mut() = append.head;
    let pending = PendingFact::of(&StoredFact {
        fact: append.fact,
        state: None,
    });
    let new_blobs = append.blobs.into_iter().map(|blob| blob.hash);
    for blob in new_blobs {
        desk.waiting_blobs.borrow_mut().insert(blob);
    }
    let client = pending
        .body
        .as_ref()
        .ok()
        .and_then(|body| body.client().cloned());
    desk.facts.borrow_mut().push(pending);
    if let Some(code) = client
        && let Ok(Some(dossier)) = desk.dossier(&code).await
    {
        let summary = tournee_domain::summary::Summary::of(&dossier);
        desk.portfolio.borrow_mut().set_own_of(code, summary);
    }
}

async fn recorded_before<P: Ports>(
    desk: &Desk<P>,
    fact_id: FactId,
) -> Result<Option<(FactBody, FactKey)>, RecordError> {
    let found = desk.store().fact_by_id(fact_id).await;
    let found = found.map_err(|error| RecordError::StorageBroken(error.to_string()))?;
    Ok(found.and_then(|fact| {
        let at = fact.at();
        let body = PendingFact::of(&StoredFact { fact, state: None })
            .body
            .ok()?;
        Some((body, at))
    }))
}

/// Whether what was recorded under this id is what is being recorded again, its place aside.
fn is_meant(meant: &FactBody, recorded: &FactBody) -> bool {
    let mut meant = meant.clone();
    if let (Some(receipt), Some(given)) = (meant.receipt_mut(), recorded.receipt()) {
        receipt.clone_from(given);
    }
    match (&meant, recorded) {
        (FactBody::DayClosed(meant), FactBody::DayClosed(recorded)) => meant.date == recorded.date,
        _ => meant == *recorded,
    }
}
