//! What a person at the office should look at: records set aside, devices long silent.

use super::activity::OfficeTrouble;
use super::common::loaded;
use crate::components::{Busy, Empty, Icon, Page, Sign};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use chrono::{DateTime, FixedOffset};
use leptos::prelude::*;
use tournee_sync::office::{DeviceReport, QuarantinedFact};

/// A device unheard of for longer is worth a phone call.
const SILENT_DAYS: i64 = 3;

#[component]
pub fn AttentionPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let again = RwSignal::new(0_u32);
    let attention = loaded(move || {
        app.revision().track();
        again.track();
        async move { app.attention().await }
    });
    view! {
        <Page title=t.nav_attention()>
            <div>
                <button type="button" class="btn" data-testid="attention-refresh" on:click=move |_| again.update(|again| *again += 1)>
                    <Icon sign=Sign::Sync small=true />
                    {t.refresh()}
                </button>
            </div>
            {move || match attention.get() {
                None => view! { <Busy label=t.loading() /> }.into_any(),
                Some(Err(error)) => view! {
                    <OfficeTrouble error=error />
                    <button type="button" class="btn" on:click=move |_| again.update(|again| *again += 1)>{t.retry()}</button>
                }.into_any(),
                Some(Ok(attention)) => view! {
                    <Quarantine facts=attention.quarantined />
                    <Devices devices=attention.devices />
                }.into_any(),
            }}
        </Page>
    }
}

/// Milliseconds since 1970 in the organisation's time.
fn local(app: crate::state::App, ms: i64) -> DateTime<FixedOffset> {
    let now = app.now();
    DateTime::from_timestamp_millis(ms).map_or(now, |at| at.with_timezone(now.offset()))
}

fn reason(t: Texts, word: &str) -> &'static str {
    match word {
        "unreadable_body" => t.quarantine_unreadable(),
        "fork" | "frozen" => t.quarantine_fork(),
        "bad_signature" | "signature" => t.quarantine_signature(),
        _ => t.quarantine_other(),
    }
}

#[component]
fn Quarantine(facts: Vec<QuarantinedFact>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    if facts.is_empty() {
        return view! { <Empty sign=Sign::Check title=t.quarantine_none() advice=t.quarantine_none_advice() /> }.into_any();
    }
    view! {
        <section class="card card-list" aria-label=t.quarantine_title() data-testid="quarantine">
            <div class="head"><span>{t.quarantine_title()}</span><span class="num">{facts.len()}</span></div>
            {facts
                .into_iter()
                .map(|fact| view! {
                    <div class="stack tight">
                        <span class="row"><span class="strong">{reason(t, &fact.reason)}</span><span class="small muted num">{t.date_time(local(app, fact.received_at_ms))}</span></span>
                        <span class="small muted">{[fact.author.as_str(), " · ", &fact.device_label, " · ", &fact.type_name].concat()}</span>
                        {(!fact.detail.is_empty()).then(|| view! { <span class="small wrap">{fact.detail.clone()}</span> })}
                    </div>
                })
                .collect_view()}
        </section>
    }
    .into_any()
}

#[component]
fn Devices(devices: Vec<DeviceReport>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let today = app.today();
    view! {
        <section class="card card-list" aria-label=t.devices_title()>
            <div class="head"><span>{t.devices_title()}</span><span class="num">{devices.len()}</span></div>
            {devices
                .into_iter()
                .map(|device| {
                    let seen = device.last_seen_ms.map(|ms| local(app, ms));
                    let silent = seen.is_none_or(|seen| today.signed_duration_since(seen.date_naive()).num_days() >= SILENT_DAYS);
                    let when = seen.map_or_else(|| t.device_never().to_owned(), |seen| t.device_seen(&t.when(seen, today)));
                    view! {
                        <div class="row center">
                            <span class="stack tight"><span class="strong">{device.user.clone()}</span><span class="small muted">{[device.label.as_str(), "-E", &device.epoch.to_string(), " · ", &when].concat()}</span></span>
                            {if device.frozen {
                                view! { <span class="chip danger">{t.device_frozen()}</span> }.into_any()
                            } else if silent {
                                view! { <span class="chip warn">{t.device_silent()}</span> }.into_any()
                            } else {
                                view! { <span class="chip ok">{t.device_well()}</span> }.into_any()
                            }}
                        </div>
                    }
                })
                .collect_view()}
        </section>
    }
}
