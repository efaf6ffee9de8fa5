//! The honest sync screen: what the office has, what it has not, since when, and what to do.

use super::common::{StoreTrouble, Waiting, own_facts, use_me, use_portfolio};
use super::sign_in::SignInForm;
use crate::components::{Empty, Icon, Meter, Notice, Page, Sign, live};
use crate::locales::{Texts, use_texts};
use crate::state::{OwnFact, OwnState, SyncError, SyncStatus, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Sent facts listed at most.
const SENT_MAX: usize = 30;

/// What happened, and what to do.
pub fn error_texts(t: Texts, error: &SyncError) -> (&'static str, String) {
    match error {
        SyncError::Unreachable => (t.sync_unreachable(), t.sync_unreachable_advice().to_owned()),
        SyncError::TimedOut => (t.sync_timed_out(), t.sync_unreachable_advice().to_owned()),
        SyncError::NotTheOffice(_) => (t.sync_portal(), t.sync_portal_advice().to_owned()),
        SyncError::Busy => (t.sync_busy(), t.sync_unreachable_advice().to_owned()),
        SyncError::Refused(detail) => (t.sync_refused(), t.sync_refused_advice(detail)),
        SyncError::ChainMismatch(detail) => (t.sync_mismatch(), t.sync_mismatch_advice(detail)),
        SyncError::DeviceFrozen => (t.sync_frozen(), t.sync_frozen_advice().to_owned()),
        SyncError::Damaged(detail) => (t.sync_damaged(), t.sync_damaged_advice(detail)),
        SyncError::Revoked => (t.sync_revoked(), t.sync_revoked_advice().to_owned()),
        SyncError::TooOld => (t.sync_too_old(), t.sync_too_old_advice().to_owned()),
        SyncError::Storage(detail) => (t.sync_storage(), t.sync_storage_advice(detail)),
    }
}

#[component]
pub fn SyncPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let status = app.sync();
    let running = Memo::new(move |_| status.with(|status| status.running));
    let foot = move || {
        view! {
            <button type="button" class="btn primary wide tall" data-testid="sync-now" aria-disabled=move || running.get().then_some("true") on:click=move |_| app.sync_now()>
                {move || if running.get() { view! { <span class="spinner"></span>{t.sync_running()} }.into_any() } else { view! { <Icon sign=Sign::Sync />{t.sync_now()} }.into_any() }}
            </button>
        }
    };
    view! {
        <Page title=t.nav_sync() foot=foot>
            <super::round::UpdateNotice />
            <Expired />
            <Standing />
            <LastError />
            <Facts />
            <Storage />
            <section class="card stack">
                <h2>{t.rescue_title()}</h2>
                <p class="small muted">{t.rescue_advice()}</p>
                <RescueButton />
            </section>
        </Page>
    }
}

/// The session is over: facts still leave by the device's signature; to receive, sign in again in place.
#[component]
fn Expired() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let login = use_me().user.login.clone();
    let expired = Memo::new(move |_| app.sync().with(|status| status.session_expired));
    live(move || {
        let login = login.clone();
        expired.get().then(|| {
            view! {
                <section class="card stack attention" data-testid="sync-expired" aria-labelledby="expired-title">
                    <h2 id="expired-title">{t.expired_title()}</h2>
                    <p>{t.expired_advice()}</p>
                    <SignInForm login=login on_done=Callback::new(move |()| app.sync_now()) />
                </section>
            }
        })
    })
}

#[component]
fn Standing() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let today = app.today();
    let status = app.sync();
    let headline = move || {
        status.with(
            |status| match (status.waiting as usize, status.oldest_waiting) {
                (0, _) if status.waiting_blobs == 0 => t.sync_nothing_waiting().to_owned(),
                (0, _) => t.sync_photos_waiting(status.waiting_blobs as usize),
                (waiting, Some(since)) => t.sync_waiting_since(waiting, &t.when(since, today)),
                (waiting, None) => t.sync_waiting(waiting),
            },
        )
    };
    let line = move |label: &'static str,
                     testid: &'static str,
                     value: fn(&SyncStatus, Texts, chrono::NaiveDate) -> String| {
        view! { <dt>{label}</dt><dd data-testid=testid class="num">{move || status.with(|status| value(status, t, today))}</dd> }
    };
    let waits = Memo::new(move |_| status.with(|status| status.oldest_age_minutes.is_some()));
    // The browser knows of a network; only an answer tells that the office is there.
    let network = |status: &SyncStatus, t: Texts, _| {
        let away = matches!(
            status.last_error,
            Some(SyncError::Unreachable | SyncError::TimedOut)
        );
        match (status.online, away) {
            (true, true) => t.sync_network_office_away(),
            (true, false) => t.sync_network_yes(),
            (false, _) => t.sync_network_no(),
        }
        .to_owned()
    };
    view! {
        <section class="card stack" aria-labelledby="sync-standing">
            <h2 id="sync-standing" data-testid="sync-headline" aria-live="polite">{headline}</h2>
            <dl class="facts">
                {line(t.sync_network(), "sync-network", network)}
                {line(t.sync_last_success(), "sync-last-success", |status, t, today| status.last_success.map_or_else(|| t.sync_never().to_owned(), |at| t.when(at, today)))}
                {line(t.sync_facts_waiting(), "sync-waiting", |status, _, _| status.waiting.to_string())}
                {move || waits.get().then(|| line(t.sync_oldest(), "sync-oldest", |status, t, _| t.age(status.oldest_age_minutes.unwrap_or(0))))}
                {line(t.sync_blobs_waiting(), "sync-waiting-blobs", |status, _, _| status.waiting_blobs.to_string())}
                {line(t.sync_flagged(), "sync-flagged", |status, _, _| status.flagged.to_string())}
            </dl>
        </section>
    }
}

#[component]
fn LastError() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let login = use_me().user.login.clone();
    let error = Memo::new(move |_| app.sync().with(|status| status.last_error.clone()));
    live(move || {
        let login = login.clone();
        error.get().map(|error| {
            let (what, advice) = error_texts(t, &error);
            // A sign-in gives the device a new epoch to record in.
            let enrols = matches!(error, SyncError::Damaged(_) | SyncError::DeviceFrozen);
            view! {
                <Notice tone="warn" testid="sync-error">
                    <p class="strong">{what}</p>
                    <p>{advice}</p>
                    {enrols.then(|| view! { <SignInForm login=login on_done=Callback::new(move |()| app.sync_now()) /> }.into_any())}
                </Notice>
            }
        })
    })
}

#[component]
fn Facts() -> impl IntoView {
    let t = use_texts();
    let facts = own_facts();
    live(move || match facts.get() {
        None => view! { <Waiting /> }.into_any(),
        Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
        Some(Ok(facts)) => {
            if facts.is_empty() {
                return view! { <Empty sign=Sign::Upload title=t.sync_no_facts() advice=t.sync_no_facts_advice() /> }.into_any();
            }
            let keep = |wanted: fn(&OwnFact) -> bool| {
                facts
                    .iter()
                    .filter(|fact| wanted(fact))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            let waiting = keep(|fact| fact.state == OwnState::Waiting);
            let looked_at = keep(|fact| match &fact.state {
                OwnState::Sent { flags } => !flags.is_empty(),
                OwnState::Quarantined { .. } => true,
                _ => false,
            });
            let mut sent = keep(|fact| {
                matches!(&fact.state, OwnState::Sent { flags } if flags.is_empty())
                    || fact.state == OwnState::Staged
            });
            let sent_count = sent.len();
            sent.truncate(SENT_MAX);
            view! {
                <FactList title=t.sync_list_waiting() testid="sync-list-waiting" facts=waiting />
                <FactList title=t.sync_list_flagged() testid="sync-list-flagged" facts=looked_at />
                {(sent_count > 0).then(|| view! {
                    <details class="card">
                        <summary class="strong" data-testid="sync-sent-open">{t.sync_list_sent(sent_count)}</summary>
                        <FactList title=t.sync_last_sent() testid="sync-list-sent" facts=sent />
                    </details>
                }.into_any())}
            }
            .into_any()
        }
    })
}

#[component]
fn FactList(title: &'static str, testid: &'static str, facts: Vec<OwnFact>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let portfolio = use_portfolio();
    let today = app.today();
    if facts.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="card card-list" data-testid=testid aria-label=title>
            <div class="head"><span>{title}</span><span class="num">{facts.len()}</span></div>
            {facts
                .into_iter()
                .map(|fact| {
                    let (line, client) = match &fact.body {
                        Ok(body) => (t.fact_line(body), body.client().map(|code| portfolio.name_of(code)).unwrap_or_default()),
                        Err(error) => (t.fact_unreadable().to_owned(), error.to_string()),
                    };
                    let (tone, words) = t.own_state(&fact.state);
                    view! {
                        <div class="stack tight" data-testid="sync-fact">
                            <span class="row"><span class="strong">{line}</span><span class="small muted num">{t.when(fact.recorded_at, today)}</span></span>
                            <span class="small muted">{client}</span>
                            <span class="chips"><span class=["chip ", tone].concat()>{words}</span></span>
                        </div>
                    }
                })
                .collect_view()}
        </section>
    }
    .into_any()
}

/// Whether the browser promises to keep the data, and how much room is left.
#[component]
fn Storage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let status = app.sync();
    let asked = RwSignal::new(false);
    let persisted = Memo::new(move |_| status.with(|status| status.persisted));
    let mended = Memo::new(move |_| status.with(|status| status.mended));
    let freed = Memo::new(move |_| status.with(|status| status.media_freed_bytes));
    let usage = Memo::new(move |_| status.with(|status| (status.usage_bytes, status.quota_bytes)));
    view! {
        <section class="card stack" aria-labelledby="storage-title">
            <h2 id="storage-title">{t.storage_title()}</h2>
            {move || match persisted.get() {
                Some(true) => view! { <p data-testid="storage-persisted" class="row start center"><Icon sign=Sign::Check small=true />{t.storage_kept()}</p> }.into_any(),
                _ => view! {
                    <p data-testid="storage-persisted">{t.storage_not_kept()}</p>
                    <button type="button" class="btn" data-testid="storage-ask" on:click=move |_| {
                        spawn_local(async move {
                            app.request_persistence().await;
                            asked.try_set(true);
                        });
                    }>{t.storage_ask()}</button>
                    {move || (asked.get() && persisted.get() != Some(true)).then(|| view! { <p class="small muted" role="status">{t.storage_refused()}</p> }.into_any())}
                }.into_any(),
            }}
            {move || (mended.get() > 0).then(|| view! { <p class="small" data-testid="storage-mended">{t.storage_mended(mended.get() as usize)}</p> }.into_any())}
            {move || (freed.get() > 0).then(|| view! { <p class="small" data-testid="storage-freed">{t.storage_freed(&t.bytes(freed.get()))}</p> }.into_any())}
            {move || match usage.get() {
                (Some(used), Some(quota)) if quota > 0 => {
                    let percent = u32::try_from(used.saturating_mul(100) / quota).unwrap_or(100);
                    view! {
                        <p class="small muted num" data-testid="storage-usage">{t.storage_used(&t.bytes(used), &t.bytes(quota))}</p>
                        <Meter label=t.storage_title() percent=Signal::stored(percent) />
                    }.into_any()
                }
                _ => ().into_any(),
            }}
        </section>
    }
}

/// Writes everything unsent into a file the office can read.
#[component]
pub fn RescueButton() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let result = RwSignal::new("");
    let export = move |_| {
        spawn_local(async move {
            let done = match app.rescue().await {
                Ok((name, bytes)) if app.share(&name, &bytes).await => t.rescue_shared(),
                Ok((name, bytes)) if app.download(&name, "application/json", &bytes) => {
                    t.rescue_done()
                }
                _ => t.rescue_failed(),
            };
            result.try_set(done);
        });
    };
    view! {
        <button type="button" class="btn wide" data-testid="rescue-export" on:click=export><Icon sign=Sign::Download />{t.broken_export()}</button>
        <p class="small" role="status">{result}</p>
    }
}

impl Texts {
    /// `12 Mo`, rounded up.
    pub fn bytes(self, bytes: u64) -> String {
        const MEGA: u64 = 1024 * 1024;
        if bytes >= 1024 * MEGA {
            self.gigabytes(&(bytes / (1024 * MEGA)).to_string())
        } else {
            self.megabytes(&bytes.div_ceil(MEGA).to_string())
        }
    }
}
