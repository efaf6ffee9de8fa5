//! An office without a disk, for tests and simulations. A clone of it is a backup.

use super::own::{OFFICE_EPOCH, OFFICE_LABEL};
use super::place::{Chain, Known};
use super::store::{
    DeviceEpoch, EPOCH_ROOM, Enrolment, LABEL_ROOM, OfficeDatabase, OfficeStore, OfficeUser,
    OrganisationState, PAGE_RECORDS_MAX, Span, label_number,
};
use super::{Lookups, Names, NewFact, Outcome, Quarantined, Scope};
use crate::certificate::Certificate;
use crate::encoding::Hash;
use crate::enrol::{EnrolledDevice, Organisation, User};
use crate::envelope::SealedFact;
use crate::key::PublicKey;
use crate::pull::{BucketSum, PULL_PAGE_BYTES_MAX, Record, RecordKind, record_digest};
use crate::push::Heartbeat;
use serde_json::value::RawValue;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tournee_domain::fact::Tally;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{BlobHash, ClientCode, DeviceId, Dossier, FactId, UserId};
use uuid::Uuid;

/// A fact of the journal, under the chain it stands in.
#[derive(Debug)]
pub struct JournalFact {
    pub device: DeviceId,
    pub epoch: u32,
    pub author: String,
    pub received_at_ms: i64,
    pub fact: NewFact,
}

/// What is set aside, under the chain it was sent for.
#[derive(Debug)]
pub struct AsideFact {
    pub device: DeviceId,
    pub epoch: u32,
    pub fact: Quarantined,
}

/// Everything an office holds. Large values are shared between clones.
#[derive(Clone, Debug)]
pub struct MemoryOffice {
    organisation: OrganisationState,
    users: BTreeMap<UserId, OfficeUser>,
    devices: BTreeMap<DeviceId, Device>,
    /// The highest number that may stand on a label.
    labels_taken: u32,
    epochs: BTreeMap<(DeviceId, u32), DeviceEpoch>,
    facts: BTreeMap<u64, Rc<JournalFact>>,
    ids: BTreeMap<FactId, Known>,
    places: BTreeMap<(DeviceId, u32, u64), Known>,
    receipts: BTreeSet<Rc<str>>,
    transactions: BTreeSet<Rc<str>>,
    staged: BTreeMap<(DeviceId, u32, u64, Hash), Rc<SealedFact>>,
    quarantine: Vec<Rc<AsideFact>>,
    records: BTreeMap<ClientCode, StoredRecord>,
    /// `None` for clients of no portfolio.
    tombstones: BTreeMap<(ClientCode, Option<PortfolioCode>), Tombstone>,
}

#[derive(Clone, Debug)]
struct Device {
    label: String,
    installation: Option<Uuid>,
    user: Option<UserId>,
    /// The highest epoch that may have been given out.
    epochs_taken: u32,
    revoked: bool,
}

#[derive(Clone, Debug)]
struct StoredRecord {
    server_seq: u64,
    dossier: Rc<Dossier>,
    body: Rc<str>,
    digest: Hash,
}

#[derive(Clone, Copy, Debug)]
struct Tombstone {
    server_seq: u64,
    made_at_ms: i64,
}

/// What an adapter's last defence refuses: a defect of the machine, never of a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    #[error("{0} is already in the journal")]
    Taken(String),
    #[error("the clock is at {clock}, the outcome was decided at {decided}")]
    ClockMoved { clock: u64, decided: u64 },
    #[error("{0} is not known here")]
    Unknown(String),
}

impl MemoryOffice {
    /// An office whose own device signs with the key whose public half is `own_key`.
    pub fn new(
        settings: Organisation,
        log_id: &str,
        own_device: DeviceId,
        own_key: PublicKey,
    ) -> Self {
        let mut office = Self {
            organisation: OrganisationState {
                settings,
                clock: 0,
                log_id: log_id.to_owned(),
                purged_through: 0,
            },
            users: BTreeMap::new(),
            devices: BTreeMap::new(),
            labels_taken: 0,
            epochs: BTreeMap::new(),
            facts: BTreeMap::new(),
            ids: BTreeMap::new(),
            places: BTreeMap::new(),
            receipts: BTreeSet::new(),
            transactions: BTreeSet::new(),
            staged: BTreeMap::new(),
            quarantine: Vec::new(),
            records: BTreeMap::new(),
            tombstones: BTreeMap::new(),
        };
        let own = Device {
            label: OFFICE_LABEL.to_owned(),
            installation: None,
            user: None,
            epochs_taken: OFFICE_EPOCH,
            revoked: false,
        };
        office.devices.insert(own_device, own);
        office.start_epoch(own_device, OFFICE_EPOCH, &own_key);
        office
    }

    pub fn add_user(&mut self, user: User) {
        let scope_epoch = 1;
        self.users.insert(user.id, OfficeUser { user, scope_epoch });
    }

    /// The journal after a number, in the order of numbers.
    pub fn facts_after(&self, after: u64) -> impl Iterator<Item = (u64, &JournalFact)> {
        let facts = self.facts.range(after + 1..);
        facts.map(|(number, fact)| (*number, &**fact))
    }

    /// Records that changed after a number, each with its body.
    pub fn records_after(&self, after: u64) -> impl Iterator<Item = (&Rc<Dossier>, &Rc<str>)> {
        let records = self.records.values();
        let newer = records.filter(move |record| record.server_seq > after);
        newer.map(|record| (&record.dossier, &record.body))
    }

    /// Facts that wait for earlier ones.
    pub fn staged_facts(&self) -> impl Iterator<Item = &SealedFact> {
        self.staged.values().map(|sealed| &**sealed)
    }

    /// Every device with its label, and whether it was revoked.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &str, bool)> {
        let devices = self.devices.iter();
        devices.map(|(id, device)| (*id, &*device.label, device.revoked))
    }

    pub fn users(&self) -> impl Iterator<Item = &OfficeUser> {
        self.users.values()
    }

    /// How many bytes a blob has, when a fact names it, be it in the journal or set aside: evidence belongs to both.
    pub fn named_bytes(&self, hash: &BlobHash) -> Option<u64> {
        let journal = self.facts.values().map(|entry| &entry.fact.attachments);
        let aside = self.quarantine.iter();
        let aside = aside.filter_map(|aside| aside.fact.evidence.as_ref());
        let all = journal.chain(aside.map(|evidence| &evidence.attachments));
        let mut named = all.flatten().filter(|one| one.hash == *hash);
        named.next().map(|one| u64::from(one.size_bytes))
    }

    /// What was set aside, in the order of arrival.
    pub fn quarantine(&self) -> impl ExactSizeIterator<Item = &AsideFact> {
        self.quarantine.iter().map(|aside| &**aside)
    }

    fn start_epoch(&mut self, id: DeviceId, number: u32, key: &PublicKey) {
        let device = &self.devices[&id];
        let epoch = DeviceEpoch {
            device: id,
            label: device.label.clone(),
            epoch: number,
            user: device.user,
            key: key.clone(),
            chain: Chain::EMPTY,
            head_device_ms: None,
            last_receipt: 0,
            tally: Tally::default(),
        };
        self.epochs.insert((id, number), epoch);
    }

    fn insert(&mut self, outcome: &Outcome, fact: &NewFact) -> Result<(), MemoryError> {
        let (device, epoch) = (outcome.epoch.device, outcome.epoch.epoch);
        let known = Known {
            hash: fact.sealed.hash,
            server_seq: fact.server_seq,
        };
        if let Some(id) = fact.fact_id
            && self.ids.insert(id, known).is_some()
        {
            return Err(MemoryError::Taken(id.to_string()));
        }
        let place = (device, epoch, fact.seq);
        if self.places.insert(place, known).is_some() {
            return Err(MemoryError::Taken(format!("{place:?}")));
        }
        if let Some(receipt) = &fact.receipt
            && !self.receipts.insert(receipt.to_string().into())
        {
            return Err(MemoryError::Taken(receipt.to_string()));
        }
        let payment = fact.payment.as_ref();
        self.transactions.extend(
            payment.and_then(|payment| payment.operator_transaction.as_deref().map(Rc::from)),
        );
        let journal = JournalFact {
            device,
            epoch,
            author: outcome.author.clone(),
            received_at_ms: outcome.received_at_ms,
            fact: fact.clone(),
        };
        self.facts.insert(fact.server_seq, Rc::new(journal));
        Ok(())
    }

    fn taker(&self, payment: FactId) -> Option<(FactId, UserId)> {
        let fact = self.facts.get(&self.ids.get(&payment)?.server_seq)?;
        let taker = self.devices.get(&fact.device)?.user?;
        (fact.fact.type_name == "payment").then_some((payment, taker))
    }

    fn store(&mut self, server_seq: u64, dossier: &Dossier, now_ms: i64) {
        let code = dossier.client.code.clone();
        let portfolio = dossier.client.portfolio.as_ref();
        let former = self.records.get(&code);
        let left = former.and_then(|record| record.dossier.client.portfolio.clone());
        if let Some(left) = left.filter(|left| portfolio != Some(left)) {
            let tombstone = Tombstone {
                server_seq,
                made_at_ms: now_ms,
            };
            let place = (code.clone(), Some(left));
            self.tombstones.insert(place, tombstone);
        }
        let body = serde_json::to_string(dossier).expect("every field of a dossier serialises");
        let record = StoredRecord {
            digest: record_digest(RecordKind::Dossier, code.as_str(), &body),
            server_seq,
            dossier: Rc::new(dossier.clone()),
            body: body.into(),
        };
        self.records.insert(code, record);
    }

    fn erase(&mut self, server_seq: u64, code: &ClientCode, now_ms: i64) {
        if let Some(record) = self.records.remove(code) {
            let tombstone = Tombstone {
                server_seq,
                made_at_ms: now_ms,
            };
            let place = (code.clone(), record.dossier.client.portfolio.clone());
            self.tombstones.insert(place, tombstone);
        }
    }

    /// Records and tombstones of the span, by number: the client's code, and the body of a record.
    fn visible(&self, scope: &Scope, span: Span) -> BTreeMap<u64, (&ClientCode, Option<&str>)> {
        let in_scope =
            |record: &StoredRecord| scope.contains(record.dossier.client.portfolio.as_ref());
        let mut visible = BTreeMap::new();
        for (code, record) in &self.records {
            if in_scope(record) {
                visible.insert(record.server_seq, (code, Some(&*record.body)));
            }
        }
        for ((code, portfolio), tombstone) in &self.tombstones {
            let elsewhere = self
                .records
                .get(code)
                .is_none_or(|record| !in_scope(record));
            if elsewhere
                && scope.contains(portfolio.as_ref())
                && tombstone.server_seq > span.erased_after
            {
                visible.insert(tombstone.server_seq, (code, None));
            }
        }
        visible.retain(|number, _| *number > span.after && *number <= span.until);
        visible
    }
}

impl OfficeStore for MemoryOffice {
    type Error = MemoryError;

    fn organisation(&self) -> &OrganisationState {
        &self.organisation
    }

    async fn user(&mut self, user: UserId) -> Result<Option<OfficeUser>, MemoryError> {
        Ok(self.users.get(&user).cloned())
    }

    async fn set_portfolios(
        &mut self,
        user: UserId,
        portfolios: &[PortfolioCode],
    ) -> Result<(), MemoryError> {
        let unknown = || MemoryError::Unknown(user.to_string());
        let known = self.users.get_mut(&user).ok_or_else(unknown)?;
        known.user.portfolios = portfolios.to_vec();
        known.scope_epoch += 1;
        Ok(())
    }

    async fn epoch(
        &mut self,
        device: DeviceId,
        epoch: u32,
    ) -> Result<Option<DeviceEpoch>, MemoryError> {
        let mut found = self.epochs.get(&(device, epoch)).cloned();
        if let (Some(epoch), Some(device)) = (&mut found, self.devices.get(&device)) {
            epoch.chain.revoked = device.revoked;
        }
        Ok(found)
    }

    async fn own_epoch(&mut self) -> Result<DeviceEpoch, MemoryError> {
        let mut own = self.epochs.values().filter(|epoch| epoch.user.is_none());
        let unknown = || MemoryError::Unknown(OFFICE_LABEL.to_owned());
        own.next().cloned().ok_or_else(unknown)
    }

    async fn enrol(
        &mut self,
        enrolment: &Enrolment<'_>,
    ) -> Result<Option<EnrolledDevice>, MemoryError> {
        let from = (Some(enrolment.installation), Some(enrolment.user));
        let mut devices = self.devices.iter();
        let known = devices.find(|(_, device)| (device.installation, device.user) == from);
        let id = match known {
            Some((id, _)) => *id,
            None => {
                self.labels_taken += 1;
                let device = Device {
                    label: format!("D{:02}", self.labels_taken),
                    installation: from.0,
                    user: from.1,
                    epochs_taken: 0,
                    revoked: false,
                };
                self.devices.insert(enrolment.new_id, device);
                enrolment.new_id
            }
        };
        let unknown = || MemoryError::Unknown(id.to_string());
        let device = self.devices.get_mut(&id).ok_or_else(unknown)?;
        if device.revoked {
            return Ok(None);
        }
        device.epochs_taken += 1;
        let enrolled = EnrolledDevice {
            id,
            label: device.label.clone(),
            epoch: device.epochs_taken,
        };
        self.start_epoch(id, enrolled.epoch, enrolment.key);
        Ok(Some(enrolled))
    }

    async fn reinstate(&mut self, certificate: &Certificate) -> Result<bool, MemoryError> {
        let id = certificate.device;
        let from = (Some(certificate.installation), Some(certificate.user));
        let is_other = |device: &Device| device.label != certificate.label || device.user != from.1;
        let label_is_taken = || {
            let mut devices = self.devices.values();
            devices.any(|device| device.label == certificate.label)
        };
        let stranger = match self.devices.get(&id) {
            Some(known) => is_other(known),
            None => label_is_taken(),
        };
        if stranger || !self.users.contains_key(&certificate.user) {
            return Ok(false);
        }
        // An installation that enrolled anew meanwhile is that new device from now on.
        let mut devices = self.devices.values();
        let enrolled_anew = devices.any(|device| (device.installation, device.user) == from);
        let device = self.devices.entry(id).or_insert_with(|| Device {
            label: certificate.label.clone(),
            installation: from.0.filter(|_| !enrolled_anew),
            user: from.1,
            epochs_taken: 0,
            revoked: false,
        });
        device.epochs_taken = device.epochs_taken.max(certificate.epoch);
        let number = label_number(&certificate.label);
        self.labels_taken = self.labels_taken.max(number.unwrap_or(0));
        self.start_epoch(id, certificate.epoch, &certificate.key);
        Ok(true)
    }

    async fn seen(
        &mut self,
        _: DeviceId,
        _: &str,
        _: Option<&Heartbeat>,
        _: i64,
    ) -> Result<(), MemoryError> {
        Ok(())
    }

    async fn revoke(&mut self, device: DeviceId, at_ms: Option<i64>) -> Result<(), MemoryError> {
        let unknown = || MemoryError::Unknown(device.to_string());
        let known = self.devices.get_mut(&device).ok_or_else(unknown)?;
        known.revoked = at_ms.is_some();
        Ok(())
    }

    async fn look_up(
        &mut self,
        (device, epoch): (DeviceId, u32),
        (from, through): (u64, u64),
        names: &Names,
    ) -> Result<Lookups, MemoryError> {
        let ids = names.ids.iter();
        let places = self
            .places
            .range((device, epoch, from)..=(device, epoch, through.max(from)));
        let clients = names.clients.iter();
        let reversed = names.reversed.iter();
        Ok(Lookups {
            ids: ids
                .filter_map(|id| Some((*id, *self.ids.get(id)?)))
                .collect(),
            places: places.map(|((_, _, seq), known)| (*seq, *known)).collect(),
            receipts: known_among(&self.receipts, &names.receipts),
            transactions: known_among(&self.transactions, &names.transactions),
            takers: reversed.filter_map(|id| self.taker(*id)).collect(),
            dossiers: clients
                .filter_map(|code| Some((code.clone(), (*self.records.get(code)?.dossier).clone())))
                .collect(),
        })
    }

    async fn staged(
        &mut self,
        (device, epoch): (DeviceId, u32),
    ) -> Result<Vec<(u64, SealedFact)>, MemoryError> {
        let staged = self.staged.iter();
        Ok(staged
            .filter(|((of, in_epoch, ..), _)| (*of, *in_epoch) == (device, epoch))
            .map(|((_, _, seq, _), sealed)| (*seq, (**sealed).clone()))
            .collect())
    }

    async fn write(&mut self, outcome: &Outcome) -> Result<(), MemoryError> {
        let clock = self.organisation.clock;
        if outcome.clock != clock {
            let decided = outcome.clock;
            return Err(MemoryError::ClockMoved { clock, decided });
        }
        self.organisation.clock = outcome.last().unwrap_or(clock);
        for fact in &outcome.facts {
            self.insert(outcome, fact)?;
        }
        for (server_seq, dossier) in &outcome.records {
            self.store(*server_seq, dossier, outcome.received_at_ms);
        }
        for (server_seq, code) in &outcome.erased {
            self.erase(*server_seq, code, outcome.received_at_ms);
        }
        let (device, epoch) = (outcome.epoch.device, outcome.epoch.epoch);
        for fact in &outcome.quarantined {
            let fact = fact.clone();
            self.quarantine.push(Rc::new(AsideFact {
                device,
                epoch,
                fact,
            }));
        }
        for (seq, sealed) in &outcome.staged {
            let place = (device, epoch, *seq, sealed.hash);
            self.staged.insert(place, Rc::new(sealed.clone()));
        }
        let head = outcome.epoch.chain.head_seq;
        self.staged
            .retain(|(of, in_epoch, seq, _), _| (*of, *in_epoch) != (device, epoch) || *seq > head);
        self.epochs.insert((device, epoch), outcome.epoch.clone());
        Ok(())
    }

    async fn page(&mut self, scope: &Scope, span: Span) -> Result<Vec<Record>, MemoryError> {
        let mut records = Vec::new();
        let mut bytes = 0;
        for (server_seq, (code, body)) in self.visible(scope, span) {
            bytes += body.map_or(0, str::len);
            let full = bytes > PULL_PAGE_BYTES_MAX || records.len() >= PAGE_RECORDS_MAX;
            if full && !records.is_empty() {
                break;
            }
            let body = body.map(|body| RawValue::from_string(body.to_owned()));
            records.push(Record {
                kind: RecordKind::Dossier,
                id: code.to_string(),
                server_seq,
                body: body.transpose().expect("what serialised is JSON"),
                summary: None,
            });
        }
        Ok(records)
    }

    async fn count(&mut self, scope: &Scope, span: Span) -> Result<u32, MemoryError> {
        Ok(u32::try_from(self.visible(scope, span).len()).unwrap_or(u32::MAX))
    }

    async fn sums(&mut self, scope: &Scope) -> Result<Vec<BucketSum>, MemoryError> {
        let mut sums: BTreeMap<&str, BucketSum> = BTreeMap::new();
        for record in self.records.values() {
            let portfolio = record.dossier.client.portfolio.as_ref();
            if scope.contains(portfolio) {
                let bucket = portfolio.map_or("", PortfolioCode::as_str);
                let sum = sums.entry(bucket);
                sum.or_insert_with(|| BucketSum::empty(bucket))
                    .add(record.digest);
            }
        }
        Ok(sums.into_values().collect())
    }

    async fn applied_through(
        &mut self,
        (device, epoch): (DeviceId, u32),
        until: u64,
    ) -> Result<u64, MemoryError> {
        let chain = (device, epoch, 0)..=(device, epoch, u64::MAX);
        let mut newest_first = self.places.range(chain).rev();
        let applied = newest_first.find(|(_, known)| known.server_seq <= until);
        Ok(applied.map_or(0, |((_, _, seq), _)| *seq))
    }

    async fn purge_tombstones(&mut self, before_ms: i64) -> Result<(), MemoryError> {
        let old = |tombstone: &Tombstone| tombstone.made_at_ms < before_ms;
        let gone = self.tombstones.values().filter(|stone| old(stone));
        let through = gone.map(|stone| stone.server_seq).max().unwrap_or(0);
        self.organisation.purged_through = self.organisation.purged_through.max(through);
        self.tombstones.retain(|_, tombstone| !old(tombstone));
        Ok(())
    }

    async fn begin_log(&mut self, log_id: &str) -> Result<(), MemoryError> {
        log_id.clone_into(&mut self.organisation.log_id);
        self.labels_taken += LABEL_ROOM;
        let enrolled = self.devices.values_mut();
        for device in enrolled.filter(|device| device.user.is_some()) {
            device.epochs_taken += EPOCH_ROOM;
        }
        Ok(())
    }
}

/// A transaction is a copy; committing it replaces what was. One at a time: the last one committed wins.
impl OfficeDatabase for RefCell<MemoryOffice> {
    type Transaction = MemoryOffice;

    async fn begin(&self) -> Result<MemoryOffice, MemoryError> {
        Ok(self.borrow().clone())
    }

    async fn commit(&self, transaction: MemoryOffice) -> Result<(), MemoryError> {
        *self.borrow_mut() = transaction;
        Ok(())
    }
}

fn known_among(known: &BTreeSet<Rc<str>>, asked: &[String]) -> BTreeSet<String> {
    let asked = asked.iter();
    asked
        .filter(|text| known.contains(text.as_str()))
        .cloned()
        .collect()
}
