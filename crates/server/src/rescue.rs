//! An emergency file comes in: opened, and each fact put through the same machine as a push (SYNC 40).

use crate::database::{blobs, organisations::OrganisationRecord};
use crate::error::Error;
use crate::ingest::{self, PushRefused};
use crate::office::Office;
use crate::{clock, files};
use tournee_domain::{DeviceId, FactBody, OrganisationId};
use tournee_sync::certificate::Certificate;
use tournee_sync::device::{push_length, push_request};
use tournee_sync::encoding::Hash;
use tournee_sync::push::{PushRequest, PushResponse};
use tournee_sync::rescue::{
    RESCUE_FORMAT, RescueContent, RescueFile, RescueHead, RescueReport, RescuedBlob, RescuedFact,
    RescuedPayment, RescuedResult,
};

/// The device's program is named by so many bytes at most.
const BUILD_MAX_BYTES: usize = 200;

/// Why a file was not taken. Facts that went in before stay; the same file again calls them duplicate.
#[derive(Debug, thiserror::Error)]
pub enum RescueRefused {
    #[error("this is no emergency file: {0}")]
    NotAFile(String),
    #[error("this file is in the form « {0} »; this office reads « {RESCUE_FORMAT} »")]
    OtherFormat(String),
    #[error("this file is of another organisation, {0}")]
    OtherOrganisation(OrganisationId),
    #[error(
        "this file cannot be opened: it was sealed to another office's key, or damaged on its way; have it sent again as it was"
    )]
    CannotBeOpened,
    #[error("the facts of epoch {epoch} from {from_seq} on: {refused}")]
    Push {
        epoch: u32,
        from_seq: u64,
        refused: Box<PushRefused>,
    },
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Takes a file in. Revoked and frozen devices have no other right here than when they push: what they recorded is set
/// aside.
///
/// # Errors
/// [`RescueRefused`]
pub async fn import(office: &Office, bytes: &[u8]) -> Result<RescueReport, RescueRefused> {
    let organisation = office.organisation().await?;
    let (head, content) = open(office, organisation.id, bytes)?;
    let mut build = content.build;
    build.truncate(build.floor_char_boundary(BUILD_MAX_BYTES));
    let mut results = Vec::new();
    let mut facts = content.facts.as_slice();
    while !facts.is_empty() {
        let (batch, rest) = facts.split_at(batch_length(facts));
        let epoch = batch[0].epoch;
        let is_of = |certificate: Certificate| {
            (certificate.device, certificate.epoch) == (head.device, epoch)
        };
        let mut certificates = content.certificates.iter();
        let certificate = certificates.find(|signed| signed.read().is_some_and(is_of));
        let mut request = request(head.device, &build, batch);
        request.certificate = certificate.cloned();
        let response = push(office, &organisation, request).await?;
        let told = batch.iter().zip(response.results);
        results.extend(told.map(|(fact, result)| RescuedResult {
            epoch,
            result,
            payment: payment(fact),
        }));
        facts = rest;
    }
    let mut stored = 0;
    for blob in content.blobs {
        stored += u32::from(store(office, organisation.id, blob).await?);
    }
    Ok(RescueReport {
        head,
        facts: results,
        blobs: stored,
        blobs_left_out: content.blobs_left_out,
    })
}

fn open(
    office: &Office,
    organisation: OrganisationId,
    bytes: &[u8],
) -> Result<(RescueHead, RescueContent), RescueRefused> {
    let file: RescueFile = serde_json::from_slice(bytes)
        .map_err(|error| RescueRefused::NotAFile(error.to_string()))?;
    if file.head.format != RESCUE_FORMAT {
        return Err(RescueRefused::OtherFormat(file.head.format));
    }
    if file.head.organisation != organisation {
        return Err(RescueRefused::OtherOrganisation(file.head.organisation));
    }
    let associated = file.head.associated_data();
    let content = office.rescue_key.open(&file.sealed, &associated);
    let content = content.ok_or(RescueRefused::CannotBeOpened)?;
    let content: RescueContent = serde_json::from_slice(&content)
        .map_err(|error| RescueRefused::NotAFile(error.to_string()))?;
    let is_place = |seq: u64| (1..=u64::from(u32::MAX)).contains(&seq);
    if let Some(fact) = content.facts.iter().find(|fact| !is_place(fact.seq)) {
        let why = format!("facts.seq: no fact stands at {}", fact.seq);
        return Err(RescueRefused::NotAFile(why));
    }
    Ok((file.head, content))
}

fn payment(fact: &RescuedFact) -> Option<RescuedPayment> {
    match fact.sealed.open().ok()?.read_body() {
        Ok(FactBody::Payment(payment)) => Some(RescuedPayment {
            receipt: payment.receipt,
            currency: payment.currency,
            amount: payment.amount,
        }),
        _ => None,
    }
}

/// How many facts from the first on are one push: of one epoch, one after the other, within its limits.
fn batch_length(facts: &[RescuedFact]) -> usize {
    let first = &facts[0];
    let places = (first.seq..).map(|seq| (first.epoch, seq));
    let in_a_row = facts.iter().zip(places);
    let in_a_row = in_a_row.take_while(|(fact, place)| (fact.epoch, fact.seq) == *place);
    let sealed: Vec<_> = in_a_row.map(|(fact, _)| fact.sealed.clone()).collect();
    // A fact beyond every limit goes alone: it is set aside.
    push_length(&sealed).max(1)
}

fn request(device: DeviceId, build: &str, batch: &[RescuedFact]) -> PushRequest {
    let facts = batch.iter().map(|fact| fact.sealed.clone()).collect();
    push_request(build, device, batch[0].epoch, batch[0].seq, facts)
}

async fn push(
    office: &Office,
    organisation: &OrganisationRecord,
    request: PushRequest,
) -> Result<PushResponse, RescueRefused> {
    let (epoch, from_seq) = (request.epoch, request.from_seq);
    // Its signature stands for the device, as when a session has expired (SYNC 37).
    let pushed = ingest::push(office, organisation, request, None).await;
    pushed.map_err(|refused| RescueRefused::Push {
        epoch,
        from_seq,
        refused: Box::new(refused),
    })
}

/// Keeps the bytes of a photo or signature, if a stored fact names them and the office lacks them.
async fn store(
    office: &Office,
    organisation: OrganisationId,
    blob: RescuedBlob,
) -> Result<bool, Error> {
    let (hash, bytes) = (Hash::of(&blob.bytes.0), blob.bytes.0);
    let name = hash.to_string();
    let named = {
        let mut tx = office.database.read().await?;
        if blobs::held(&mut tx, organisation, &name).await?.is_some() {
            return Ok(false);
        }
        blobs::named(&mut tx, organisation, &name).await?
    };
    let size_bytes = bytes.len() as u64;
    let mut named = named.into_iter();
    let Some(named) = named.find(|named| named.size_bytes == size_bytes) else {
        return Ok(false);
    };
    files::store(&office.data, &bytes)?;
    let mut tx = office.database.write().await?;
    let now_ms = clock::now_ms();
    let media_type = &named.media_type;
    blobs::verified(&mut tx, organisation, &name, media_type, size_bytes, now_ms).await?;
    tx.commit().await?;
    Ok(true)
}
