//! What is durable at the office, as the checkers read it: after each commit what is new, after a restore everything.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tournee_domain::fact::Flag;
use tournee_domain::{ClientCode, DeviceId, Dossier, FactId, UserId};
use tournee_sync::encoding::Hash;
use tournee_sync::envelope::{FactText, SealedFact};
use tournee_sync::office::memory::MemoryOffice;
use tournee_sync::office::{OfficeStore, OfficeUser};

/// A fact of the journal, under the chain it stands in.
pub struct Entry {
    pub device: DeviceId,
    pub epoch: u32,
    pub seq: u64,
    pub author: String,
    pub fact_id: Option<FactId>,
    pub projected: bool,
    pub flags: Vec<Flag>,
    pub sealed: SealedFact,
}

/// A record, and its body byte for byte.
pub struct Record {
    pub dossier: Rc<Dossier>,
    pub body: Rc<str>,
}

/// The office's durable content.
#[derive(Default)]
pub struct Ledger {
    pub log_id: String,
    /// The last number given out.
    pub clock: u64,
    pub facts: BTreeMap<u64, Entry>,
    pub records: BTreeMap<ClientCode, Record>,
    pub users: BTreeMap<UserId, OfficeUser>,
    pub labels: BTreeMap<DeviceId, String>,
    pub revoked: BTreeSet<DeviceId>,
    /// Set aside, for a person to look at.
    pub aside: BTreeSet<FactId>,
    /// Waiting for earlier facts.
    pub staged: BTreeMap<Hash, Option<FactId>>,
    ids: BTreeSet<FactId>,
    aside_read: usize,
}

impl Ledger {
    /// Reads what is new.
    pub fn follow(&mut self, db: &MemoryOffice) {
        let organisation = db.organisation();
        if self.log_id != organisation.log_id {
            *self = Self {
                log_id: organisation.log_id.clone(),
                ..Self::default()
            };
        }
        let after = self.clock;
        self.clock = organisation.clock;
        for (number, journal) in db.facts_after(after) {
            self.ids.extend(journal.fact.fact_id);
            let entry = Entry {
                device: journal.device,
                epoch: journal.epoch,
                seq: journal.fact.seq,
                author: journal.author.clone(),
                fact_id: journal.fact.fact_id,
                projected: journal.fact.projected,
                flags: journal.fact.flags.clone(),
                sealed: journal.fact.sealed.clone(),
            };
            self.facts.insert(number, entry);
        }
        for (dossier, body) in db.records_after(after) {
            let record = Record {
                dossier: dossier.clone(),
                body: body.clone(),
            };
            self.records.insert(dossier.client.code.clone(), record);
        }
        let aside = db.quarantine();
        let read = std::mem::replace(&mut self.aside_read, aside.len());
        let new = aside.skip(read);
        self.aside
            .extend(new.filter_map(|aside| aside.fact.fact_id));
        self.follow_staged(db.staged_facts());
        for (device, label, revoked) in db.devices() {
            self.labels
                .entry(device)
                .or_insert_with(|| label.to_owned());
            match revoked {
                true => self.revoked.insert(device),
                false => self.revoked.remove(&device),
            };
        }
        let users = db.users().map(|user| (user.user.id, user.clone()));
        self.users = users.collect();
    }

    fn follow_staged<'f>(&mut self, staged: impl Iterator<Item = &'f SealedFact>) {
        let mut known = std::mem::take(&mut self.staged);
        for sealed in staged {
            let id = known.remove(&sealed.hash).unwrap_or_else(|| {
                let text: Result<FactText, _> = serde_json::from_str(&sealed.text);
                text.ok().map(|text| text.fact_id)
            });
            self.staged.insert(sealed.hash, id);
        }
    }

    /// Whether a fact is here: in the journal, waiting, or set aside.
    pub fn holds(&self, id: FactId) -> bool {
        self.ids.contains(&id) || self.aside.contains(&id) || self.is_staged(id)
    }

    /// Whether it waits for earlier facts.
    pub fn is_staged(&self, id: FactId) -> bool {
        self.staged.values().any(|staged| *staged == Some(id))
    }

    /// A device's label; empty for an unknown one.
    pub fn label(&self, device: DeviceId) -> &str {
        self.labels.get(&device).map_or("", String::as_str)
    }
}
