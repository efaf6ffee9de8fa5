//! A device's disk and the handle one tab has on it, with what browsers do to both (SYNC §3).

use crate::defect::Defect;
use crate::plan::Plan;
use crate::world::{Owner, World};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tournee_domain::{BlobHash, ClientCode, FactId};
use tournee_store::Memory;
use tournee_sync::device::store::{
    Append, BlobRecord, DeviceStore, FactKey, FactRecord, FactState, Head, Loaded, PageWrite,
    PullState, StoreError, StoredFact, WaitingBlob,
};

/// Per mille of the relaxed writes whose loss alone a power cut may choose; copies cost time.
const SURVIVORS_KEPT: u32 = 200;

/// One user's database on one device.
pub struct Disk {
    /// As every process sees it.
    present: Memory,
    /// As a power cut may leave it instead: after the last strict write, then after some of the relaxed ones since.
    survivors: RefCell<Vec<Memory>>,
    /// Blobs no longer fit.
    pub full: Cell<bool>,
    /// A record is not what the office gave, until the device notices.
    pub spoiled: Cell<bool>,
    /// Facts through here are gone, if a planted defect deletes them.
    deleted_through: Cell<FactKey>,
}

impl Disk {
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            present: Memory::default(),
            survivors: RefCell::default(),
            full: Cell::new(false),
            spoiled: Cell::new(false),
            deleted_through: Cell::default(),
        })
    }

    /// Another device with the same content: a restored profile.
    pub fn copy(&self) -> Rc<Self> {
        Rc::new(Self {
            present: self.present.snapshot(),
            survivors: RefCell::default(),
            full: Cell::new(false),
            spoiled: self.spoiled.clone(),
            deleted_through: Cell::default(),
        })
    }

    /// What the browser throws away.
    pub fn wipe(&self) {
        self.present.restore(&Memory::default());
        self.spoiled.set(false);
        self.survivors.borrow_mut().clear();
    }

    /// A record is gone, or another text.
    pub fn spoil(&self, code: &ClientCode, text: Option<&str>) {
        self.present.spoil(code, text);
        self.spoiled.set(true);
    }

    /// Relaxed writes may be lost, the newest first; strict ones are not.
    pub fn cut_power(&self, world: &World) {
        let mut survivors = self.survivors.borrow_mut();
        let bound = u32::try_from(survivors.len()).expect("few writes") + 1;
        if let Some(survivor) = survivors.get(world.below(bound) as usize) {
            world.fault("relaxed writes lost");
            self.present.restore(survivor);
        }
        survivors.clear();
    }

    /// For the checkers, which see everything.
    pub fn content(&self) -> &Memory {
        &self.present
    }

    /// Whether a fact is on it.
    pub fn holds(&self, id: FactId) -> bool {
        self.present.holds(id)
    }

    /// What is relaxed may be lost until the next strict write: the state before it is kept.
    fn before_write(&self, world: &World, strict: bool) {
        let mut survivors = self.survivors.borrow_mut();
        if !strict && (survivors.is_empty() || world.happens(SURVIVORS_KEPT)) {
            survivors.push(self.present.snapshot());
        }
    }

    /// A strict write brings everything before it to the disk.
    fn wrote(&self, strict: bool) {
        if strict {
            self.survivors.borrow_mut().clear();
        }
    }
}

/// One tab's connection to a disk.
#[derive(Clone)]
pub struct SimStore {
    world: World,
    disk: Rc<Disk>,
    plan: Rc<Plan>,
    owner: Owner,
    /// The connection was lost; it is opened again after it has failed once.
    dead: Rc<Cell<bool>>,
}

impl SimStore {
    pub fn new(world: &World, disk: &Rc<Disk>, plan: &Rc<Plan>, owner: Owner) -> Self {
        Self {
            world: world.clone(),
            disk: disk.clone(),
            plan: plan.clone(),
            owner,
            dead: Rc::default(),
        }
    }

    async fn begin(&self) -> Result<(), StoreError> {
        self.world.wait_below(3).await;
        if self.world.happens(self.plan.dead_handle) {
            self.dead.set(true);
        }
        if self.dead.replace(false) {
            self.world.fault("dead handle");
            return Err(StoreError::Lost("the connection is closing".into()));
        }
        Ok(())
    }

    async fn read<T>(&self, read: impl Future<Output = T>) -> Result<T, StoreError> {
        self.begin().await?;
        let read = read.await;
        self.world.wait_below(2).await;
        Ok(read)
    }

    /// A write happens as a whole or not at all; whether it happened may never be told.
    async fn write<T>(
        &self,
        strict: bool,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.begin().await?;
        if self.world.happens(self.plan.abort) {
            self.world.fault("transaction aborted");
            return Err(StoreError::Refused("AbortError".into()));
        }
        self.disk.before_write(&self.world, strict);
        let written = write.await;
        if written.is_ok() {
            self.disk.wrote(strict);
            self.world.changed();
        }
        self.world.wait_below(4).await;
        written
    }
}

impl DeviceStore for SimStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.read(self.disk.present.load()).await?
    }

    async fn load_own(&self) -> Result<Loaded, StoreError> {
        self.read(self.disk.present.load_own()).await?
    }

    async fn enrol(&self, identity: &str, head: &Head) -> Result<(), StoreError> {
        self.write(true, self.disk.present.enrol(identity, head))
            .await
    }

    async fn keep_identity(&self, identity: &str, epoch: u32) -> Result<(), StoreError> {
        let keeping = self.disk.present.keep_identity(identity, epoch);
        self.write(true, keeping).await
    }

    async fn head(&self) -> Result<Option<Head>, StoreError> {
        self.read(self.disk.present.head()).await?
    }

    async fn append(&self, append: &Append) -> Result<(), StoreError> {
        if self.disk.full.get() && !append.blobs.is_empty() {
            self.begin().await?;
            self.world.fault("quota exceeded");
            return Err(StoreError::Full);
        }
        if self.plan.defect == Some(Defect::ConfirmsBeforeComplete) {
            let (disk, append) = (self.disk.clone(), append.clone());
            let world = self.world.clone();
            self.begin().await?;
            // Told at once, written when the browser comes to it.
            self.world.spawn(self.owner, async move {
                world.wait_below(200).await;
                let _nobody_hears = disk.present.append(&append).await;
                world.changed();
            });
            return Ok(());
        }
        if self.plan.defect == Some(Defect::UpdatesInsteadOfAdding) {
            self.begin().await?;
            self.disk.present.overwrite(append);
            self.world.changed();
            return Ok(());
        }
        let strict = self.plan.defect != Some(Defect::RelaxedFacts);
        self.write(strict, self.disk.present.append(append)).await?;
        // Confirmed only once it is read back.
        let kept = self.fact(append.fact.at()).await?;
        match kept.as_ref() == Some(&append.fact) {
            true => Ok(()),
            false => Err(StoreError::Lost("what was written is not there".into())),
        }
    }

    async fn fact(&self, at: FactKey) -> Result<Option<FactRecord>, StoreError> {
        self.read(self.disk.present.fact(at)).await?
    }

    async fn fact_by_id(&self, id: FactId) -> Result<Option<FactRecord>, StoreError> {
        self.read(self.disk.present.fact_by_id(id)).await?
    }

    async fn facts_after(&self, after: FactKey, limit: u32) -> Result<Vec<StoredFact>, StoreError> {
        let facts = self.read(self.disk.present.facts_after(after, limit));
        let mut facts = facts.await??;
        if self.plan.defect == Some(Defect::DeletesAtAck) {
            facts.retain(|fact| fact.fact.at() > self.disk.deleted_through.get());
        }
        Ok(facts)
    }

    async fn settle(
        &self,
        acked_through: FactKey,
        states: &[(FactKey, FactState)],
    ) -> Result<(), StoreError> {
        let deleted = self.disk.deleted_through.get();
        self.disk.deleted_through.set(deleted.max(acked_through));
        if self.plan.defect == Some(Defect::ForgetsOwnAtAck) {
            let mut pull = self.disk.present.pull_state().await?;
            pull.applied_through = pull.applied_through.max(acked_through);
            let page = PageWrite {
                generation: pull.generation,
                pull,
                ..PageWrite::default()
            };
            self.disk.present.write_page(&page).await?;
        }
        self.write(false, self.disk.present.settle(acked_through, states))
            .await
    }

    async fn begin_log(&self, log_id: &str) -> Result<(), StoreError> {
        self.write(false, self.disk.present.begin_log(log_id)).await
    }

    async fn forget(
        &self,
        through: FactKey,
        facts: &[(FactKey, FactId)],
    ) -> Result<(), StoreError> {
        self.write(false, self.disk.present.forget(through, facts))
            .await
    }

    async fn pull_state(&self) -> Result<PullState, StoreError> {
        self.read(self.disk.present.pull_state()).await?
    }

    async fn summaries(&self) -> Result<(PullState, Vec<String>), StoreError> {
        self.read(self.disk.present.summaries()).await?
    }

    async fn write_page(&self, page: &PageWrite) -> Result<(), StoreError> {
        if self.plan.defect == Some(Defect::CursorSavedEarly) {
            let cursor_alone = PageWrite {
                generation: page.generation,
                pull: page.pull.clone(),
                ..PageWrite::default()
            };
            self.write(false, self.disk.present.write_page(&cursor_alone))
                .await?;
        }
        self.write(false, self.disk.present.write_page(page)).await
    }

    async fn dossier(&self, code: &ClientCode) -> Result<Option<String>, StoreError> {
        self.read(self.disk.present.dossier(code)).await?
    }

    async fn dossiers(
        &self,
        generation: u32,
        after: Option<&ClientCode>,
        limit: u32,
    ) -> Result<Vec<(ClientCode, String)>, StoreError> {
        let dossiers = self.disk.present.dossiers(generation, after, limit);
        self.read(dossiers).await?
    }

    async fn blob(&self, hash: &BlobHash) -> Result<Option<BlobRecord>, StoreError> {
        self.read(self.disk.present.blob(hash)).await?
    }

    async fn waiting_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError> {
        self.read(self.disk.present.waiting_blobs()).await?
    }

    async fn blob_sent(&self, hash: &BlobHash) -> Result<(), StoreError> {
        self.write(false, self.disk.present.blob_sent(hash)).await
    }

    async fn sent_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError> {
        self.read(self.disk.present.sent_blobs()).await?
    }

    async fn drop_sent_blob(&self, hash: &BlobHash) -> Result<u32, StoreError> {
        self.write(false, self.disk.present.drop_sent_blob(hash))
            .await
    }

    async fn put_draft(&self, key: &str, json: &str) -> Result<(), StoreError> {
        self.write(false, self.disk.present.put_draft(key, json))
            .await
    }

    async fn draft(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.read(self.disk.present.draft(key)).await?
    }

    async fn drafts(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(self.disk.present.drafts()).await?
    }

    async fn delete_draft(&self, key: &str) -> Result<(), StoreError> {
        self.write(false, self.disk.present.delete_draft(key)).await
    }

    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.write(false, self.disk.present.put_note(name, value))
            .await
    }
}
