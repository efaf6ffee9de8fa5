//! What a tap does.

use super::app::App;
use super::device::Browser;
use super::device::Desk;
use super::types::{
    AttachmentError, BlobRecord, KnownUser, OwnFact, RecordError, SignInError, StoreError,
};
use super::{api, identity, session};
use crate::browser::{clock, files, network, random};
use leptos::prelude::WithUntracked;
use leptos::task::spawn_local;
use std::rc::Rc;
use std::sync::Arc;
use tournee_domain::fact::DayClosed;
use tournee_domain::summary::Summary;
use tournee_domain::{BlobHash, ClientCode, Dossier, FactBody, FactId};
use tournee_store::IndexedDb;
use tournee_sync::device::rescue::{self, Rescued};
use tournee_sync::device::store::{DeviceStore, FactKey, StoreError as DeviceStoreError};
use tournee_sync::device::{OwnReader, attachment, closing, free_media, record};

/// Room made beyond what a record takes: the next ones find it too.
const ROOM_SPARE_BYTES: u64 = 1024 * 1024;
/// The browser counts deleted bytes as free after a moment.
const ROOM_PAUSE_MS: u32 = 3_000;
/// What is free after so many rounds is all there is.
const ROOM_TRIES_MAX: u32 = 3;

/// Long enough for the next page to be drawn, too short for anybody to wait for.
const SHOWN_FIRST_MS: u32 = 100;

/// Own facts that are shown or exported.
const OWN_FACTS_MAX: u32 = 100_000;

impl App {
    /// Signs in at the office; the first time on this installation it enrols the device and fetches the portfolio.
    ///
    /// # Errors
    /// [`SignInError`] says what to do.
    pub async fn sign_in(&self, login: String, password: String) -> Result<(), SignInError> {
        let desk = session::sign_in(login, password).await?;
        self.sit_down(desk);
        Ok(())
    }

    /// Ends the session. The database and unsent facts stay on the device; without the network the office ends the
    /// session by itself later.
    pub async fn sign_out(self) {
        if let Err(error) = identity::forget_last_user().await {
            self.storage_failed(&error);
            return;
        }
        self.stand_up().await;
        if network::online() {
            // Offline or expired, there is nothing to end that this device could reach.
            let _ended = api::delete("session").await;
        }
    }

    /// Brings somebody known on this device back, without the network.
    pub async fn open_known(&self, user: &KnownUser) {
        match identity::remember(user).await {
            Ok(()) => self.open(user).await,
            Err(error) => self.storage_failed(&error),
        }
    }

    /// A client's whole file, own pending facts applied; `None` outside the portfolio.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn dossier(&self, code: &ClientCode) -> Result<Option<Arc<Dossier>>, StoreError> {
        let dossier = self.open_desk()?.dossier(code).await?;
        Ok(dossier.map(Arc::new))
    }

    /// The dossiers whose summary is `wanted`, in the portfolio's order.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn dossiers_where(
        &self,
        wanted: impl Fn(&Summary) -> bool,
    ) -> Result<Vec<Arc<Dossier>>, StoreError> {
        let codes: Vec<ClientCode> = self.summaries().with_untracked(|summaries| {
            let found = summaries.iter().filter(|summary| wanted(summary));
            found.map(|summary| summary.code.clone()).collect()
        });
        let mut dossiers = Vec::new();
        for code in codes {
            dossiers.extend(self.dossier(&code).await?);
        }
        Ok(dossiers)
    }

    /// The id of a fact about to be written, made when its form opens and kept in its draft (SYNC 2).
    pub fn new_fact_id(&self) -> FactId {
        FactId(random::uuid_v7())
    }

    /// Makes one fact durable, with its blobs, and deletes its draft in the same transaction. Gives the body as recorded,
    /// with the receipt's number or the closing's figures (SYNC 32). Recording the same id again gives the first result.
    ///
    /// # Errors
    /// [`RecordError`]: nothing was recorded and no number was used up.
    pub async fn record(
        &self,
        fact_id: FactId,
        body: FactBody,
        blobs: Vec<BlobRecord>,
        draft: Option<&str>,
    ) -> Result<FactBody, RecordError> {
        let desk = self.desk().ok_or(RecordError::NotEnrolled)?;
        let mut result = record(&desk, fact_id, body.clone(), blobs.clone(), draft).await;
        for _ in 0..ROOM_TRIES_MAX {
            if !matches!(result, Err(RecordError::Full)) || !self.make_room(&desk, &blobs).await {
                break;
            }
            result = record(&desk, fact_id, body.clone(), blobs.clone(), draft).await;
        }
        match &result {
            Ok(_) => {
                self.update_sync(|sync| sync.storage_full = false);
                self.own_facts_changed(&desk);
                self.exchange_soon();
            }
            // The next form of that name begins anew, under an id of its own.
            Err(RecordError::AlreadyRecorded) => {
                if let Some(draft) = draft {
                    self.delete_draft(draft).await;
                }
            }
            // Reading once more says whether the data are gone or only out of reach.
            Err(RecordError::StorageBroken(detail)) => match desk.reload_own().await {
                Err(DeviceStoreError::Cleared) => self.storage_failed(&StoreError::Cleared),
                _ => self.storage_failed(&StoreError::Unavailable(detail.clone())),
            },
            Err(RecordError::Full) => self.update_sync(|sync| sync.storage_full = true),
            Err(_) => {}
        }
        result.map(|(recorded, _)| recorded)
    }

    /// Exchanges once the page has shown what was recorded: the answer to a tap comes before the office.
    fn exchange_soon(self) {
        spawn_local(async move {
            clock::sleep(SHOWN_FIRST_MS).await;
            self.engine().wake();
        });
    }

    /// What a daily closing would say now; `None` when nobody is enrolled or the storage fails.
    pub async fn next_closing(&self) -> Option<DayClosed> {
        let desk = self.desk()?;
        closing(&desk, self.today()).await.ok()
    }

    /// Deletes bytes of photos that the office has verified, for a record with these blobs; false when there are none
    /// left to delete (SYNC 12).
    async fn make_room(&self, desk: &Rc<Desk>, blobs: &[BlobRecord]) -> bool {
        let wanted_bytes = blobs
            .iter()
            .map(|blob| blob.bytes.len() as u64)
            .sum::<u64>();
        let freed = free_media(desk, wanted_bytes + ROOM_SPARE_BYTES).await;
        let freed_bytes = freed.unwrap_or(0);
        self.update_sync(|sync| sync.media_freed_bytes += freed_bytes);
        if freed_bytes > 0 {
            clock::sleep(ROOM_PAUSE_MS).await;
        }
        freed_bytes > 0
    }

    /// Facts recorded on this device, newest first.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn own_facts(&self) -> Result<Vec<OwnFact>, StoreError> {
        let desk = self.open_desk()?;
        let stored = desk
            .store()
            .facts_after(FactKey::START, OWN_FACTS_MAX)
            .await?;
        let facts = OwnReader::read_all(&desk.ports, &stored).await?;
        let views = facts.into_iter().rev().map(|fact| fact.view(&desk));
        Ok(views.collect())
    }

    /// What the office does not have yet, in a file that only the office can read (SYNC 40): a file name and its bytes. It
    /// works while [`super::Phase::Broken`] is shown, as long as the facts can be read.
    ///
    /// # Errors
    /// When they cannot, or the office has not told its rescue key yet.
    pub async fn rescue(&self) -> Result<(String, Vec<u8>), StoreError> {
        let file = match self.desk() {
            Some(desk) => rescue::export(&desk.ports, Rescued::Waiting).await,
            None => {
                let user = identity::last_user().await?.ok_or(StoreError::NotOpen)?;
                let name = identity::database_name(user.organisation, user.user);
                let browser = Browser::new(IndexedDb::open(&name).await?);
                rescue::export(&browser, Rescued::Waiting).await
            }
        };
        let file = file.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let day = self.today();
        Ok((format!("tournee-{day}.rescue.json"), file))
    }

    /// Keeps what is being typed. A failure blocks the app: what cannot be kept must not seem kept.
    pub async fn save_draft(&self, key: &str, json: String) {
        let Some(desk) = self.desk() else { return };
        if let Err(error) = desk.store().put_draft(key, &json).await {
            self.draft_failed(error);
        }
    }

    pub async fn load_draft(&self, key: &str) -> Option<String> {
        let desk = self.desk()?;
        desk.store().draft(key).await.ok().flatten()
    }

    /// Every draft, by key.
    pub async fn drafts(&self) -> Vec<(String, String)> {
        match self.desk() {
            Some(desk) => desk.store().drafts().await.unwrap_or_default(),
            None => Vec::new(),
        }
    }

    pub async fn delete_draft(&self, key: &str) {
        let Some(desk) = self.desk() else { return };
        if let Err(error) = desk.store().delete_draft(key).await {
            self.draft_failed(error);
        }
    }

    fn draft_failed(&self, error: DeviceStoreError) {
        match error {
            // The form is still on screen; recording it says what to do.
            DeviceStoreError::Full => {}
            error => self.storage_failed(&error.into()),
        }
    }

    /// The bytes of a photo or signature, from this device or from the office.
    ///
    /// # Errors
    /// [`AttachmentError`] says where the bytes are missing.
    pub async fn attachment_bytes(&self, hash: &BlobHash) -> Result<Vec<u8>, AttachmentError> {
        let desk = self.desk().ok_or(AttachmentError::NotHere)?;
        Ok(attachment(&desk, hash).await?.bytes)
    }

    pub(super) fn open_desk(&self) -> Result<Rc<Desk>, StoreError> {
        self.desk().ok_or(StoreError::NotOpen)
    }

    /// Hands bytes to the system's share sheet; false where there is none, or nothing was shared.
    pub async fn share(&self, name: &str, bytes: &[u8]) -> bool {
        let name = name.replace(".json", ".txt");
        files::share(&name, bytes).await.is_ok()
    }

    /// Offers bytes as a download; false when the browser refuses.
    pub fn download(&self, name: &str, media_type: &str, bytes: &[u8]) -> bool {
        files::download(name, media_type, bytes).is_ok()
    }
}
