//! Facts that the office itself records: imports and exports, in the chain of its own device, signed with its key
//! (SYNC 35).

use super::projection::Dossiers;
use super::store::{DeviceEpoch, OfficeKey, OfficeStore};
use super::{NewFact, Outcome};
use crate::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact, Times, chain_hash};
use chrono::{DateTime, FixedOffset};
use serde_json::value::RawValue;
use tournee_domain::fact::{Authored, BODY_SCHEMA, FactBody, Flag};
use tournee_domain::{FactId, UserId};

/// Label of the office's own device.
pub const OFFICE_LABEL: &str = "D00";
/// Its only epoch.
pub const OFFICE_EPOCH: u32 = 1;

/// Who at the office does it.
#[derive(Clone, Debug)]
pub struct OfficeAuthor {
    /// Nil for somebody at the server's command line.
    pub user: UserId,
    pub name: String,
}

/// A fact about to be recorded: its id and time are needed before its body is known.
#[derive(Clone, Debug)]
pub struct OfficeFact {
    pub author: OfficeAuthor,
    pub id: FactId,
    /// In the organisation's zone.
    pub at: DateTime<FixedOffset>,
    /// What was noticed about it, for whoever looks at it later.
    pub flags: Vec<Flag>,
}

impl OfficeFact {
    /// What the projections need of it.
    pub fn authored(&self) -> Authored {
        Authored {
            fact_id: self.id,
            at: self.at,
            author: self.author.name.clone(),
            device_label: OFFICE_LABEL.to_owned(),
        }
    }
}

/// Why the office's facts were not recorded; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RecordRefused<E> {
    #[error("a fact of {0} bytes; at most {FACT_TEXT_MAX_BYTES}")]
    TooLong(usize),
    #[error(transparent)]
    Failed(#[from] E),
}

/// Writes the office's facts, in order, and the dossiers they changed. Returns the last number given out.
///
/// # Errors
/// [`RecordRefused`].
pub async fn record<S: OfficeStore>(
    store: &mut S,
    key: &impl OfficeKey,
    facts: &[(OfficeFact, FactBody)],
    dossiers: Dossiers,
) -> Result<u64, RecordRefused<S::Error>> {
    let organisation = store.organisation().clone();
    let mut epoch = store.own_epoch().await?;
    let mut numbers = organisation.clock + 1..;
    let mut new = Vec::with_capacity(facts.len());
    for ((fact, body), server_seq) in facts.iter().zip(&mut numbers) {
        let text = text(&organisation.settings, &epoch, fact, body);
        let sealed = seal(&epoch, key, &text)?;
        epoch.chain.head_seq = text.seq;
        epoch.chain.head_hash = sealed.hash;
        epoch.head_device_ms = Some(fact.at.timestamp_millis());
        new.push(NewFact {
            server_seq,
            seq: text.seq,
            fact_id: Some(fact.id),
            type_name: text.type_name,
            projected: true,
            client: None,
            receipt: None,
            flags: fact.flags.clone(),
            attachments: Vec::new(),
            payment: None,
            sealed,
        });
    }
    let first = facts.first().map(|(fact, _)| fact);
    let mut outcome = Outcome {
        author: first.map_or_else(String::new, |fact| fact.author.name.clone()),
        received_at_ms: first.map_or(0, |fact| fact.at.timestamp_millis()),
        clock: organisation.clock,
        facts: new,
        records: Vec::new(),
        erased: Vec::new(),
        quarantined: Vec::new(),
        staged: Vec::new(),
        epoch,
    };
    outcome.number(dossiers, numbers);
    store.write(&outcome).await?;
    Ok(outcome.last().unwrap_or(organisation.clock))
}

/// The envelope of the office's next fact.
fn text(
    organisation: &crate::enrol::Organisation,
    epoch: &DeviceEpoch,
    fact: &OfficeFact,
    body: &FactBody,
) -> FactText {
    let json = serde_json::to_string(body).expect("every field of a body serialises");
    FactText {
        organisation: organisation.id,
        device: epoch.device,
        epoch: epoch.epoch,
        seq: epoch.chain.head_seq + 1,
        fact_id: fact.id,
        user: fact.author.user,
        type_name: body.type_name().to_owned(),
        schema: BODY_SCHEMA,
        times: Times {
            device: fact.at,
            zone: organisation.time_zone.clone(),
            office_offset_ms: Some(0),
            office_offset_age_s: Some(0),
        },
        base_cursor: None,
        body: RawValue::from_string(json).expect("what serialised is JSON"),
    }
}

fn seal<E>(
    epoch: &DeviceEpoch,
    key: &impl OfficeKey,
    text: &FactText,
) -> Result<SealedFact, RecordRefused<E>> {
    let written = text.write();
    if written.len() > FACT_TEXT_MAX_BYTES {
        return Err(RecordRefused::TooLong(written.len()));
    }
    let previous = epoch.chain.head_hash;
    let hash = chain_hash(previous, &written);
    Ok(SealedFact {
        text: written,
        previous,
        hash,
        signature: key.sign(&hash.0),
        key: epoch.key.id(),
    })
}
