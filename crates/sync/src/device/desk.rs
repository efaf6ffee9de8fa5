//! One user's work on this device, opened: the portfolio and the facts the records do not hold yet.

use super::chain::{Author, ChainHead};
use super::identity::Identity;
use super::inspect::{Damage, inspect};
use super::portfolio::Portfolio;
use super::ports::Ports;
use super::retention::AckMarks;
use super::store::{
    DeviceStore, FactKey, FactState, Head, LOG_ID, Loaded, PullState, StoreError, StoredFact,
};
use crate::ack::Ack;
use crate::encoding::Hash;
use crate::envelope::{FactText, Times};
use crate::push::Heartbeat;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tournee_domain::fact::{Authored, Flag, UnreadableBody};
use tournee_domain::order;
use tournee_domain::summary::Summary;
use tournee_domain::{BlobHash, ClientCode, Dossier, FactBody, FactId};

/// Note of the last exchange's clocks.
const EXCHANGE: &str = "exchange";
/// Note of when the last exchange went through to its end, in milliseconds since 1970.
const LAST_SUCCESS: &str = "last_success";

/// The store is read again so many times when this tab records meanwhile.
const READS_MAX: u32 = 5;

/// Office time minus device time, and when that was found (SYNC 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub office_offset_ms: i64,
    pub at_ms: i64,
}

/// An own fact in memory.
#[derive(Clone)]
pub struct PendingFact {
    pub at: FactKey,
    pub fact_id: FactId,
    pub recorded_at: DateTime<FixedOffset>,
    pub body: Result<FactBody, UnreadableBody>,
    pub state: Option<FactState>,
}

/// A fact recorded on this device, for the sync screen and the report of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFact {
    pub fact_id: FactId,
    pub epoch: u32,
    pub seq: u64,
    pub recorded_at: DateTime<FixedOffset>,
    pub body: Result<FactBody, UnreadableBody>,
    pub state: OwnState,
}

/// What the office has said of an own fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnState {
    Waiting,
    Sent {
        flags: Vec<Flag>,
    },
    /// Safe at the office, waiting there for an earlier one.
    Staged,
    /// Safe at the office, set aside for a person to look at.
    Quarantined {
        detail: String,
    },
}

/// What reads own facts back and applies them to dossiers. An app in parts starts without it where nothing waits
/// ([`Ports::own_reader`]).
pub struct OwnReader<P> {
    read: fn(&StoredFact) -> PendingFact,
    /// The summary of a stored dossier with own facts applied.
    summary: fn(&Desk<P>, &str) -> Result<Summary, StoreError>,
}

impl<P: Ports> OwnReader<P> {
    /// The one there is.
    pub fn here() -> Self {
        Self {
            read: PendingFact::of,
            summary: |desk, dossier| Ok(Summary::of(&desk.read_dossier(dossier)?)),
        }
    }

    /// Everything of `stored`, in order; the reader is not asked for where there is nothing.
    ///
    /// # Errors
    /// When the reader does not come.
    pub async fn read_all(
        ports: &P,
        stored: &[StoredFact],
    ) -> Result<Vec<PendingFact>, StoreError> {
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let reader = ports.own_reader().await?;
        Ok(stored.iter().map(reader.read).collect())
    }
}

/// Nothing of it is shared between users; signing out drops it.
pub struct Desk<P> {
    pub ports: P,
    pub identity: RefCell<Identity>,
    pub head: RefCell<Head>,
    pub portfolio: RefCell<Portfolio>,
    /// In order: not in the records, or not acknowledged (SYNC 29).
    pub facts: RefCell<Vec<PendingFact>>,
    pub acked_through: Cell<FactKey>,
    /// Facts through here may have been deleted (SYNC 11).
    pub forgotten_through: Cell<FactKey>,
    pub(super) ack_marks: RefCell<AckMarks>,
    pub pull: RefCell<PullState>,
    pub exchange: Cell<Option<Exchange>>,
    pub last_success_ms: Cell<Option<i64>>,
    log_id: RefCell<Option<String>>,
    /// When the stored records were last compared with the office's sums, since this desk was opened.
    pub(super) audited_ms: Cell<Option<i64>>,
    /// Buckets that were taken anew since then, because they were not as the office gave them.
    pub mended: Cell<u32>,
    pub flagged: Cell<u32>,
    /// Blobs whose bytes the office does not have yet; one may belong to several facts.
    pub waiting_blobs: RefCell<BTreeSet<BlobHash>>,
}

impl<P: Ports> Desk<P> {
    /// Opens what the store holds; `None` when nobody has enrolled in it. Facts that are not what this device wrote leave
    /// it in [`Identity::damage`].
    ///
    /// # Errors
    /// When the store fails, or what it holds makes no sense.
    pub async fn open(ports: P) -> Result<Option<Self>, StoreError> {
        let loaded = ports.store().load().await?;
        let (Some(identity), Some(head)) = (&loaded.identity, loaded.head.clone()) else {
            return Ok(None);
        };
        let identity: Identity = read(identity)?;
        if !ports.has_key(&identity.key).await {
            let detail = format!("the private key {} is missing", identity.key.id());
            return Err(StoreError::Corrupt(detail));
        }
        let facts = OwnReader::read_all(&ports, &loaded.facts).await?;
        let damage = match &identity.damage {
            Some(_) => None,
            None => inspect(&ports, &identity, &head, &loaded, &facts).await?,
        };
        let desk = Self {
            identity: RefCell::new(identity),
            head: RefCell::new(head),
            portfolio: RefCell::default(),
            facts: RefCell::default(),
            acked_through: Cell::default(),
            forgotten_through: Cell::default(),
            ack_marks: RefCell::default(),
            pull: RefCell::default(),
            exchange: Cell::default(),
            last_success_ms: Cell::default(),
            log_id: RefCell::default(),
            audited_ms: Cell::default(),
            mended: Cell::default(),
            flagged: Cell::default(),
            waiting_blobs: RefCell::default(),
            ports,
        };
        desk.take_records(&loaded)?;
        desk.take_own(loaded, facts)?;
        desk.apply_own().await?;
        if let Some(Damage(what)) = damage {
            let mut identity = desk.identity.borrow().clone();
            (identity.enrol_again, identity.damage) = (true, Some(what));
            desk.keep_identity(identity).await?;
        }
        Ok(Some(desk))
    }

    pub fn store(&self) -> &P::Store {
        self.ports.store()
    }

    /// Reads everything again, after another tab changed the records.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let loaded = self.store().load().await?;
        let facts = OwnReader::read_all(&self.ports, &loaded.facts).await?;
        self.take_records(&loaded)?;
        if self.is_stale(&loaded) {
            return self.reload_own().await;
        }
        self.take_own(loaded, facts)?;
        self.apply_own().await
    }

    /// Reads own facts again, after another tab recorded or sent some.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reload_own(&self) -> Result<(), StoreError> {
        for _ in 0..READS_MAX {
            let loaded = self.store().load_own().await?;
            let facts = OwnReader::read_all(&self.ports, &loaded.facts).await?;
            if !self.is_stale(&loaded) {
                self.take_own(loaded, facts)?;
                return self.apply_own().await;
            }
        }
        Err(StoreError::Cleared)
    }

    /// Reads again what another tab has changed since it was read; true when it has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn catch_up(&self) -> Result<bool, StoreError> {
        if self.store().pull_state().await? != *self.pull.borrow() {
            self.reload().await?;
        } else if self.store().head().await?.as_ref() != Some(&*self.head.borrow()) {
            self.reload_own().await?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether this tab recorded while the store was being read: what was read then lacks it. Reading again sees it,
    /// since a head moves only after its fact is durable.
    fn is_stale(&self, loaded: &Loaded) -> bool {
        let head = self.head.borrow();
        let read = loaded.head.as_ref().map(|read| (read.epoch, read.seq));
        read < Some((head.epoch, head.seq))
    }

    fn take_records(&self, loaded: &Loaded) -> Result<(), StoreError> {
        let (found, expected) = (loaded.chunks.len(), loaded.pull.chunks);
        if u32::try_from(found) != Ok(expected) {
            let detail = format!("{found} of {expected} chunks of summaries");
            return Err(StoreError::Corrupt(detail));
        }
        let portfolio = Portfolio::read(&loaded.chunks);
        *self.portfolio.borrow_mut() =
            portfolio.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        *self.pull.borrow_mut() = loaded.pull.clone();
        Ok(())
    }

    /// The identity and the head of its epoch are of one moment: a fact is signed with the key of its own epoch.
    fn take_own(&self, loaded: Loaded, facts: Vec<PendingFact>) -> Result<(), StoreError> {
        if let Some(identity) = &loaded.identity {
            *self.identity.borrow_mut() = read(identity)?;
        }
        let exchange = loaded.notes.get(EXCHANGE);
        if let Some(exchange) = exchange.and_then(|json| serde_json::from_str(json).ok()) {
            self.exchange.set(Some(exchange));
        }
        let last_success = loaded.notes.get(LAST_SUCCESS);
        self.last_success_ms
            .set(last_success.and_then(|ms| ms.parse().ok()));
        *self.log_id.borrow_mut() = loaded.notes.get(LOG_ID).cloned();
        if let Some(head) = loaded.head {
            *self.head.borrow_mut() = head;
        }
        self.acked_through.set(loaded.acked_through);
        self.forgotten_through.set(loaded.forgotten_through);
        *self.ack_marks.borrow_mut() = AckMarks::read(&loaded.notes);
        self.flagged.set(loaded.flagged);
        let waiting_blobs = loaded.waiting_blobs.iter();
        *self.waiting_blobs.borrow_mut() =
            order::set_of(waiting_blobs.map(|blob| blob.hash.clone()));
        *self.facts.borrow_mut() = facts;
        Ok(())
    }

    /// Computes the summaries of every client that own facts touch.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn apply_own(&self) -> Result<(), StoreError> {
        let client_of = |fact: &PendingFact| fact.body.as_ref().ok()?.client().cloned();
        let touched = order::set_of(self.facts.borrow().iter().filter_map(client_of));
        let mut own = HashMap::new();
        if !touched.is_empty() {
            let reader = self.ports.own_reader().await?;
            for code in touched {
                let Some(json) = self.store().dossier(&code).await? else {
                    continue;
                };
                match (reader.summary)(self, &json) {
                    Ok(summary) => {
                        own.insert(code, Arc::new(summary));
                    }
                    // One that cannot be read stops nobody: the next comparison with the office takes it anew (SYNC 22).
                    Err(StoreError::Corrupt(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.portfolio.borrow_mut().set_own(own);
        Ok(())
    }

    /// A client's file with own facts applied.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn dossier(&self, code: &ClientCode) -> Result<Option<Dossier>, StoreError> {
        let json = self.store().dossier(code).await?;
        json.map(|json| self.read_dossier(&json)).transpose()
    }

    fn read_dossier(&self, json: &str) -> Result<Dossier, StoreError> {
        let dossier = Dossier::read(json);
        let mut dossier = dossier.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        self.apply_to(&mut dossier);
        Ok(dossier)
    }

    /// Applies own facts that the office may not have applied yet; applying one again changes nothing.
    pub fn apply_to(&self, dossier: &mut Dossier) {
        let identity = self.identity.borrow();
        for fact in self.facts.borrow().iter() {
            let Ok(body) = &fact.body else { continue };
            // What was set aside counts for nothing at the office, so it does not here.
            let set_aside = matches!(fact.state, Some(FactState::Quarantined { .. }));
            if set_aside || body.client() != Some(&dossier.client.code) {
                continue;
            }
            let authored = Authored {
                fact_id: fact.fact_id,
                at: fact.recorded_at,
                author: identity.user.name.clone(),
                device_label: identity.device.label.clone(),
            };
            // Its flags are for the office, which finds them itself.
            let _flags = dossier.apply(&authored, body);
        }
    }

    /// Own facts that the office has not acknowledged nor set aside.
    pub fn waiting(&self) -> Vec<PendingFact> {
        let acked = self.acked_through.get();
        let facts = self.facts.borrow();
        let waiting = facts.iter().filter(|fact| fact.is_waiting(acked));
        waiting.cloned().collect()
    }

    /// The first of them for which `is_meant`.
    pub fn first_waiting(&self, is_meant: impl Fn(FactKey) -> bool) -> Option<FactKey> {
        let acked = self.acked_through.get();
        let facts = self.facts.borrow();
        let waiting = facts.iter().filter(|fact| fact.is_waiting(acked));
        let mut places = waiting.map(|fact| fact.at);
        places.find(|at| is_meant(*at))
    }

    /// How far this device has recorded.
    pub fn heartbeat(&self) -> Heartbeat {
        let head = self.head.borrow();
        Heartbeat {
            epoch: head.epoch,
            head_seq: head.seq,
            waiting: u32::try_from(self.waiting().len()).unwrap_or(u32::MAX),
        }
    }

    /// A time as the organisation's clocks show it.
    pub fn in_zone(&self, at: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        let minutes = self.identity.borrow().organisation.utc_offset_minutes;
        let offset = minutes.checked_mul(60).and_then(FixedOffset::east_opt);
        offset.map_or(at, |offset| at.with_timezone(&offset))
    }

    /// Own facts through here are in the records, and the office has acknowledged them.
    pub fn settled_through(&self) -> FactKey {
        let acked = self.acked_through.get();
        acked.min(self.pull.borrow().applied_through)
    }

    /// Forgets facts that the records hold and the office has acknowledged.
    pub fn drop_settled(&self) {
        let from = self.settled_through();
        self.facts.borrow_mut().retain(|fact| fact.at > from);
    }

    /// Who writes facts here.
    pub fn author(&self) -> Author {
        let identity = self.identity.borrow();
        Author {
            organisation: identity.organisation.id,
            device: identity.device.id,
            user: identity.user.id,
            key: identity.key.id(),
        }
    }

    /// When a fact is being recorded, as this device knows it.
    pub fn times(&self) -> Times {
        let exchange = self.exchange.get();
        let now = self.ports.now();
        let age_ms = |exchange: Exchange| now.timestamp_millis() - exchange.at_ms;
        Times {
            device: now,
            zone: self.ports.zone(),
            office_offset_ms: exchange.map(|exchange| exchange.office_offset_ms),
            office_offset_age_s: exchange.map(|exchange| age_ms(exchange) / 1000),
        }
    }

    /// Notes how far the office's clock is from this device's.
    ///
    /// # Errors
    /// When the store fails.
    ///
    /// # Panics
    /// Never: the note serialises.
    pub async fn note_exchange(&self, server_now_ms: i64) -> Result<(), StoreError> {
        let at_ms = self.ports.now().timestamp_millis();
        let exchange = Exchange {
            office_offset_ms: server_now_ms - at_ms,
            at_ms,
        };
        self.exchange.set(Some(exchange));
        let json = serde_json::to_string(&exchange).expect("a note serialises");
        self.store().put_note(EXCHANGE, &json).await
    }

    /// Notes that an exchange went through to its end.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_success(&self) -> Result<(), StoreError> {
        let now_ms = self.ports.now().timestamp_millis();
        self.last_success_ms.set(Some(now_ms));
        let note = now_ms.to_string();
        self.store().put_note(LAST_SUCCESS, &note).await
    }

    /// When the office itself was put back, everything is sent again, for what it still has it calls duplicate: true then
    /// (SYNC 20, fault 14).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn follow_log(&self, ack: &Ack) -> Result<bool, StoreError> {
        let known_log = self.log_id.borrow().clone();
        match known_log {
            None => self.store().put_note(LOG_ID, &ack.log_id).await?,
            Some(known) if known != ack.log_id => {
                self.store().begin_log(&ack.log_id).await?;
                self.pull.borrow_mut().applied_through = FactKey::START;
                self.reload_own().await?;
                return Ok(true);
            }
            Some(_) => {}
        }
        *self.log_id.borrow_mut() = Some(ack.log_id.clone());
        Ok(false)
    }

    /// Moves to where the office says it has everything; never past a fact of an earlier epoch that still waits.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn follow(&self, ack: &Ack) -> Result<(), StoreError> {
        let told = FactKey {
            epoch: ack.epoch,
            seq: ack.acked_through,
        };
        let earlier = self.first_waiting(|at| at.epoch < told.epoch);
        if told > self.acked_through.get() && earlier.is_none() {
            self.store().settle(told, &[]).await?;
            self.acked_through.set(told);
        }
        Ok(())
    }

    /// The next sign-in enrols this device again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn mark_for_enrolment(&self) -> Result<(), StoreError> {
        let mut identity = self.identity.borrow().clone();
        if identity.enrol_again {
            return Ok(());
        }
        identity.enrol_again = true;
        self.keep_identity(identity).await
    }

    /// Keeps a changed identity, unless another tab has begun a later epoch meanwhile: then that one holds.
    ///
    /// # Errors
    /// When the store fails.
    ///
    /// # Panics
    /// Never: an identity serialises.
    pub async fn keep_identity(&self, identity: Identity) -> Result<(), StoreError> {
        let json = serde_json::to_string(&identity).expect("an identity serialises");
        let epoch = identity.device.epoch;
        match self.store().keep_identity(&json, epoch).await {
            Ok(()) => {
                *self.identity.borrow_mut() = identity;
                Ok(())
            }
            Err(StoreError::HeadMoved) => self.reload_own().await,
            Err(error) => Err(error),
        }
    }
}

impl PendingFact {
    pub fn of(stored: &StoredFact) -> Self {
        let text: Result<FactText, _> = serde_json::from_str(&stored.fact.text);
        let recorded_at = text.as_ref().map(|text| text.times.device);
        let unreadable = |error: &serde_json::Error| UnreadableBody::Malformed {
            type_name: String::new(),
            why: error.to_string(),
        };
        Self {
            at: stored.fact.at(),
            fact_id: stored.fact.fact_id,
            recorded_at: recorded_at.unwrap_or_default(),
            body: match &text {
                Ok(text) => text.read_body(),
                Err(error) => Err(unreadable(error)),
            },
            state: stored.state.clone(),
        }
    }

    /// Whether the office still has to hear of it: not acknowledged, and not set aside there either.
    pub fn is_waiting(&self, acked_through: FactKey) -> bool {
        let aside = matches!(self.state, Some(FactState::Quarantined { .. }));
        self.at > acked_through && !aside
    }

    /// As the sync screen shows it.
    pub fn view(self, desk: &Desk<impl Ports>) -> OwnFact {
        let acked_through = desk.acked_through.get();
        let acked = self.at <= acked_through;
        OwnFact {
            fact_id: self.fact_id,
            epoch: self.at.epoch,
            seq: self.at.seq,
            recorded_at: desk.in_zone(self.recorded_at),
            body: self.body,
            state: match self.state {
                Some(FactState::Flagged { flags }) => OwnState::Sent { flags },
                Some(FactState::Quarantined { detail }) => OwnState::Quarantined { detail },
                Some(FactState::Staged) if !acked => OwnState::Staged,
                Some(FactState::Staged) | None if acked => OwnState::Sent { flags: Vec::new() },
                _ => OwnState::Waiting,
            },
        }
    }
}

/// The device's chain as the protocol names it.
///
/// # Errors
/// When the stored hash is no hash.
pub fn chain_head(head: &Head) -> Result<ChainHead, StoreError> {
    let hash: Hash = head
        .hash
        .parse()
        .map_err(|_| StoreError::Corrupt(format!("head « {} »", head.hash)))?;
    Ok(ChainHead {
        epoch: head.epoch,
        seq: head.seq,
        hash,
    })
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::Corrupt(error.to_string()))
}
