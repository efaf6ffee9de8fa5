//! What one transaction writes: facts with their numbers, the records they changed, and what was set aside.

use super::{DeviceEpoch, Dossiers, Examined};
use crate::envelope::SealedFact;
use tournee_domain::fact::{Attachment, Flag};
use tournee_domain::{ClientCode, Dossier, FactId, ReceiptNumber};

/// Decided, to be written as a whole.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The chain as it then is.
    pub epoch: DeviceEpoch,
    /// The author's name, as the records carry it.
    pub author: String,
    pub received_at_ms: i64,
    /// The numbers of facts and records follow this one without gaps (SYNC 19).
    pub clock: u64,
    pub facts: Vec<NewFact>,
    /// Dossiers that changed, each under a number of its own after those of the facts.
    pub records: Vec<(u64, Dossier)>,
    /// Clients that are no longer known, each under a number of its own: everybody who saw them erases them.
    pub erased: Vec<(u64, ClientCode)>,
    pub quarantined: Vec<Quarantined>,
    /// Safe, waiting for the facts before them, by place.
    pub staged: Vec<(u64, SealedFact)>,
}

/// A fact that took its place.
#[derive(Clone, Debug)]
pub struct NewFact {
    pub server_seq: u64,
    pub seq: u64,
    /// `None` when the text is no envelope.
    pub fact_id: Option<FactId>,
    pub type_name: String,
    /// Whether it changed records; otherwise the quarantine says why not.
    pub projected: bool,
    pub client: Option<ClientCode>,
    pub receipt: Option<ReceiptNumber>,
    pub flags: Vec<Flag>,
    pub attachments: Vec<Attachment>,
    /// It moved money in a dossier and has to reach accounting.
    pub payment: Option<NewPayment>,
    pub sealed: SealedFact,
}

#[derive(Clone, Debug)]
pub struct NewPayment {
    /// The mobile money operator's transaction, to notice it twice (PRODUCT C4).
    pub operator_transaction: Option<String>,
}

/// Bytes that a person must look at.
#[derive(Clone, Debug)]
pub struct Quarantined {
    pub seq: u64,
    pub fact_id: Option<FactId>,
    pub type_name: String,
    /// A word the screens translate.
    pub reason: &'static str,
    pub detail: String,
    /// What it says it is about, and the photos and signatures that belong to it, when its device signed it: they are
    /// taken as those of any fact, for whoever looks at it.
    pub evidence: Option<Evidence>,
    pub sealed: SealedFact,
}

/// Bytes that follow a fact, and whose client they are about.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub fact: FactId,
    pub client: ClientCode,
    pub attachments: Vec<Attachment>,
}

impl Outcome {
    /// Gives everything that changed the next numbers, in the order of codes.
    pub(super) fn number(&mut self, dossiers: Dossiers, numbers: impl Iterator<Item = u64>) {
        for (number, changed) in numbers.zip(dossiers.into_changed()) {
            match changed {
                Ok(dossier) => self.records.push((number, dossier)),
                Err(code) => self.erased.push((number, code)),
            }
        }
    }

    /// How many numbers it takes.
    pub fn numbers(&self) -> usize {
        self.facts.len() + self.records.len() + self.erased.len()
    }

    /// The last number it takes, if it takes any.
    pub fn last(&self) -> Option<u64> {
        let numbers = self.numbers() as u64;
        (numbers > 0).then_some(self.clock + numbers)
    }
}

impl Quarantined {
    pub(super) fn new(fact: &Examined, reason: &'static str, detail: String) -> Self {
        let text = fact.text.as_ref().ok();
        Self {
            seq: fact.seq,
            fact_id: text.map(|text| text.fact_id),
            type_name: text.map_or_else(String::new, |text| text.type_name.clone()),
            reason,
            detail,
            evidence: evidence(fact),
            sealed: fact.sealed.clone(),
        }
    }
}

fn evidence(fact: &Examined) -> Option<Evidence> {
    let text = fact.text.as_ref().ok();
    let text = text.filter(|_| fact.signed && fact.hash_covers)?;
    let body = text.read_body().ok()?;
    Some(Evidence {
        fact: text.fact_id,
        client: body.client()?.clone(),
        attachments: body.attachments().to_vec(),
    })
}
