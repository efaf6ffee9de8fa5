//! The app's signals, and how they follow what happens on the desk.

use super::device::Desk;
use super::engine::{self, Engine};
use super::identity;
use super::reports::KeptLedger;
use super::types::{BrokenKind, KnownUser, Me, Phase, StoreError, SyncStatus, Theme, Unsent};
use super::unsent;
use crate::browser::channel::Channel;
use crate::browser::install::InstallOffer;
use crate::browser::{clock, network, storage, updates, viewport};
use chrono::{DateTime, FixedOffset, NaiveDate};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use tournee_domain::format::Language;
use tournee_domain::pack::OfficeRules;
use tournee_domain::summary::Summary;

/// Said to other tabs when own facts changed, and when records did.
const OWN_CHANGED: &str = "own";
const RECORDS_CHANGED: &str = "records";

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
    wide: RwSignal<bool>,
    summaries: RwSignal<Arc<Vec<Arc<Summary>>>>,
    revision: RwSignal<u64>,
    sync: RwSignal<SyncStatus>,
    /// What belongs to the page's one thread.
    local: SendWrapper<Local>,
}

struct Local {
    desk: RefCell<Option<Rc<Desk>>>,
    channel: RefCell<Option<Channel>>,
    engine: Engine,
    forms_open: Cell<u32>,
    install: InstallOffer,
    ledger: RefCell<Option<KeptLedger>>,
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
        let forms = &self.app.inner.local.forms_open;
        forms.set(forms.get().saturating_sub(1));
    }
}

impl App {
    /// Starts the app: opens what the last user left on this device, then exchanges with the office in the background.
    pub fn start() -> Self {
        let (engine, wakes) = Engine::new();
        let sync = RwSignal::new(SyncStatus {
            online: network::online(),
            ..SyncStatus::default()
        });
        let install = InstallOffer::watch(move |installable| {
            sync.update(|sync| sync.installable = installable);
        });
        let wide = RwSignal::new(false);
        wide.set(viewport::wide(move |is_wide| wide.set(is_wide)));
        let inner = Inner {
            phase: RwSignal::new(Phase::Booting),
            me: RwSignal::new(None),
            language: RwSignal::new(identity::language()),
            theme: RwSignal::new(identity::theme()),
            wide,
            summaries: RwSignal::default(),
            revision: RwSignal::new(0),
            sync,
            local: SendWrapper::new(Local {
                desk: RefCell::new(None),
                channel: RefCell::new(None),
                engine,
                forms_open: Cell::new(0),
                install,
                ledger: RefCell::new(None),
            }),
        };
        let app = Self {
            inner: Box::leak(Box::new(inner)),
        };
        Effect::new(move |_| identity::set_language(app.inner.language.get()));
        Effect::new(move |_| identity::set_theme(app.inner.theme.get()));
        updates::on_ready(move || app.update_sync(|sync| sync.update_ready = true));
        engine::listen_to_the_page(app);
        spawn_local(async move {
            app.boot().await;
            // The first screen before anything else is fetched.
            clock::settled().await;
            app.catch_up().await;
            app.refresh_storage().await;
            engine::run(app, wakes).await;
        });
        app
    }

    /// Begins work on an opened desk.
    pub(super) fn sit_down(self, desk: Desk) {
        let desk = Rc::new(desk);
        let local = &self.inner.local;
        *local.desk.borrow_mut() = Some(desk.clone());
        let user = desk.identity.borrow().user.id;
        let heard = move |word: &str| self.heard_from_other_tab(word);
        *local.channel.borrow_mut() = Channel::open(&format!("tournee-{user}"), heard);
        let last_success = desk.last_success_ms.get();
        let zone = desk.identity.borrow().organisation.utc_offset_minutes;
        self.update_sync(|sync| {
            sync.session_expired = false;
            sync.last_error = None;
            sync.last_success = last_success.map(|ms| clock::at(ms, zone));
        });
        self.show(&desk);
        self.look_for_losses(&desk);
        let is_first = desk.pull.borrow().generation == 0;
        self.set_phase(match is_first {
            true => Phase::FirstSync { done: 0, total: 0 },
            false => Phase::Ready,
        });
        local.engine.wake();
    }

    /// Finds out whether this device lost facts before they were sent; it says so until somebody has taken note.
    fn look_for_losses(self, desk: &Rc<Desk>) {
        let desk = desk.clone();
        spawn_local(async move {
            // Not while the first screen is waited for.
            clock::settled().await;
            match unsent::lost(&desk).await {
                Ok(lost) if self.is_current(&desk) => self.update_sync(|sync| sync.lost = lost),
                Ok(_) => {}
                Err(error) => self.storage_failed(&error.into()),
            }
        });
    }

    /// What is noted as not sent, when the database that held it is gone.
    pub fn unsent_noted(&self) -> Vec<Unsent> {
        unsent::read()
    }

    /// What is noted as not sent of people whose data this device does not hold any more.
    pub fn unsent_without_data(&self, known: &[KnownUser]) -> Vec<Unsent> {
        unsent::without_data(known)
    }

    /// Somebody has taken note of what was lost here.
    pub fn note_losses(&self) {
        self.update_sync(|sync| unsent::forget(&std::mem::take(&mut sync.lost)));
    }

    /// Leaves the desk: nothing of it stays in memory.
    pub(super) async fn stand_up(self) {
        let local = &self.inner.local;
        local.engine.hang_up();
        local.channel.borrow_mut().take();
        local.desk.borrow_mut().take();
        local.ledger.borrow_mut().take();
        self.show_sign_in().await;
        self.inner.me.set(None);
        self.inner.summaries.set(Arc::default());
    }

    pub(super) async fn show_sign_in(self) {
        match identity::known_users().await {
            Ok(known) => self.set_phase(Phase::SignedOut { known }),
            Err(error) => self.storage_failed(&error),
        }
    }

    fn heard_from_other_tab(self, word: &str) {
        let Some(desk) = self.desk() else { return };
        let records = word == RECORDS_CHANGED;
        spawn_local(async move {
            let reloaded = match records {
                true => desk.reload().await,
                false => desk.reload_own().await,
            };
            match reloaded {
                Ok(()) if self.is_current(&desk) => self.show(&desk),
                Ok(()) => {}
                Err(error) => self.storage_failed(&error.into()),
            }
        });
    }

    /// What another tab changed while this one was being opened, and could not hear it.
    async fn catch_up(self) {
        let Some(desk) = self.desk() else { return };
        match desk.catch_up().await {
            Ok(true) if self.is_current(&desk) => self.show(&desk),
            Ok(_) => {}
            Err(error) => self.storage_failed(&error.into()),
        }
    }

    /// Own facts were recorded or settled in this tab.
    pub(super) fn own_facts_changed(self, desk: &Rc<Desk>) {
        self.show(desk);
        self.tell_other_tabs(OWN_CHANGED);
    }

    /// A pull changed records in this tab.
    pub(super) fn records_changed(self, desk: &Rc<Desk>) {
        self.show(desk);
        self.tell_other_tabs(RECORDS_CHANGED);
    }

    fn tell_other_tabs(self, word: &str) {
        if let Some(channel) = &*self.inner.local.channel.borrow() {
            channel.say(word);
        }
    }

    /// Brings every signal up to the desk's state.
    fn show(self, desk: &Rc<Desk>) {
        if !self.is_current(desk) {
            return;
        }
        let me = Me::of(&desk.identity.borrow());
        if self.inner.me.get_untracked().as_ref() != Some(&me) {
            self.inner.me.set(Some(me));
        }
        let shown = desk.portfolio.borrow().shown();
        self.inner.summaries.set(Arc::new(shown));
        self.inner.revision.update(|revision| *revision += 1);
        self.refresh_status(desk);
        let was_first = matches!(self.inner.phase.get_untracked(), Phase::FirstSync { .. });
        if was_first && desk.pull.borrow().generation > 0 {
            self.set_phase(Phase::Ready);
        }
    }

    /// Brings the counts of what waits up to date.
    pub(super) fn refresh_status(self, desk: &Rc<Desk>) {
        let waiting = desk.waiting();
        unsent::note(desk, &waiting);
        self.update_sync(|sync| {
            sync.online = network::online();
            sync.waiting = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
            let blobs = desk.waiting_blobs.borrow().len();
            sync.waiting_blobs = u32::try_from(blobs).unwrap_or(u32::MAX);
            let oldest = waiting.iter().map(|fact| fact.recorded_at).min();
            sync.oldest_waiting = oldest.map(|at| desk.in_zone(at));
            sync.oldest_age_minutes = oldest.map(|at| age_minutes(at, clock::device_now()));
            sync.flagged = desk.flagged.get();
            sync.mended = desk.mended.get();
        });
    }

    /// Asks the browser again how much room there is and whether it promises to keep it.
    pub(super) async fn refresh_storage(self) {
        let (estimate, persisted) = (storage::estimate().await, storage::persisted().await);
        self.update_sync(|sync| {
            sync.usage_bytes = estimate.usage_bytes;
            sync.quota_bytes = estimate.quota_bytes;
            sync.persisted = persisted;
        });
    }

    pub(super) fn network_changed(self) {
        self.update_sync(|sync| sync.online = network::online());
        if let Some(desk) = self.desk() {
            self.refresh_status(&desk);
        }
        if network::online() {
            self.engine().wake();
        }
    }

    /// Finds a dead connection before the user's next record does (SYNC §3).
    pub(super) fn probe_store(self) {
        let Some(desk) = self.desk() else { return };
        spawn_local(async move {
            if let Err(error) = desk.reload_own().await {
                self.storage_failed(&error.into());
            }
        });
    }

    /// The store failed and its one reopening, too: nothing can be recorded, so nothing pretends to be.
    pub(super) fn storage_failed(self, error: &StoreError) {
        let what = match error {
            StoreError::Corrupt(_) => BrokenKind::StoreCorrupt,
            StoreError::NewerVersion => BrokenKind::NewerVersion,
            StoreError::Cleared => BrokenKind::Cleared,
            _ => BrokenKind::StoreUnavailable,
        };
        self.set_phase(Phase::Broken {
            what,
            detail: error.to_string(),
        });
    }

    pub(super) fn set_phase(self, phase: Phase) {
        if self.inner.phase.get_untracked() != phase {
            self.inner.phase.set(phase);
        }
    }

    pub(super) fn update_sync(self, change: impl FnOnce(&mut SyncStatus)) {
        let before = self.inner.sync.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            self.inner.sync.set(after);
        }
    }

    pub(super) fn desk(self) -> Option<Rc<Desk>> {
        self.inner.local.desk.borrow().clone()
    }

    /// Whether this desk is still the one being worked at.
    pub(super) fn is_current(self, desk: &Rc<Desk>) -> bool {
        let present = self.inner.local.desk.borrow();
        present
            .as_ref()
            .is_some_and(|present| Rc::ptr_eq(present, desk))
    }

    /// The columns of reports, until something changes.
    pub(super) fn kept_ledger(self) -> &'static RefCell<Option<KeptLedger>> {
        &self.inner.local.ledger
    }

    pub(super) fn engine(self) -> &'static Engine {
        &self.inner.local.engine
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

    /// Whether there is room for two panes and the rail of all places.
    pub fn wide(&self) -> Signal<bool> {
        self.inner.wide.into()
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

    /// Now in the organisation's zone; in the device's before anybody has signed in.
    pub fn now(&self) -> DateTime<FixedOffset> {
        let me = self.inner.me.get_untracked();
        match me {
            Some(me) => clock::at(clock::now_ms(), me.organisation.utc_offset_minutes),
            None => clock::device_now(),
        }
    }

    /// Reads the country's rules as the office sent them; nothing where it sent none.
    pub fn rules<T>(&self, read: impl FnOnce(&OfficeRules) -> T) -> Option<T> {
        let me = self.inner.me;
        me.with_untracked(|me| Some(read(me.as_ref()?.organisation.rules.as_ref()?)))
    }

    /// Exchanges with the office as soon as possible.
    pub fn sync_now(&self) {
        self.engine().wake();
    }

    /// Holds new versions of the app back until dropped.
    pub fn form_open(&self) -> FormGuard {
        let forms = &self.inner.local.forms_open;
        forms.set(forms.get() + 1);
        FormGuard { app: *self }
    }

    /// Switches to the version that waits and reloads; nothing happens while a form is open.
    pub fn apply_update(&self) {
        if self.inner.local.forms_open.get() == 0 {
            updates::activate();
        }
    }

    /// Asks the browser to keep this app's data when space is short; true when it promises to.
    pub async fn request_persistence(&self) -> bool {
        let promised = storage::persist().await;
        self.refresh_storage().await;
        promised
    }

    /// Shows the browser's installation prompt, when it offered one.
    pub fn install(&self) {
        self.inner.local.install.accept();
        self.update_sync(|sync| sync.installable = false);
    }
}

/// Whole minutes from `at` to `now`; 0 when a clock went back in between.
fn age_minutes(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> u32 {
    u32::try_from((now - at).num_minutes()).unwrap_or(0)
}
