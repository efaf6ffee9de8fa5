//! What the app knows and does: signals over the device's store, and the commands behind every tap.
//!
//! A screen reads signals and calls commands of [`App`]; it never touches storage or the network itself.

pub mod types;

use chrono::{DateTime, FixedOffset, NaiveDate};
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::format::Language;
use tournee_domain::summary::Summary;
use tournee_domain::{BlobHash, ClientCode, Dossier, FactBody, FactId};
pub use types::*;

/// The state of the whole app. It lives as long as the page: a command goes on after its screen is gone.
#[derive(Clone, Copy)]
pub struct App {
    inner: &'static Inner,
}

struct Inner {
    phase: RwSignal<Phase>,
    me: RwSignal<Option<Me>>,
    language: RwSignal<Language>,
    theme: RwSignal<Theme>,
    summaries: RwSignal<Arc<Vec<Arc<Summary>>>>,
    revision: RwSignal<u64>,
    sync: RwSignal<SyncStatus>,
}

/// The app's state, from the context that `main` provides.
pub fn use_app() -> App {
    expect_context::<App>()
}

/// While it is held, no new version of the app takes over (SYNC §3).
pub struct FormGuard {
    app: App,
}

impl Drop for FormGuard {
    fn drop(&mut self) {
        let _ = self.app;
    }
}

impl App {
    /// Starts the app: opens what the last user left on this device, then exchanges with the office in the background.
    pub fn start() -> Self {
        let inner = Inner {
            phase: RwSignal::new(Phase::Booting),
            me: RwSignal::new(None),
            language: RwSignal::new(Language::Fr),
            theme: RwSignal::new(Theme::Auto),
            summaries: RwSignal::default(),
            revision: RwSignal::new(0),
            sync: RwSignal::default(),
        };
        Self { inner: Box::leak(Box::new(inner)) }
    }

    pub fn phase(&self) -> Signal<Phase> {
        self.inner.phase.into()
    }

    pub fn me(&self) -> Signal<Option<Me>> {
        self.inner.me.into()
    }

    pub fn language(&self) -> RwSignal<Language> {
        self.inner.language
    }

    pub fn theme(&self) -> RwSignal<Theme> {
        self.inner.theme
    }

    /// One per client of the portfolio, own pending facts applied, ordered by name.
    pub fn summaries(&self) -> Signal<Arc<Vec<Arc<Summary>>>> {
        self.inner.summaries.into()
    }

    /// Grows whenever records or own facts change: what depends on dossiers reads it.
    pub fn revision(&self) -> Signal<u64> {
        self.inner.revision.into()
    }

    pub fn sync(&self) -> Signal<SyncStatus> {
        self.inner.sync.into()
    }

    /// The business date in the organisation's zone, never the device's (SYNC 8).
    pub fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    /// Now in the organisation's zone.
    pub fn now(&self) -> DateTime<FixedOffset> {
        DateTime::default()
    }

    /// Signs in at the office; the first time on this installation it enrols the device and fetches the portfolio.
    ///
    /// # Errors
    /// [`SignInError`] says what to do.
    pub async fn sign_in(&self, _login: String, _password: String) -> Result<(), SignInError> {
        Err(SignInError::Offline)
    }

    /// Ends the session. The database and unsent facts stay on the device.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn sign_out(&self) -> Result<(), SignOutError> {
        Ok(())
    }

    /// Brings somebody known on this device back, without the network.
    pub async fn open_known(&self, _user: &KnownUser) {}

    /// A client's whole file, own pending facts applied; `None` outside the portfolio.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn dossier(&self, _code: &ClientCode) -> Result<Option<Arc<Dossier>>, StoreError> {
        Err(StoreError::NotOpen)
    }

    /// Every dossier of the portfolio, own pending facts applied.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn all_dossiers(&self) -> Result<Vec<Dossier>, StoreError> {
        Err(StoreError::NotOpen)
    }

    /// The id of a fact about to be written, made when its form opens and kept in its draft (SYNC 2).
    pub fn new_fact_id(&self) -> FactId {
        FactId(uuid::Uuid::nil())
    }

    /// Makes one fact durable, with its blobs, and deletes its draft in the same transaction. Recording the same id
    /// again gives the first result.
    ///
    /// # Errors
    /// [`RecordError`]: nothing was recorded.
    pub async fn record(
        &self,
        _fact_id: FactId,
        _body: FactBody,
        _blobs: Vec<NewBlob>,
        _draft: Option<&str>,
    ) -> Result<Recorded, RecordError> {
        Err(RecordError::NotEnrolled)
    }

    /// Like [`App::record`] for a payment, which gets its receipt number in the same transaction (SYNC 32).
    ///
    /// # Errors
    /// [`RecordError`]: nothing was recorded and no number was used up.
    pub async fn take_payment(
        &self,
        _fact_id: FactId,
        _payment: PaymentDraft,
        _blobs: Vec<NewBlob>,
        _draft: Option<&str>,
    ) -> Result<tournee_domain::fact::Payment, RecordError> {
        Err(RecordError::NotEnrolled)
    }

    /// Facts recorded on this device, newest first.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn own_facts(&self) -> Result<Vec<OwnFact>, StoreError> {
        Err(StoreError::NotOpen)
    }

    /// Keeps what is being typed; a failure shows in [`SyncStatus::last_error`] and does not stop the typing.
    pub async fn save_draft(&self, _key: &str, _json: String) {}

    pub async fn load_draft(&self, _key: &str) -> Option<String> {
        None
    }

    /// Every draft, by key.
    pub async fn drafts(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    pub async fn delete_draft(&self, _key: &str) {}

    /// Exchanges with the office as soon as possible.
    pub fn sync_now(&self) {}

    /// Holds new versions of the app back until dropped.
    pub fn form_open(&self) -> FormGuard {
        FormGuard { app: *self }
    }

    /// Switches to the version that waits and reloads; nothing happens while a form is open.
    pub fn apply_update(&self) {}

    /// Asks the browser to keep this app's data when space is short; true when it promises to.
    pub async fn request_persistence(&self) -> bool {
        false
    }

    /// Shows the browser's installation prompt, when it offered one.
    pub fn install(&self) {}

    /// A `blob:` address of a photo or signature, from this device or from the office.
    ///
    /// # Errors
    /// [`AttachmentError`] says where the bytes are missing.
    pub async fn attachment_url(&self, _hash: &BlobHash) -> Result<String, AttachmentError> {
        Err(AttachmentError::NotHere)
    }
}
