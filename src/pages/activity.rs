//! The office sees the field live: visits, payments, papers, as they arrive.

use super::common::{client_path, loaded, receipt_path};
use super::dossier::EventDetail;
use super::labels::event_sign;
use crate::components::{
    Busy, Empty, EventLine, Icon, Notice, Page, Rows, Segmented, Sheet, Sign, Strokes, StrokesView,
    live,
};
use crate::locales::{Texts, use_texts};
use crate::state::{AttachmentError, OfficeError, use_app};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::dossier::EventKind;
use tournee_domain::fact::{Attachment, AttachmentKind};
use tournee_sync::office::ActivityEntry;

/// What happened to a question asked of the office, and what to do.
pub fn office_texts(t: Texts, error: &OfficeError) -> (&'static str, String) {
    match error {
        OfficeError::Offline => (t.office_offline(), t.office_offline_advice().to_owned()),
        OfficeError::TimedOut => (t.sync_timed_out(), t.office_offline_advice().to_owned()),
        OfficeError::NotTheOffice => (t.sync_portal(), t.sync_portal_advice().to_owned()),
        OfficeError::SessionExpired => (t.expired_title(), t.office_expired_advice().to_owned()),
        OfficeError::Forbidden => (t.office_forbidden(), t.office_forbidden_advice().to_owned()),
        OfficeError::Refused(problem) => (
            t.office_refused(),
            [problem.title.as_str(), " ", &problem.detail].concat(),
        ),
    }
}

#[component]
pub fn OfficeTrouble(error: OfficeError) -> impl IntoView {
    let t = use_texts();
    let (what, advice) = office_texts(t, &error);
    view! {
        <Notice tone="warn" testid="office-error">
            <p class="strong">{what}</p>
            <p>{advice}</p>
            {(error == OfficeError::SessionExpired).then(|| view! { <p><a class="btn" href="/sync">{t.sign_in_submit()}</a></p> }.into_any())}
        </Notice>
    }
}

fn kind_of(event: &EventKind) -> &'static str {
    match event {
        EventKind::Visit { .. } => "visits",
        EventKind::Payment { .. }
        | EventKind::PaymentReversed { .. }
        | EventKind::PaymentRedated { .. }
        | EventKind::Reallocated { .. }
        | EventKind::ChequeBounced { .. }
        | EventKind::AmountWaived { .. } => "payments",
        EventKind::ReceiptSigned { .. }
        | EventKind::WithholdingAttested { .. }
        | EventKind::ReceiptPrinted { .. }
        | EventKind::Discharge { .. }
        | EventKind::SlipReturn { .. } => "papers",
        EventKind::Statement { .. }
        | EventKind::StatementUndone { .. }
        | EventKind::DoubleResolved { .. }
        | EventKind::ClientEditProposed { .. }
        | EventKind::ClientEditDecided { .. } => "ledger",
    }
}

#[component]
pub fn ActivityPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let kind = RwSignal::new("all".to_owned());
    let again = RwSignal::new(0_u32);
    let first = loaded(move || {
        app.revision().track();
        again.track();
        async move { app.activity(None).await }
    });
    let older = RwSignal::new(Vec::<ActivityEntry>::new());
    let more = RwSignal::new(None::<bool>);
    let loading = RwSignal::new(false);
    let trouble = RwSignal::new(None::<OfficeError>);
    let load_older = move |_| {
        let last = older
            .with_untracked(|older| older.last().map(|entry| entry.server_seq))
            .or_else(|| {
                first.with_untracked(|first| match first {
                    Some(Ok(page)) => page.entries.last().map(|entry| entry.server_seq),
                    _ => None,
                })
            });
        let Some(last) = last else { return };
        loading.set(true);
        spawn_local(async move {
            match app.activity(Some(last)).await {
                Ok(page) => {
                    more.try_set(Some(page.more));
                    older.try_update(|older| older.extend(page.entries));
                }
                Err(error) => {
                    trouble.try_set(Some(error));
                }
            }
            loading.try_set(false);
        });
    };
    let standing = Memo::new(move |_| {
        first.with(|first| {
            first
                .as_ref()
                .map(|first| first.as_ref().map(|_| ()).map_err(Clone::clone))
        })
    });
    let has_more = Memo::new(move |_| {
        let first_says = first.with(|first| matches!(first, Some(Ok(page)) if page.more));
        more.get().unwrap_or(first_says)
    });
    let entries = Memo::new(move |_| {
        let wanted = kind.get();
        first.with(|first| {
            let Some(Ok(page)) = first else {
                return Vec::new();
            };
            // A newer first page may repeat what was already loaded as older.
            let oldest = page
                .entries
                .last()
                .map_or(u64::MAX, |entry| entry.server_seq);
            let older = older
                .get()
                .into_iter()
                .filter(|entry| entry.server_seq < oldest);
            let all = page.entries.iter().cloned().chain(older);
            all.filter(|entry| wanted == "all" || kind_of(&entry.event.what) == wanted)
                .collect::<Vec<_>>()
        })
    });
    let kinds = vec![
        ("all".to_owned(), t.activity_all().to_owned()),
        ("visits".to_owned(), t.activity_visits().to_owned()),
        ("payments".to_owned(), t.activity_payments().to_owned()),
        ("papers".to_owned(), t.activity_papers().to_owned()),
    ];
    view! {
        <Page title=t.nav_activity() subtitle=t.activity_subtitle()>
            <super::round::UpdateNotice />
            <Segmented name="activity" legend=t.filters() options=kinds bind=(kind.into(), kind.into()) />
            {move || match standing.get() {
                None => view! { <Busy label=t.loading() /> }.into_any(),
                Some(Err(error)) => view! {
                    <OfficeTrouble error=error />
                    <button type="button" class="btn" on:click=move |_| again.update(|again| *again += 1)>{t.retry()}</button>
                }.into_any(),
                Some(Ok(())) => view! { <Entries entries=entries /> }.into_any(),
            }}
            {move || has_more.get().then(|| view! {
                <button type="button" class="btn wide" data-testid="activity-more" disabled=loading on:click=load_older>{t.activity_older()}</button>
            }.into_any())}
            {move || trouble.get().map(|error| view! { <OfficeTrouble error=error /> }.into_any())}
        </Page>
    }
}

#[component]
fn Entries(entries: Memo<Vec<ActivityEntry>>) -> impl IntoView {
    let t = use_texts();
    let none = move || entries.with(Vec::is_empty);
    let row = |entry: &ActivityEntry| {
        let entry = entry.clone();
        let key = format!(
            "{} {} {}",
            entry.server_seq,
            entry.exported,
            entry.flags.len()
        );
        (
            key,
            ViewFn::from(move || view! { <Entry entry=entry.clone() /> }),
        )
    };
    let rows = Signal::derive(move || entries.with(|entries| entries.iter().map(row).collect()));
    view! {
        {move || none().then(|| view! { <Empty sign=Sign::Activity title=t.activity_none() advice=t.activity_none_advice() /> }.into_any())}
        <ul class="card card-list timeline" aria-label=t.nav_activity() aria-live="polite" data-testid="activity-list" hidden=none>
            <Rows rows=rows />
        </ul>
    }
}

#[component]
fn Entry(entry: ActivityEntry) -> impl IntoView {
    let t = use_texts();
    let event = entry.event;
    let meta = [
        t.date_time(event.at).as_str(),
        " · ",
        &event.author,
        " · ",
        &event.device_label,
    ]
    .concat();
    let who = entry.client.clone().map(|code| {
        let name = if entry.client_name.is_empty() {
            code.to_string()
        } else {
            entry.client_name.clone()
        };
        view! { <a href=client_path(&code) class="strong">{name}</a> }
    });
    let receipt = match (&event.what, &entry.client) {
        (EventKind::Payment { receipt, .. }, Some(code)) => {
            Some((receipt.to_string(), receipt_path(code, event.id)))
        }
        _ => None,
    };
    let payment = matches!(event.what, EventKind::Payment { .. });
    view! {
        <EventLine sign=event_sign(&event.what) title=t.event_line(&event.what) meta=meta>
            {who}
            <div class="chips">
                {entry.flags.iter().map(|flag| view! { <span class="chip warn">{t.flag(*flag)}</span> }.into_any()).collect_view()}
                {(payment && entry.exported).then(|| view! { <span class="chip ok">{t.state_exported()}</span> }.into_any())}
            </div>
            <EventDetail what=event.what.clone() />
            {receipt.map(|(number, path)| view! { <a class="small" href=path>{t.receipt_n(&number)}</a> }.into_any())}
            <Attachments attachments=event.attachments />
        </EventLine>
    }
}

/// Photos and signatures of a fact, opened one at a time.
#[component]
pub fn Attachments(attachments: Vec<Attachment>) -> impl IntoView {
    let t = use_texts();
    if attachments.is_empty() {
        return ().into_any();
    }
    let open = RwSignal::new(false);
    let shown = RwSignal::new(None::<Attachment>);
    let title = Signal::derive(move || {
        shown.with(|shown| {
            shown
                .as_ref()
                .map(|attachment| t.attachment_name(attachment).to_owned())
                .unwrap_or_default()
        })
    });
    view! {
        <div class="thumbs">
            {attachments
                .into_iter()
                .map(|attachment| {
                    let sign = if attachment.kind == AttachmentKind::Photo { Sign::Camera } else { Sign::Pen };
                    let label = t.attachment_name(&attachment);
                    view! {
                        <button type="button" class="btn" aria-haspopup="dialog" data-testid="attachment" on:click=move |_| {
                            shown.set(Some(attachment.clone()));
                            open.set(true);
                        }>
                            <Icon sign=sign small=true />
                            {label}
                        </button>
                    }
                })
                .collect_view()}
        </div>
        <Sheet title=title open=open>
            {move || shown.get().map(|attachment| view! { <AttachmentView attachment=attachment /> }.into_any())}
        </Sheet>
    }
    .into_any()
}

#[component]
fn AttachmentView(attachment: Attachment) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let hash = attachment.hash.clone();
    let bytes = loaded(move || {
        let hash = hash.clone();
        async move { app.attachment_bytes(&hash).await }
    });
    live(move || {
        match bytes.get() {
        None => view! { <Busy label=t.loading() /> }.into_any(),
        Some(Err(error)) => {
            let advice = match error {
                AttachmentError::NotHere => t.attachment_not_here(),
                AttachmentError::NotYet => t.attachment_not_yet(),
                AttachmentError::Storage(_) => t.store_error_advice(),
            };
            view! { <Notice tone="warn"><p>{advice}</p></Notice> }.into_any()
        }
        Some(Ok(bytes)) if attachment.kind == AttachmentKind::Photo => {
            let source = ["data:", &attachment.media_type, ";base64,", &STANDARD.encode(&bytes)].concat();
            view! { <img class="attachment" src=source alt=t.photo() data-testid="attachment-photo" /> }.into_any()
        }
        Some(Ok(bytes)) => match Strokes::from_json(&bytes) {
            Some(strokes) => view! { <div data-testid="attachment-signature"><StrokesView strokes=strokes label=t.signature() /></div> }.into_any(),
            None => view! { <Notice tone="warn"><p>{t.attachment_unreadable()}</p></Notice> }.into_any(),
        },
    }
    })
}
