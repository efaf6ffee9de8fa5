//! The facts of one push, decided in memory.

use super::admit::{Author, Refusal, admit};
use super::flags::{ReceiptSeries, clock_is_suspect, receipt_is_unexpected};
use super::names::operator_transaction;
use super::place::{Arrival, Known, Place, place};
use super::projection::Dossiers;
use super::store::{DeviceEpoch, OrganisationState};
use super::{Examined, Lookups, NewFact, NewPayment, Outcome, Quarantined, Scope};
use crate::enrol::User;
use crate::envelope::{FactText, SealedFact};
use crate::push::{FactResult, FactStatus};
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::{FactBody, Flag};
use tournee_domain::{FactId, ReceiptNumber, UserId};

/// One push on its way in.
pub(super) struct Batch {
    author: Author,
    user: User,
    scope: Scope,
    epoch: DeviceEpoch,
    clock: u64,
    now_ms: i64,
    known_ids: BTreeMap<FactId, Known>,
    known_places: BTreeMap<u64, Known>,
    taken_receipts: BTreeSet<String>,
    known_transactions: BTreeSet<String>,
    takers: BTreeMap<FactId, UserId>,
    dossiers: Dossiers,
    accepted: Vec<Accepted>,
    quarantined: Vec<Quarantined>,
    staged: Vec<(u64, SealedFact)>,
}

/// A fact that took its place, with the body that changed records, if it did.
struct Accepted {
    fact: Examined,
    body: Option<FactBody>,
    flags: Vec<Flag>,
}

impl Batch {
    pub fn new(
        organisation: &OrganisationState,
        epoch: DeviceEpoch,
        user: User,
        lookups: Lookups,
        now_ms: i64,
    ) -> Self {
        Self {
            author: Author {
                organisation: organisation.settings.id,
                device: epoch.device,
                epoch: epoch.epoch,
                user: user.id,
                role: user.role,
            },
            scope: Scope::of(&user),
            user,
            epoch,
            clock: organisation.clock,
            now_ms,
            known_ids: lookups.ids,
            known_places: lookups.places,
            taken_receipts: lookups.receipts,
            known_transactions: lookups.transactions,
            takers: lookups.takers,
            dossiers: Dossiers::new(lookups.dossiers),
            accepted: Vec::new(),
            quarantined: Vec::new(),
            staged: Vec::new(),
        }
    }

    /// Decides on every fact in order, then on those that waited and now follow.
    pub fn decide(&mut self, facts: Vec<Examined>, waiting: Vec<Examined>) -> Vec<FactResult> {
        let results = facts.into_iter().map(|fact| self.one(fact)).collect();
        for fact in waiting {
            // What still waits stays where it is; what has become a duplicate goes with the others.
            if fact.seq <= self.epoch.chain.head_seq + 1 {
                self.one(fact);
            }
        }
        results
    }

    /// From where the device should push again, when facts are missing.
    pub fn need_from(&self) -> Option<u64> {
        let head = self.epoch.chain.head_seq;
        let gap = self.staged.iter().any(|(seq, _)| *seq > head);
        gap.then_some(head + 1)
    }

    /// Everything that was decided, numbered.
    pub fn outcome(self) -> Outcome {
        let mut numbers = self.clock + 1..;
        let dossiers = &self.dossiers;
        let facts = self
            .accepted
            .into_iter()
            .zip(&mut numbers)
            .map(|(accepted, server_seq)| accepted.numbered(server_seq, dossiers))
            .collect();
        let mut outcome = Outcome {
            epoch: self.epoch,
            author: self.user.name,
            received_at_ms: self.now_ms,
            clock: self.clock,
            facts,
            records: Vec::new(),
            erased: Vec::new(),
            quarantined: self.quarantined,
            staged: self.staged,
        };
        outcome.number(self.dossiers, numbers);
        outcome
    }

    fn one(&mut self, fact: Examined) -> FactResult {
        let mut result = FactResult {
            seq: fact.seq,
            fact_id: fact.text.as_ref().ok().map(|text| text.fact_id),
            status: FactStatus::Accepted,
            server_seq: None,
            flags: Vec::new(),
            detail: String::new(),
        };
        match place(&self.epoch.chain, &self.arrival(&fact)) {
            Place::Next => self.accept(fact, &mut result),
            Place::Duplicate { server_seq } => {
                result.status = FactStatus::Duplicate;
                result.server_seq = Some(server_seq);
            }
            Place::Staged => {
                result.status = FactStatus::Staged;
                self.staged.push((fact.seq, fact.sealed));
            }
            Place::Fork => {
                self.epoch.chain.frozen = true;
                let detail = "another fact already stands under this id or in this place: the device's history split";
                self.set_aside(&fact, "fork", detail.to_owned(), &mut result);
            }
            Place::Aside(why) => self.set_aside(&fact, why.code(), why.to_string(), &mut result),
        }
        result
    }

    fn arrival(&self, fact: &Examined) -> Arrival {
        let text = fact.text.as_ref().ok();
        Arrival {
            seq: fact.seq,
            text_seq: text.map(|text| text.seq),
            previous: fact.sealed.previous,
            hash: fact.sealed.hash,
            hash_covers: fact.hash_covers,
            signed: fact.signed,
            known_id: text
                .and_then(|text| self.known_ids.get(&text.fact_id))
                .copied(),
            known_seq: self.known_places.get(&fact.seq).copied(),
        }
    }

    fn set_aside(
        &mut self,
        fact: &Examined,
        reason: &'static str,
        detail: String,
        result: &mut FactResult,
    ) {
        result.status = FactStatus::Quarantined;
        result.detail.clone_from(&detail);
        self.quarantined
            .push(Quarantined::new(fact, reason, detail));
    }

    /// The fact takes its place, whatever its body is worth.
    fn accept(&mut self, fact: Examined, result: &mut FactResult) {
        // The writer's turn is ours: the numbers given at the end will be these.
        let server_seq = self.clock + 1 + self.accepted.len() as u64;
        let known = Known {
            hash: fact.sealed.hash,
            server_seq,
        };
        self.epoch.chain.head_seq = fact.seq;
        self.epoch.chain.head_hash = fact.sealed.hash;
        self.known_places.insert(fact.seq, known);
        let mut flags = Vec::new();
        let body = match &fact.text {
            Err(why) => Err(Refusal::Envelope(why.clone())),
            Ok(text) => {
                self.known_ids.insert(text.fact_id, known);
                let body = self.admit(fact.seq, text);
                flags = self.flags(text, body.as_ref().ok());
                flags.extend(self.tally(&fact, text));
                if let Ok(body) = &body {
                    self.project(text, body, &mut flags);
                }
                if let Ok(FactBody::Payment(_)) = &body {
                    self.takers.insert(text.fact_id, self.author.user);
                }
                self.epoch.head_device_ms = Some(text.times.device.timestamp_millis());
                body
            }
        };
        flags.sort_unstable();
        flags.dedup();
        result.server_seq = Some(server_seq);
        result.flags.clone_from(&flags);
        let body = match body {
            Err(refusal) => {
                self.set_aside(&fact, refusal.code(), refusal.to_string(), result);
                None
            }
            Ok(body) => {
                if !flags.is_empty() {
                    result.status = FactStatus::Flagged;
                }
                Some(body)
            }
        };
        self.accepted.push(Accepted { fact, body, flags });
    }

    fn admit(&self, seq: u64, text: &FactText) -> Result<FactBody, Refusal> {
        let body = admit(&self.author, seq, text, &self.takers)?.body;
        match body.receipt().map(ReceiptNumber::to_string) {
            Some(number) if self.taken_receipts.contains(&number) => {
                Err(Refusal::ReceiptTaken(number))
            }
            _ => Ok(body),
        }
    }

    /// What the office notices besides what the dossier says.
    fn flags(&mut self, text: &FactText, body: Option<&FactBody>) -> Vec<Flag> {
        let mut flags = Vec::new();
        if clock_is_suspect(&text.times, self.now_ms, self.epoch.head_device_ms) {
            flags.push(Flag::ClockSuspect);
        }
        let Some(body) = body else { return flags };
        if let Some(receipt) = body.receipt() {
            let series = ReceiptSeries {
                agency: &self.user.agency,
                device_label: &self.epoch.label,
                epoch: self.epoch.epoch,
                last: self.epoch.last_receipt,
            };
            if receipt_is_unexpected(series, receipt) {
                flags.push(Flag::ReceiptNumberUnexpected);
            }
            let own = receipt.device_label == self.epoch.label && receipt.epoch == self.epoch.epoch;
            if own {
                self.epoch.last_receipt = self.epoch.last_receipt.max(receipt.n);
            }
            self.taken_receipts.insert(receipt.to_string());
        }
        if let Some(transaction) = operator_transaction(body)
            && !self.known_transactions.insert(transaction)
        {
            flags.push(Flag::TransactionRepeated);
        }
        let dossier = body
            .client()
            .and_then(|client| self.dossiers.by_client.get(client));
        if dossier.is_some_and(|dossier| !self.scope.contains(dossier.client.portfolio.as_ref())) {
            flags.push(Flag::OutOfScope);
        }
        flags
    }

    /// Counts the fact as its device counted it, whatever became of it here, and compares what a daily closing says.
    fn tally(&mut self, fact: &Examined, text: &FactText) -> Option<Flag> {
        let body = text.read_body().ok()?;
        let mismatch = match &body {
            FactBody::DayClosed(said) => {
                let head = (fact.seq - 1, fact.sealed.previous.to_string());
                *said != self.epoch.tally.closing(said.date, head.0, head.1)
            }
            _ => false,
        };
        self.epoch.tally.count(&body);
        mismatch.then_some(Flag::ClosingMismatch)
    }

    fn project(&mut self, text: &FactText, body: &FactBody, flags: &mut Vec<Flag>) {
        let authored = text.authored(&self.user.name, &self.epoch.label);
        flags.extend(self.dossiers.apply(&authored, body));
    }
}

impl Accepted {
    fn numbered(self, server_seq: u64, dossiers: &Dossiers) -> NewFact {
        let text = self.fact.text.ok();
        let id = text.as_ref().map(|text| text.fact_id);
        let client = self.body.as_ref().and_then(FactBody::client).cloned();
        let entered = self
            .body
            .as_ref()
            .zip(id)
            .is_some_and(|(body, id)| dossiers.has_entry(body, id));
        NewFact {
            server_seq,
            seq: self.fact.seq,
            fact_id: id,
            type_name: text.map_or_else(String::new, |text| text.type_name),
            projected: self.body.is_some(),
            receipt: self.body.as_ref().and_then(FactBody::receipt).cloned(),
            attachments: self
                .body
                .as_ref()
                .map_or_else(Vec::new, |body| body.attachments().to_vec()),
            payment: entered.then(|| NewPayment {
                operator_transaction: self.body.as_ref().and_then(operator_transaction),
            }),
            client,
            flags: self.flags,
            sealed: self.fact.sealed,
        }
    }
}
