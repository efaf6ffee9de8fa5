//! When to exchange with the office, and with what result (SYNC 13, 38): one exchange at a time over all tabs, after
//! each record, when the network or the user comes back, on a timer, by the button, and when the office calls.

use super::App;
use super::device::Desk;
use super::types::{Phase, SyncError};
use crate::browser::server_events::ServerEvents;
use crate::browser::{clock, listen, network, random};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, LocalBoxFuture, select};
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::rc::Rc;
use tournee_sync::device::{Exchanged, Progressed};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// After the first failure; doubled by each further one.
const BACKOFF_MIN_MS: u32 = 5_000;
/// While somebody looks, an office that is back is found soon.
const BACKOFF_MAX_MS: u32 = 30_000;
const BACKOFF_MAX_HIDDEN_MS: u32 = 300_000;
/// Enough doublings to reach the longest pause.
const FAILURES_COUNTED_MAX: u32 = 7;
/// With nothing wrong and nothing heard.
const IDLE_MS: u32 = 60_000;
const IDLE_HIDDEN_MS: u32 = 300_000;

/// The handle by which everything else wakes the exchange.
pub struct Engine {
    wake: UnboundedSender<()>,
    events: RefCell<Option<ServerEvents>>,
}

impl Engine {
    pub fn new() -> (Self, UnboundedReceiver<()>) {
        let (wake, wakes) = unbounded();
        let engine = Self {
            wake,
            events: RefCell::new(None),
        };
        (engine, wakes)
    }

    /// Exchanges as soon as the present exchange, if any, is through.
    pub fn wake(&self) {
        // The receiver lives as long as the page.
        let _sent = self.wake.unbounded_send(());
    }

    /// Stops listening to the office.
    pub fn hang_up(&self) {
        self.events.borrow_mut().take();
    }
}

/// Wakes the exchange when the page comes back in sight or the network returns.
pub fn listen_to_the_page(app: App) {
    for event in ["online", "focus", "pageshow"] {
        listen::on_window(event, move |_| app.network_changed());
    }
    listen::on_window("offline", move |_| app.network_changed());
    listen::on_document("visibilitychange", move |_| {
        if listen::is_visible() {
            app.probe_store();
            app.engine().wake();
        } else {
            app.engine().hang_up();
        }
    });
    // A frozen page may come back with a dead connection (SYNC §3): better none.
    listen::on_document("freeze", move |_| {
        if let Some(desk) = app.desk() {
            desk.store().close();
        }
    });
}

/// Runs for ever: waits for a reason, exchanges, and waits longer after each failure.
pub async fn run(app: App, mut wakes: UnboundedReceiver<()>) {
    let mut failures = 0;
    loop {
        let wait = Box::pin(clock::sleep(random::jittered(pause_ms(failures))));
        let woken = matches!(select(wakes.next(), wait).await, Either::Left(_));
        while wakes.try_recv().is_ok() {}
        let Some(desk) = app.desk() else { continue };
        // What the browser believes is a hint: without a network it is tried seldom, but tried.
        if !woken && !network::online() {
            failures = FAILURES_COUNTED_MAX;
        }
        match exchange(app, &desk).await {
            // The tab that is at it may have looked just before something was recorded here: soon once more.
            Ok(Exchanged::Elsewhere) if !desk.waiting().is_empty() => failures = 1,
            Ok(_) => failures = 0,
            Err(_) => failures = (failures + 1).min(FAILURES_COUNTED_MAX),
        }
    }
}

fn pause_ms(failures: u32) -> u32 {
    match failures {
        0 if listen::is_visible() => IDLE_MS,
        0 => IDLE_HIDDEN_MS,
        failures => {
            let longest = match listen::is_visible() {
                true => BACKOFF_MAX_MS,
                false => BACKOFF_MAX_HIDDEN_MS,
            };
            BACKOFF_MIN_MS
                .saturating_mul(1 << (failures - 1))
                .min(longest)
        }
    }
}

type Exchanging = LocalBoxFuture<'static, Result<Exchanged, SyncError>>;

/// One exchange, shown as it goes.
async fn exchange(app: App, desk: &Rc<Desk>) -> Result<Exchanged, SyncError> {
    let result = match exchanging(app, desk.clone()).await {
        Ok(exchanging) => exchanging.await,
        // The part of the program that exchanges comes from the same office.
        Err(_) => Err(SyncError::Unreachable),
    };
    if !app.is_current(desk) {
        return result;
    }
    // Whatever else goes wrong, a sign-in is what helps.
    let damaged = desk.identity.borrow().damage.clone();
    let damaged = damaged.map(SyncError::Damaged);
    let frozen = desk.identity.borrow().enrol_again;
    app.update_sync(|sync| {
        sync.running = false;
        match &result {
            // The tab that is at it tells this one what changed.
            Ok(Exchanged::Elsewhere) => {}
            Ok(exchanged) => {
                sync.session_expired = *exchanged == Exchanged::SessionExpired;
                sync.last_error = damaged.or(frozen.then_some(SyncError::DeviceFrozen));
            }
            Err(error) => sync.last_error = damaged.or(Some(error.clone())),
        }
    });
    match &result {
        Ok(Exchanged::Through) => {
            let now = app.now();
            app.update_sync(|sync| sync.last_success = Some(now));
            listen_to_the_office(app);
        }
        Ok(Exchanged::Elsewhere) => {}
        Ok(Exchanged::SessionExpired) | Err(_) => app.engine().hang_up(),
    }
    app.refresh_status(desk);
    app.refresh_storage().await;
    result
}

/// The exchange itself, in the part of the program that comes after the first screen (docs/decisions/0002-build.md).
#[wasm_split(field, fallible)]
fn exchanging(app: App, desk: Rc<Desk>) -> Result<Exchanging, SplitLoaderError> {
    Ok(Box::pin(async move {
        tournee_sync::device::exchange(&desk, |progressed| watch(app, &desk, progressed)).await
    }))
}

fn watch(app: App, desk: &Rc<Desk>, progressed: Progressed) {
    if !app.is_current(desk) {
        return;
    }
    match progressed {
        Progressed::Begun => app.update_sync(|sync| sync.running = true),
        Progressed::OwnFacts => app.own_facts_changed(desk),
        Progressed::Records => app.records_changed(desk),
        Progressed::FirstSnapshot(progress) => app.set_phase(Phase::FirstSync {
            done: progress.done,
            total: progress.total,
        }),
    }
}

/// While the page is on screen, the office says when something changed.
fn listen_to_the_office(app: App) {
    let mut events = app.engine().events.borrow_mut();
    let is_open = events.as_ref().is_some_and(|events| !events.is_closed());
    if is_open || !listen::is_visible() {
        return;
    }
    let path = super::api::path("events");
    // When the line breaks, the next exchange finds out why, and listens again once all is well.
    let broken = move || {
        spawn_local(async move {
            clock::sleep(random::jittered(BACKOFF_MIN_MS)).await;
            app.engine().wake();
        });
    };
    *events = ServerEvents::open(&path, "changed", move || app.engine().wake(), broken);
}
