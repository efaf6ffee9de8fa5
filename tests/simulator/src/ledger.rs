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

/// How far the ledger came.
#[derive(Clone, Default)]
pub struct Since {
    log_id: String,
    pub clock: u64,
    /// How many facts set aside were read.
    pub aside: usize,
}

impl Since {
    /// In another log nothing was read yet.
    pub fn in_log(&self, log_id: &str) -> Self {
        match self.log_id == log_id {
            true => self.clone(),
            false => Self::default(),
        }
    }
}

/// What an office wrote since.
pub struct News {
    pub log_id: String,
    pub clock: u64,
    pub facts: Vec<(u64, Entry)>,
    pub records: Vec<Record>,
    /// Every client that has a record.
    pub clients: BTreeSet<ClientCode>,
    pub aside: Vec<FactId>,
    pub aside_read: usize,
    /// All of them.
    pub staged: Vec<SealedFact>,
    /// All of them, with label and whether they were revoked.
    pub devices: Vec<(DeviceId, String, bool)>,
    pub users: Vec<OfficeUser>,
}

impl News {
    pub fn of(db: &MemoryOffice, since: &Since) -> Self {
        let organisation = db.organisation();
        let since = since.in_log(&organisation.log_id);
        let facts = db.facts_after(since.clock).map(|(number, journal)| {
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
            (number, entry)
        });
        let records = db.records_after(since.clock).map(|(dossier, body)| Record {
            dossier: dossier.clone(),
            body: body.clone(),
        });
        let aside = db.quarantine();
        let devices = db.devices();
        Self {
            log_id: organisation.log_id.clone(),
            clock: organisation.clock,
            facts: facts.collect(),
            records: records.collect(),
            clients: db
                .records_after(0)
                .map(|(dossier, _)| dossier.client.code.clone())
                .collect(),
            aside_read: aside.len(),
            aside: aside
                .skip(since.aside)
                .filter_map(|aside| aside.fact.fact_id)
                .collect(),
            staged: db.staged_facts().cloned().collect(),
            devices: devices
                .map(|(id, label, revoked)| (id, label.to_owned(), revoked))
                .collect(),
            users: db.users().cloned().collect(),
        }
    }
}

impl Ledger {
    pub fn since(&self) -> Since {
        Since {
            log_id: self.log_id.clone(),
            clock: self.clock,
            aside: self.aside_read,
        }
    }

    /// Takes in what is new; a log of another name is read from its beginning.
    pub fn follow(&mut self, news: News) {
        if self.log_id != news.log_id {
            *self = Self {
                log_id: news.log_id,
                ..Self::default()
            };
        }
        self.clock = news.clock;
        for (number, entry) in news.facts {
            self.ids.extend(entry.fact_id);
            self.facts.insert(number, entry);
        }
        for record in news.records {
            self.records
                .insert(record.dossier.client.code.clone(), record);
        }
        self.records.retain(|code, _| news.clients.contains(code));
        self.aside.extend(news.aside);
        self.aside_read = news.aside_read;
        self.follow_staged(&news.staged);
        for (device, label, revoked) in news.devices {
            self.labels.insert(device, label);
            match revoked {
                true => self.revoked.insert(device),
                false => self.revoked.remove(&device),
            };
        }
        let users = news.users.into_iter();
        self.users = users.map(|user| (user.user.id, user)).collect();
    }

    fn follow_staged(&mut self, staged: &[SealedFact]) {
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
