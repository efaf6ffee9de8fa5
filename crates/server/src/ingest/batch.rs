//! The facts of one push, decided in memory and then written.

use super::Examined;
use crate::database::devices::EpochRecord;
use crate::database::facts::NewFact;
use crate::database::ledger::PendingPayment;
use crate::database::organisations::{self, OrganisationRecord};
use crate::database::quarantine::Quarantined;
use crate::database::records::Scope;
use crate::database::{Connection, blobs, devices, facts, ledger, quarantine, records};
use crate::error::{Error, Result};
use crate::projection::Dossiers;
use std::collections::{HashMap, HashSet};
use tournee_domain::fact::{FactBody, Flag, PaymentMethod};
use tournee_domain::{FactId, ReceiptNumber};
use tournee_sync::enrol::User;
use tournee_sync::envelope::FactText;
use tournee_sync::office::{
    Arrival, Author, Known, Place, ReceiptSeries, Refusal, admit, clock_is_suspect, place,
    receipt_is_unexpected,
};
use tournee_sync::push::{FactResult, FactStatus};

/// One push on its way in.
pub struct Batch<'a> {
    organisation: &'a OrganisationRecord,
    author: Author,
    user: User,
    scope: Scope,
    epoch: EpochRecord,
    now_ms: i64,
    known_ids: HashMap<FactId, Known>,
    known_places: HashMap<u64, Known>,
    taken_receipts: HashSet<String>,
    known_transactions: HashSet<String>,
    dossiers: Dossiers,
    /// Facts that waited for earlier ones, by place.
    waiting: Vec<Examined>,
    /// Written at the end.
    accepted: Vec<Accepted>,
    aside: Vec<SetAside>,
    staged: Vec<Examined>,
}

/// A fact that took its place.
struct Accepted {
    fact: Examined,
    body: Result<FactBody, Refusal>,
    flags: Vec<Flag>,
}

struct SetAside {
    fact: Examined,
    reason: &'static str,
    detail: String,
}

/// What every arriving body names, to be looked up at once.
#[derive(Default)]
struct Names {
    ids: Vec<FactId>,
    clients: Vec<tournee_domain::ClientCode>,
    receipts: Vec<String>,
    transactions: Vec<String>,
}

impl Names {
    fn of<'f>(facts: impl Iterator<Item = &'f Examined>) -> Self {
        let mut names = Self::default();
        for text in facts.filter_map(|fact| fact.text.as_ref().ok()) {
            names.ids.push(text.fact_id);
            let Ok(body) = text.read_body() else { continue };
            names.clients.extend(body.client().cloned());
            names
                .receipts
                .extend(receipt(&body).map(ReceiptNumber::to_string));
            names.transactions.extend(operator_transaction(&body));
        }
        names
    }
}

fn receipt(body: &FactBody) -> Option<&ReceiptNumber> {
    match body {
        FactBody::Payment(payment) => Some(&payment.receipt),
        _ => None,
    }
}

/// Operator and transaction number, without the differences that people type.
fn operator_transaction(body: &FactBody) -> Option<String> {
    let FactBody::Payment(payment) = body else {
        return None;
    };
    let PaymentMethod::MobileMoney {
        operator,
        transaction,
        ..
    } = &payment.method
    else {
        return None;
    };
    let folded = format!("{} {}", operator.trim(), transaction.trim()).to_lowercase();
    (!transaction.trim().is_empty()).then_some(folded)
}

impl<'a> Batch<'a> {
    /// Reads everything that the decisions about these facts rest on.
    pub async fn load(
        connection: &mut Connection,
        organisation: &'a OrganisationRecord,
        epoch: EpochRecord,
        user: User,
        arriving: &[Examined],
        waiting: Vec<Examined>,
        now_ms: i64,
    ) -> Result<Self> {
        let id = organisation.id;
        let chain = (epoch.device, epoch.epoch);
        let names = Names::of(arriving.iter().chain(&waiting));
        let span = (
            arriving.first().map_or(0, |fact| fact.seq),
            arriving.last().map_or(0, |fact| fact.seq),
        );
        let dossiers = records::dossiers(connection, id, names.clients.iter()).await?;
        Ok(Self {
            author: Author {
                organisation: id,
                device: epoch.device,
                epoch: epoch.epoch,
                user: user.id,
                role: user.role,
            },
            scope: Scope::of(&user),
            known_ids: facts::known_ids(connection, id, &names.ids).await?,
            known_places: facts::known_places(connection, id, chain, span).await?,
            taken_receipts: facts::taken_receipts(connection, id, &names.receipts).await?,
            known_transactions: ledger::known_transactions(connection, id, &names.transactions)
                .await?,
            dossiers: Dossiers::new(dossiers),
            organisation,
            user,
            epoch,
            now_ms,
            waiting,
            accepted: Vec::new(),
            aside: Vec::new(),
            staged: Vec::new(),
        })
    }

    /// Decides on every fact in order, then on those that waited and now follow.
    pub fn decide(&mut self, facts: Vec<Examined>) -> Vec<FactResult> {
        let results = facts.into_iter().map(|fact| self.one(fact)).collect();
        for fact in std::mem::take(&mut self.waiting) {
            // What still waits stays where it is; what has become a duplicate goes with the others.
            if fact.seq <= self.epoch.chain.head_seq + 1 {
                self.one(fact);
            }
        }
        results
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
                self.staged.push(fact);
            }
            Place::Fork => {
                self.epoch.chain.frozen = true;
                let detail = "another fact already stands under this id or in this place: the device's history split";
                self.set_aside(fact, "fork", detail.to_owned(), &mut result);
            }
            Place::Aside(why) => self.set_aside(fact, why.code(), why.to_string(), &mut result),
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
        fact: Examined,
        reason: &'static str,
        detail: String,
        result: &mut FactResult,
    ) {
        result.status = FactStatus::Quarantined;
        result.detail.clone_from(&detail);
        self.aside.push(SetAside {
            fact,
            reason,
            detail,
        });
    }

    /// The fact takes its place, whatever its body is worth.
    fn accept(&mut self, fact: Examined, result: &mut FactResult) {
        // The writer's turn is ours: numbers taken at the end will be these.
        let server_seq = self.organisation.clock + 1 + self.accepted.len() as u64;
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
                let body = self.admit(text);
                flags = self.flags(text, body.as_ref().ok());
                if let Ok(body) = &body {
                    self.project(text, body, &mut flags);
                }
                self.epoch.head_device_ms = Some(text.times.device.timestamp_millis());
                body
            }
        };
        flags.sort_unstable();
        flags.dedup();
        result.server_seq = Some(server_seq);
        result.flags.clone_from(&flags);
        match &body {
            Ok(_) if flags.is_empty() => {}
            Ok(_) => result.status = FactStatus::Flagged,
            Err(refusal) => {
                result.status = FactStatus::Quarantined;
                result.detail = refusal.to_string();
            }
        }
        self.accepted.push(Accepted { fact, body, flags });
    }

    fn admit(&self, text: &FactText) -> Result<FactBody, Refusal> {
        let body = admit(&self.author, text)?.body;
        match receipt(&body).map(ReceiptNumber::to_string) {
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
        if let Some(receipt) = receipt(body) {
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

    fn project(&mut self, text: &FactText, body: &FactBody, flags: &mut Vec<Flag>) {
        let authored = text.authored(&self.user.name, &self.epoch.label);
        flags.extend(self.dossiers.apply(&authored, body));
    }

    /// Writes what was decided. Returns the last number given out, if any was.
    pub async fn write(&mut self, connection: &mut Connection) -> Result<Option<u64>> {
        let organisation = self.organisation.id;
        let chain = (self.epoch.device, self.epoch.epoch);
        let numbers = self.accepted.len() + self.dossiers.changed.len();
        let mut last = None;
        if numbers > 0 {
            let first = organisations::take_numbers(connection, organisation, numbers).await?;
            if first != self.organisation.clock + 1 {
                return Err(Error::Corrupt(format!(
                    "the clock moved during a write, to {first}"
                )));
            }
            last = Some(first + numbers as u64 - 1);
        }
        let mut next = self.organisation.clock + 1;
        for accepted in &self.accepted {
            self.write_accepted(connection, accepted, next).await?;
            next += 1;
        }
        for dossier in self.dossiers.changed() {
            records::store(connection, organisation, dossier, next).await?;
            next += 1;
        }
        for SetAside {
            fact,
            reason,
            detail,
        } in &self.aside
        {
            self.quarantine(connection, fact, reason, detail).await?;
        }
        for fact in &self.staged {
            facts::stage(
                connection,
                organisation,
                chain,
                fact.seq,
                &fact.sealed,
                self.now_ms,
            )
            .await?;
        }
        facts::unstage(connection, organisation, chain, self.epoch.chain.head_seq).await?;
        devices::advance(connection, organisation, &self.epoch).await?;
        Ok(last)
    }

    async fn write_accepted(
        &self,
        connection: &mut Connection,
        accepted: &Accepted,
        server_seq: u64,
    ) -> Result<()> {
        let organisation = self.organisation.id;
        let fact = &accepted.fact;
        let text = fact.text.as_ref().ok();
        let body = accepted.body.as_ref().ok();
        let new = NewFact {
            server_seq,
            device: self.epoch.device,
            epoch: self.epoch.epoch,
            seq: fact.seq,
            fact_id: text.map(|text| text.fact_id),
            type_name: text.map_or("", |text| &text.type_name),
            projected: body.is_some(),
            client: body.and_then(FactBody::client),
            receipt: body.and_then(receipt),
            author: &self.user.name,
            flags: &accepted.flags,
            received_at_ms: self.now_ms,
            sealed: &fact.sealed,
        };
        facts::insert(connection, organisation, &new).await?;
        if let Err(refusal) = &accepted.body {
            return self
                .quarantine(connection, fact, refusal.code(), &refusal.to_string())
                .await;
        }
        let (Some(id), Some(body), Some(client)) = (new.fact_id, body, new.client) else {
            return Ok(());
        };
        for attachment in body.attachments() {
            blobs::name(connection, organisation, id, client, attachment).await?;
        }
        let kept = |dossier: &tournee_domain::Dossier| dossier.payments.iter().any(|p| p.id == id);
        if self.dossiers.by_client.get(client).is_some_and(kept) {
            let pending = PendingPayment {
                payment: id,
                client: client.clone(),
            };
            let transaction = operator_transaction(body);
            ledger::note_payment(
                connection,
                organisation,
                &pending,
                server_seq,
                transaction.as_deref(),
            )
            .await?;
        }
        Ok(())
    }

    async fn quarantine(
        &self,
        connection: &mut Connection,
        fact: &Examined,
        reason: &str,
        detail: &str,
    ) -> Result<()> {
        let text = fact.text.as_ref().ok();
        let row = Quarantined {
            device: self.epoch.device,
            epoch: self.epoch.epoch,
            seq: fact.seq,
            fact_id: text.map(|text| text.fact_id),
            type_name: text.map_or("", |text| &text.type_name),
            author: &self.user.name,
            reason,
            detail,
            received_at_ms: self.now_ms,
            sealed: &fact.sealed,
        };
        quarantine::insert(connection, self.organisation.id, &row).await
    }

    /// From where the device should push again, and the chain as it now is.
    pub fn finish(self) -> (Option<u64>, EpochRecord) {
        let head = self.epoch.chain.head_seq;
        let gap = self.staged.iter().any(|fact| fact.seq > head);
        (gap.then_some(head + 1), self.epoch)
    }
}
