//! The operations of a device's store. Each is one transaction.

use super::StoreError;
use super::record::{
    Append, BlobRecord, FactKey, FactRecord, FactState, Head, Loaded, PageWrite, PullState,
    StoredFact, WaitingBlob,
};
use tournee_domain::{BlobHash, ClientCode, FactId};

/// One user's store on one device.
///
/// # Errors
/// Every operation either happens as a whole or says by a [`StoreError`] why it did not happen at all.
#[allow(
    async_fn_in_trait,
    reason = "browsers run one thread; nothing needs these futures to be Send"
)]
pub trait DeviceStore {
    /// What the app opens with.
    async fn load(&self) -> Result<Loaded, StoreError>;

    /// The same without the summaries, for what another tab recorded or sent.
    async fn load_own(&self) -> Result<Loaded, StoreError>;

    /// Sets who works on this device, as JSON, and the head of a new epoch.
    ///
    /// [`StoreError::HeadMoved`] when another tab has begun that epoch or a later one meanwhile.
    async fn enrol(&self, identity: &str, head: &Head) -> Result<(), StoreError>;

    /// Changes who works on this device, within an epoch.
    ///
    /// [`StoreError::HeadMoved`] when another tab has begun a later one meanwhile.
    async fn keep_identity(&self, identity: &str, epoch: u32) -> Result<(), StoreError>;

    async fn head(&self) -> Result<Option<Head>, StoreError>;

    /// Makes one fact durable. On return it has been read back by a second transaction.
    ///
    /// [`StoreError::HeadMoved`] when the head is not the expected one, or the place or id is taken.
    async fn append(&self, append: &Append) -> Result<(), StoreError>;

    async fn fact(&self, at: FactKey) -> Result<Option<FactRecord>, StoreError>;

    async fn fact_by_id(&self, id: FactId) -> Result<Option<FactRecord>, StoreError>;

    /// At most `limit` facts after the given place, in order.
    async fn facts_after(&self, after: FactKey, limit: u32) -> Result<Vec<StoredFact>, StoreError>;

    /// What the office said of some facts, and through where it has everything.
    async fn settle(
        &self,
        acked_through: FactKey,
        states: &[(FactKey, FactState)],
    ) -> Result<(), StoreError>;

    /// The office's log is another one than before, after a restore from a backup: it may have lost what it had. In one
    /// transaction the log's name is noted, nothing counts as acknowledged or as contained in the records, what the office
    /// said of facts is forgotten, and every blob waits again.
    async fn begin_log(&self, log_id: &str) -> Result<(), StoreError>;

    /// Deletes facts with what the office said of them, and notes that those through `through` may be gone.
    async fn forget(&self, through: FactKey, facts: &[(FactKey, FactId)])
    -> Result<(), StoreError>;

    async fn pull_state(&self) -> Result<PullState, StoreError>;

    /// The summaries of the present generation, by chunk, with the state they belong to.
    async fn summaries(&self) -> Result<(PullState, Vec<String>), StoreError>;

    async fn write_page(&self, page: &PageWrite) -> Result<(), StoreError>;

    /// One dossier of the present generation, as JSON.
    async fn dossier(&self, code: &ClientCode) -> Result<Option<String>, StoreError>;

    /// At most `limit` dossiers of a generation after a code, as JSON, ordered by code.
    async fn dossiers(
        &self,
        generation: u32,
        after: Option<&ClientCode>,
        limit: u32,
    ) -> Result<Vec<(ClientCode, String)>, StoreError>;

    async fn blob(&self, hash: &BlobHash) -> Result<Option<BlobRecord>, StoreError>;

    /// Blobs whose bytes the office does not have yet.
    async fn waiting_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError>;

    /// The office has verified these bytes; they stay here.
    async fn blob_sent(&self, hash: &BlobHash) -> Result<(), StoreError>;

    /// Blobs whose bytes are here though the office has them.
    async fn sent_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError>;

    /// Removes the bytes of a blob unless it waits, and gives how many there were.
    async fn drop_sent_blob(&self, hash: &BlobHash) -> Result<u32, StoreError>;

    async fn put_draft(&self, key: &str, json: &str) -> Result<(), StoreError>;

    async fn draft(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Every draft with its key, ordered by key.
    async fn drafts(&self) -> Result<Vec<(String, String)>, StoreError>;

    async fn delete_draft(&self, key: &str) -> Result<(), StoreError>;

    /// Keeps a small value by name; it comes back in [`Loaded::notes`].
    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError>;
}
