//! The write path: one fact made durable before anybody is told (SYNC 9, 10, 32).

use super::chain::{FactTooLong, NewFact, next_fact};
use super::desk::{Desk, PendingFact, chain_head};
use super::ports::{LockName, Ports};
use super::store::{
    Append, BlobRecord, DeviceStore, FactKey, FactRecord, Head, StoreError, StoredFact,
};
use crate::envelope::SealedFact;
use tournee_domain::fact::{Allocation, Attachment, Payment, PaymentMethod, Person};
use tournee_domain::{Amount, ClientCode, Currency, FactBody, FactId, ReceiptNumber};

/// Other tabs can be in between only where the browser's locks fail.
const ATTEMPTS_MAX: u32 = 5;

/// What to record; a payment's receipt is numbered when its turn has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    Body(FactBody),
    Payment(PaymentDraft),
}

/// A payment before its receipt has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDraft {
    pub client: ClientCode,
    pub visit: Option<FactId>,
    pub date: chrono::NaiveDate,
    pub currency: Currency,
    pub amount: Amount,
    pub method: PaymentMethod,
    pub payer: Option<Person>,
    pub allocations: Vec<Allocation>,
    pub note: String,
    pub attachments: Vec<Attachment>,
}

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
    #[error("nobody has signed in on this device")]
    NotEnrolled,
    #[error("this role does not record")]
    NotAllowed,
    #[error("the device's key failed: {0}")]
    Key(String),
}

/// Records one fact and gives its body and place. The same id again gives what was recorded first.
///
/// # Errors
/// [`RecordError`]: nothing was recorded, and no number was used up.
pub async fn record<P: Ports>(
    desk: &Desk<P>,
    fact_id: FactId,
    intent: Intent,
    blobs: Vec<BlobRecord>,
    draft: Option<&str>,
) -> Result<(FactBody, FactKey), RecordError> {
    if !desk.identity.borrow().user.role.records() {
        return Err(RecordError::NotAllowed);
    }
    let user = desk.identity.borrow().user.id;
    let _lock = desk
        .ports
        .lock(LockName::Writer(user))
        .await
        .map_err(RecordError::StorageBroken)?;
    for _ in 0..ATTEMPTS_MAX {
        let expected = desk.head.borrow().clone();
        let (body, head, sealed) = seal(desk, &expected, fact_id, &intent).await?;
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
                return Ok((body, at));
            }
            Err(StoreError::HeadMoved) => {
                if let Some((body, at)) = recorded_before(desk, fact_id).await? {
                    return match is_meant(desk, &intent, &body) {
                        true => Ok((body, at)),
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
    intent: &Intent,
) -> Result<(FactBody, Head, SealedFact), RecordError> {
    let (body, receipts) = match intent {
        Intent::Body(body) => (body.clone(), expected.receipts),
        Intent::Payment(draft) => {
            let n = expected.receipts + 1;
            (
                FactBody::Payment(numbered(desk, draft, expected.epoch, n)),
                n,
            )
        }
    };
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
    };
    Ok((body, head, unsigned.seal(signature, author.key)))
}

fn numbered<P: Ports>(desk: &Desk<P>, draft: &PaymentDraft, epoch: u32, n: u32) -> Payment {
    let identity = desk.identity.borrow();
    let draft = draft.clone();
    Payment {
        client: draft.client,
        visit: draft.visit,
        date: draft.date,
        receipt: ReceiptNumber {
            agency: identity.user.agency.clone(),
            device_label: identity.device.label.clone(),
            epoch,
            n,
        },
        currency: draft.currency,
        amount: draft.amount,
        method: draft.method,
        payer: draft.payer,
        allocations: draft.allocations,
        note: draft.note,
        attachments: draft.attachments,
    }
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
    desk.waiting_blobs.borrow_mut().extend(new_blobs);
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

/// Whether what was recorded under this id is what is being recorded again.
fn is_meant<P: Ports>(desk: &Desk<P>, intent: &Intent, recorded: &FactBody) -> bool {
    match (intent, recorded) {
        (Intent::Body(meant), recorded) => meant == recorded,
        (Intent::Payment(draft), FactBody::Payment(recorded)) => {
            let number = &recorded.receipt;
            numbered(desk, draft, number.epoch, number.n) == *recorded
        }
        (Intent::Payment(_), _) => false,
    }
}
