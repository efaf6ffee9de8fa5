//! The store in memory, for tests and simulations.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::rc::Rc;
use tournee_domain::{BlobHash, ClientCode, FactId};
use tournee_sync::device::store::DeviceStore;
use tournee_sync::device::store::StoreError;
use tournee_sync::device::store::{
    Append, BlobRecord, FactKey, FactRecord, FactState, Head, LOG_ID, Loaded, PageWrite, PullState,
    StoredFact, WaitingBlob,
};

/// A store that is gone when its last handle is dropped. A clone is a second connection to the same store.
#[derive(Clone, Default)]
pub struct Memory(Rc<RefCell<Content>>);

/// Large values are shared between copies.
#[derive(Clone, Default)]
struct Content {
    identity: Option<String>,
    head: Option<Head>,
    acked_through: FactKey,
    forgotten_through: FactKey,
    pull: PullState,
    facts: BTreeMap<FactKey, Rc<FactRecord>>,
    places: BTreeMap<FactId, FactKey>,
    states: BTreeMap<FactKey, FactState>,
    chunks: BTreeMap<(u32, u32), Rc<str>>,
    dossiers: BTreeMap<(u32, ClientCode), Rc<str>>,
    blobs: BTreeMap<BlobHash, Rc<BlobRecord>>,
    waiting_blobs: BTreeSet<BlobHash>,
    drafts: BTreeMap<String, String>,
    notes: BTreeMap<String, String>,
}

impl Memory {
    /// Another store with the same content.
    pub fn snapshot(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    /// Puts another store's content in place of this one's, for every connection.
    pub fn restore(&self, other: &Self) {
        let content = other.0.borrow().clone();
        *self.0.borrow_mut() = content;
    }

    /// Every own fact with what the office said of it, in order, for those who look from outside.
    pub fn facts(&self) -> Vec<(Rc<FactRecord>, Option<FactState>)> {
        let content = self.0.borrow();
        let facts = content.facts.iter();
        facts
            .map(|(at, fact)| (fact.clone(), content.states.get(at).cloned()))
            .collect()
    }

    /// The dossiers that the screens read, as JSON by client, for those who look from outside.
    pub fn records(&self) -> Vec<(ClientCode, Rc<str>)> {
        let content = self.0.borrow();
        let present = content.pull.generation;
        let dossiers = content.dossiers.iter();
        dossiers
            .filter(|((generation, _), _)| *generation == present)
            .map(|((_, code), json)| (code.clone(), json.clone()))
            .collect()
    }

    /// What no store may do: the fact takes its place whatever stands there. For those who test whether that is noticed.
    pub fn overwrite(&self, append: &Append) {
        let mut content = self.0.borrow_mut();
        let (at, id) = (append.fact.at(), append.fact.fact_id);
        let former = content.facts.insert(at, Rc::new(append.fact.clone()));
        if let Some(former) = former {
            content.places.remove(&former.fact_id);
        }
        content.places.insert(id, at);
        content.head = Some(append.head.clone());
    }

    /// What no store does by itself: somebody changes a stored fact, or the head. For those who test whether that is noticed.
    pub fn tamper(&self, at: FactKey, change: impl FnOnce(&mut FactRecord, &mut Head)) {
        let content = &mut *self.0.borrow_mut();
        if let (Some(fact), Some(head)) = (content.facts.get_mut(&at), &mut content.head) {
            change(Rc::make_mut(fact), head);
        }
    }

    /// What a failing disk does: a dossier that the screens read is gone, or another text.
    pub fn spoil(&self, code: &ClientCode, text: Option<&str>) {
        let mut content = self.0.borrow_mut();
        let key = (content.pull.generation, code.clone());
        match text {
            Some(text) => content.dossiers.insert(key, text.into()),
            None => content.dossiers.remove(&key),
        };
    }

    /// Whether a fact is here.
    pub fn holds(&self, id: FactId) -> bool {
        self.0.borrow().places.contains_key(&id)
    }
}

impl Content {
    fn epoch(&self) -> Option<u32> {
        self.head.as_ref().map(|head| head.epoch)
    }

    fn stored_after(&self, after: FactKey) -> impl Iterator<Item = StoredFact> {
        let facts = self.facts.range((Bound::Excluded(after), Bound::Unbounded));
        facts.map(|(at, fact)| StoredFact {
            fact: (**fact).clone(),
            state: self.states.get(at).cloned(),
        })
    }

    fn waiting_blobs(&self) -> Vec<WaitingBlob> {
        let waiting = self.waiting_blobs.iter();
        let blobs = waiting.filter_map(|hash| self.blobs.get(hash));
        blobs.map(|blob| WaitingBlob::of(blob)).collect()
    }

    fn chunks(&self) -> Vec<String> {
        let generation = self.pull.generation;
        self.chunks
            .range((generation, 0)..=(generation, u32::MAX))
            .map(|(_, json)| json.to_string())
            .collect()
    }
}

impl DeviceStore for Memory {
    async fn load(&self) -> Result<Loaded, StoreError> {
        let content = self.0.borrow();
        let from = content.pull.applied_through.min(content.acked_through);
        Ok(Loaded {
            identity: content.identity.clone(),
            head: content.head.clone(),
            acked_through: content.acked_through,
            forgotten_through: content.forgotten_through,
            pull: content.pull.clone(),
            chunks: content.chunks(),
            facts: content.stored_after(from).collect(),
            flagged: tournee_sync::device::store::count(
                content.states.values().filter(|state| state.is_flagged()),
            ),
            waiting_blobs: content.waiting_blobs(),
            notes: content.notes.clone(),
        })
    }

    async fn load_own(&self) -> Result<Loaded, StoreError> {
        let mut loaded = self.load().await?;
        loaded.chunks.clear();
        Ok(loaded)
    }

    async fn enrol(&self, identity: &str, head: &Head) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        if content.epoch() >= Some(head.epoch) {
            return Err(StoreError::HeadMoved);
        }
        content.identity = Some(identity.to_owned());
        content.head = Some(head.clone());
        Ok(())
    }

    async fn keep_identity(&self, identity: &str, epoch: u32) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        if content.epoch() != Some(epoch) {
            return Err(StoreError::HeadMoved);
        }
        content.identity = Some(identity.to_owned());
        Ok(())
    }

    async fn head(&self) -> Result<Option<Head>, StoreError> {
        Ok(self.0.borrow().head.clone())
    }

    async fn append(&self, append: &Append) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        let at = append.fact.at();
        let taken =
            content.facts.contains_key(&at) || content.places.contains_key(&append.fact.fact_id);
        if taken || content.head.as_ref() != Some(&append.expected) {
            return Err(StoreError::HeadMoved);
        }
        content.facts.insert(at, Rc::new(append.fact.clone()));
        content.places.insert(append.fact.fact_id, at);
        content.head = Some(append.head.clone());
        for blob in &append.blobs {
            content
                .blobs
                .insert(blob.hash.clone(), Rc::new(blob.clone()));
            content.waiting_blobs.insert(blob.hash.clone());
        }
        if let Some(draft) = &append.draft {
            content.drafts.remove(draft);
        }
        Ok(())
    }

    async fn fact(&self, at: FactKey) -> Result<Option<FactRecord>, StoreError> {
        let content = self.0.borrow();
        Ok(content.facts.get(&at).map(|fact| (**fact).clone()))
    }

    async fn fact_by_id(&self, id: FactId) -> Result<Option<FactRecord>, StoreError> {
        let content = self.0.borrow();
        Ok(content
            .places
            .get(&id)
            .and_then(|at| content.facts.get(at))
            .map(|fact| (**fact).clone()))
    }

    async fn facts_after(&self, after: FactKey, limit: u32) -> Result<Vec<StoredFact>, StoreError> {
        let content = self.0.borrow();
        Ok(content.stored_after(after).take(limit as usize).collect())
    }

    async fn settle(
        &self,
        acked_through: FactKey,
        states: &[(FactKey, FactState)],
    ) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        content.acked_through = acked_through;
        content.states.extend(states.iter().cloned());
        Ok(())
    }

    async fn begin_log(&self, log_id: &str) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        content.acked_through = FactKey::START;
        content.pull.applied_through = FactKey::START;
        content.states.clear();
        content.waiting_blobs = content.blobs.keys().cloned().collect();
        content.notes.insert(LOG_ID.to_owned(), log_id.to_owned());
        Ok(())
    }

    async fn forget(
        &self,
        through: FactKey,
        facts: &[(FactKey, FactId)],
    ) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        for (at, id) in facts {
            content.facts.remove(at);
            content.places.remove(id);
            content.states.remove(at);
        }
        content.forgotten_through = through;
        Ok(())
    }

    async fn pull_state(&self) -> Result<PullState, StoreError> {
        Ok(self.0.borrow().pull.clone())
    }

    async fn summaries(&self) -> Result<(PullState, Vec<String>), StoreError> {
        let content = self.0.borrow();
        Ok((content.pull.clone(), content.chunks()))
    }

    async fn write_page(&self, page: &PageWrite) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        if page.drop_other_generations {
            content
                .dossiers
                .retain(|(generation, _), _| *generation == page.generation);
            content
                .chunks
                .retain(|(generation, _), _| *generation == page.generation);
        }
        for (code, json) in &page.dossiers {
            let key = (page.generation, code.clone());
            match json {
                Some(json) => content.dossiers.insert(key, json.as_str().into()),
                None => content.dossiers.remove(&key),
            };
        }
        for (chunk, json) in &page.chunks {
            content
                .chunks
                .insert((page.generation, *chunk), json.as_str().into());
        }
        content.pull = page.pull.clone();
        Ok(())
    }

    async fn dossier(&self, code: &ClientCode) -> Result<Option<String>, StoreError> {
        let content = self.0.borrow();
        let key = (content.pull.generation, code.clone());
        Ok(content.dossiers.get(&key).map(|json| json.to_string()))
    }

    async fn dossiers(
        &self,
        generation: u32,
        after: Option<&ClientCode>,
        limit: u32,
    ) -> Result<Vec<(ClientCode, String)>, StoreError> {
        let content = self.0.borrow();
        let dossiers = content.dossiers.iter();
        let asked =
            dossiers.filter(|((of, code), _)| *of == generation && after.is_none_or(|a| code > a));
        let asked = asked.take(limit as usize);
        Ok(asked
            .map(|((_, code), json)| (code.clone(), json.to_string()))
            .collect())
    }

    async fn blob(&self, hash: &BlobHash) -> Result<Option<BlobRecord>, StoreError> {
        let content = self.0.borrow();
        Ok(content.blobs.get(hash).map(|blob| (**blob).clone()))
    }

    async fn waiting_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError> {
        Ok(self.0.borrow().waiting_blobs())
    }

    async fn blob_sent(&self, hash: &BlobHash) -> Result<(), StoreError> {
        self.0.borrow_mut().waiting_blobs.remove(hash);
        Ok(())
    }

    async fn sent_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError> {
        let content = self.0.borrow();
        let blobs = content.blobs.values();
        let sent = blobs.filter(|blob| !content.waiting_blobs.contains(&blob.hash));
        Ok(sent.map(|blob| WaitingBlob::of(blob)).collect())
    }

    async fn drop_sent_blob(&self, hash: &BlobHash) -> Result<u32, StoreError> {
        let mut content = self.0.borrow_mut();
        if content.waiting_blobs.contains(hash) {
            return Ok(0);
        }
        let dropped = content.blobs.remove(hash);
        Ok(dropped.map_or(0, |blob| WaitingBlob::of(&blob).size_bytes))
    }

    async fn put_draft(&self, key: &str, json: &str) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        content.drafts.insert(key.to_owned(), json.to_owned());
        Ok(())
    }

    async fn draft(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.0.borrow().drafts.get(key).cloned())
    }

    async fn drafts(&self) -> Result<Vec<(String, String)>, StoreError> {
        let content = self.0.borrow();
        Ok(content
            .drafts
            .iter()
            .map(|(key, json)| (key.clone(), json.clone()))
            .collect())
    }

    async fn delete_draft(&self, key: &str) -> Result<(), StoreError> {
        self.0.borrow_mut().drafts.remove(key);
        Ok(())
    }

    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut content = self.0.borrow_mut();
        content.notes.insert(name.to_owned(), value.to_owned());
        Ok(())
    }
}
