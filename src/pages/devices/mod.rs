//! The office's devices: who was heard of when, what is missing, and taking one out of use (SYNC 37, 39).

mod rescue;

use super::activity::OfficeTrouble;
use super::common::{local, use_me};
use super::decide::{Decide, Decision, Question};
use super::looked_after::{LookedAfter, Standing};
use crate::components::{Busy, Empty, Icon, Notice, Page, Rows, Sign};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use leptos::prelude::*;
use rescue::Rescue;
use tournee_sync::enrol::Role;
use tournee_sync::office::{DeviceGap, DeviceReport, GapKind};

#[component]
pub fn DevicesPage() -> impl IntoView {
    let t = use_texts();
    let looked_after = expect_context::<LookedAfter>();
    let devices = looked_after.devices;
    let may = matches!(use_me().user.role, Role::Manager | Role::Administrator);
    let decision = Decision::new();
    let row = move |device: &DeviceReport| {
        let device = device.clone();
        let standing = Standing::of(&device);
        let told = (device.last_seen_ms, device.received_through, device.waiting);
        let key = format!(
            "{} {told:?} {}",
            device.id,
            standing as u8 + 10 * device.gaps.len() as u8
        );
        let draw = move || view! { <Device device=device.clone() may=may decision=decision /> };
        (key, ViewFn::from(draw))
    };
    let rows = Signal::derive(move || {
        devices.with(|devices| {
            let devices = match devices {
                Some(Ok(devices)) => devices.as_slice(),
                _ => &[],
            };
            let of = |standing| {
                devices
                    .iter()
                    .filter(move |device| Standing::of(device) == standing)
            };
            Standing::WORST_FIRST
                .into_iter()
                .flat_map(of)
                .map(row)
                .collect()
        })
    });
    view! {
        <Page title=t.devices_title() subtitle=t.devices_subtitle()>
            <Refresh />
            {move || devices.with(|devices| match devices {
                None => view! { <Busy label=t.loading() /> }.into_any(),
                Some(Err(error)) => view! { <OfficeTrouble error=error.clone() /> }.into_any(),
                Some(Ok(devices)) if devices.is_empty() => view! { <Empty sign=Sign::Mobile title=t.devices_none() advice=t.devices_none_advice() /> }.into_any(),
                Some(Ok(_)) => ().into_any(),
            })}
            <Rows rows=rows />
            {may.then(|| view! { <Rescue /> }.into_any())}
            <Decide decision=decision on_done=move |_| looked_after.refresh() />
        </Page>
    }
}

/// Asks the office again.
#[component]
pub fn Refresh() -> impl IntoView {
    let t = use_texts();
    let looked_after = expect_context::<LookedAfter>();
    view! {
        <div>
            <button type="button" class="btn" data-testid="refresh" on:click=move |_| looked_after.refresh()>
                <Icon sign=Sign::Sync small=true />
                {t.refresh()}
            </button>
        </div>
    }
}

#[component]
fn Device(device: DeviceReport, may: bool, decision: Decision) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let standing = Standing::of(&device);
    let (tone, state) = standing.chip(&device, t);
    let now = app.now();
    let ago = move |ms: i64| {
        let minutes = (now - local(app, ms)).num_minutes();
        t.ago(&t.age(u32::try_from(minutes).unwrap_or(0)))
    };
    let exactly = move |ms: Option<i64>| {
        ms.map_or_else(
            || t.sync_never().to_owned(),
            |ms| [&ago(ms), " · ", &t.date_time(local(app, ms))].concat(),
        )
    };
    let series = [device.label.as_str(), "-E", &device.epoch.to_string()].concat();
    let seen = device
        .last_seen_ms
        .map_or_else(|| t.device_never().to_owned(), |ms| t.device_seen(&ago(ms)));
    let under = [series.as_str(), " · ", &seen].concat();
    let missing = device
        .recorded_through
        .saturating_sub(device.received_through);
    let whose = t.device_of(&device.label, &device.user);
    let revoked = device.revoked_at_ms.map(|at| {
        let who = [
            &t.date_time(local(app, at)),
            " · ",
            device.revoked_by.as_str(),
        ]
        .concat();
        (who, device.revoked_reason.clone())
    });
    let question = match revoked {
        None => Question {
            resource: ["devices/", &device.id, "/revoke"].concat(),
            title: t.revoke_title(&whose),
            explained: t.revoke_explained(&device.user),
            confirm: t.revoke(),
            reason_needed: false,
            grave: true,
        },
        Some(_) => Question {
            resource: ["devices/", &device.id, "/release"].concat(),
            title: t.release_title(&whose),
            explained: t.release_explained(&device.user),
            confirm: t.release(),
            reason_needed: false,
            grave: false,
        },
    };
    let action = question.confirm;
    let test_id = if revoked.is_some() {
        "device-release"
    } else {
        "device-revoke"
    };
    let silent = standing == Standing::Urgent && device.silent_since_ms.is_some();
    view! {
        <details class="card" open=standing < Standing::Silent data-testid="device" data-label=device.label.clone()>
            <summary class="row">
                <span class="stack tight grow"><span class="strong wrap">{device.user.clone()}</span><span class="small muted">{under}</span></span>
                <span class=["chip ", tone].concat()>{state}</span>
            </summary>
            <div class="stack">
                {device.frozen.then(|| trouble("danger", t.frozen_said().to_owned(), t.frozen_advice()))}
                {silent.then(|| trouble("danger", t.silent_said(device.waiting as usize), t.silent_advice()))}
                {device.gaps.iter().map(|gap| gap_trouble(gap, &device.label, t)).collect_view()}
                {revoked.map(|(who, why)| view! {
                    <Notice testid="device-revoked"><p class="strong">{t.revoked_said(&who)}</p>{(!why.is_empty()).then(|| view! { <p>{why}</p> }.into_any())}<p>{t.revoked_advice()}</p></Notice>
                }.into_any())}
                <dl class="facts">
                    <dt>{t.device_last_seen()}</dt><dd>{exactly(device.last_seen_ms)}</dd>
                    <dt>{t.device_last_fact()}</dt><dd>{exactly(device.last_fact_ms)}</dd>
                    <dt>{t.device_received()}</dt><dd>{t.device_received_of(&device.received_through.to_string(), &device.recorded_through.max(device.received_through).to_string())}</dd>
                    <dt>{t.device_waiting()}</dt><dd data-testid="device-waiting">{u64::from(device.waiting).max(missing).to_string()}</dd>
                    <dt>{t.about_version()}</dt><dd>{device.build.clone()}</dd>
                    <dt>{t.sign_in_login()}</dt><dd>{device.login.clone()}</dd>
                    <dt>{t.device_enrolled()}</dt><dd>{t.date_time(local(app, device.enrolled_at_ms))}</dd>
                </dl>
                {may.then(|| view! {
                    <div><button type="button" class="btn" aria-haspopup="dialog" data-testid=test_id on:click=move |_| decision.ask(question.clone())>{action}</button></div>
                }.into_any())}
            </div>
        </details>
    }
}

/// What is wrong, and what to do about it.
fn trouble(tone: &'static str, said: String, advice: &'static str) -> AnyView {
    view! { <Notice tone=tone testid="device-trouble"><p class="strong">{said}</p><p>{advice}</p></Notice> }.into_any()
}

fn gap_trouble(gap: &DeviceGap, label: &str, t: Texts) -> AnyView {
    let span = if gap.first == gap.last {
        gap.first.to_string()
    } else {
        t.gap_span(&gap.first.to_string(), &gap.last.to_string())
    };
    let series = [label, "-E", &gap.epoch.to_string()].concat();
    match gap.kind {
        GapKind::Lost => trouble("danger", t.gap_lost(&span, &series), t.gap_lost_advice()),
        GapKind::Missing => trouble(
            "warn",
            t.gap_missing(&span, &series),
            t.gap_missing_advice(),
        ),
        GapKind::Receipts => trouble(
            "warn",
            t.gap_receipts(&span, &series),
            t.gap_receipts_advice(),
        ),
    }
}
