//! The imports so far, and taking the latest of them back (SYNC 35).

use crate::components::{Busy, Empty, Notice, Sign};
use crate::locales::use_texts;
use crate::pages::activity::OfficeTrouble;
use crate::pages::common::{client_path, loaded, local};
use crate::pages::decide::{Decide, Decision, Question};
use crate::state::use_app;
use leptos::prelude::*;
use tournee_sync::office::{ImportEntry, UndoReport};

#[component]
pub fn Imports() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let again = RwSignal::new(0_u32);
    let imports = loaded(move || {
        app.revision().track();
        again.track();
        async move { app.imports().await }
    });
    let decision = Decision::new();
    let undone = RwSignal::new(None::<UndoReport>);
    let on_done = move |answer: String| {
        undone.set(serde_json::from_str(&answer).ok());
        again.update(|again| *again += 1);
        app.sync_now();
    };
    let line = move |entry: ImportEntry| {
        let date = t.date(entry.statement_date);
        let question = Question {
            resource: ["imports/", &entry.id, "/undo"].concat(),
            title: t.undo_import_title(&date),
            explained: t.undo_import_explained(&entry.files.join(", ")),
            confirm: t.undo_import(),
            reason_needed: true,
            grave: true,
        };
        view! {
            <div class="stack tight" data-testid="import-entry">
                <span class="row"><span class="strong">{t.fact_import(&date)}</span><span class="small muted num">{t.date_time(local(app, entry.committed_at_ms))}</span></span>
                <span class="small muted">{t.import_entry(&t.integer(entry.clients as usize), &t.integer(entry.invoices as usize), &entry.author)}</span>
                <span class="small muted wrap">{entry.files.join(", ")}</span>
                {(entry.complete && entry.undone.is_none()).then(|| view! { <span class="chips"><span class="chip">{t.import_was_complete()}</span></span> }.into_any())}
                {entry.undone.map(|undone| view! {
                    <span class="chips"><span class="chip warn">{t.undone()}</span></span>
                    <span class="small wrap">{t.undone_by(&undone.author, &t.date_time(local(app, undone.at_ms)), &undone.reason)}</span>
                }.into_any())}
                {entry.can_undo.then(|| view! {
                    <div><button type="button" class="btn" aria-haspopup="dialog" data-testid="import-undo" on:click=move |_| decision.ask(question.clone())>{t.undo_import()}</button></div>
                }.into_any())}
            </div>
        }
    };
    view! {
        <h2>{t.imports_history()}</h2>
        {move || undone.get().map(|report| view! { <Undone report=report /> }.into_any())}
        {move || match imports.get() {
            None => view! { <Busy label=t.loading() /> }.into_any(),
            Some(Err(error)) => view! { <OfficeTrouble error=error /> }.into_any(),
            Some(Ok(entries)) if entries.is_empty() => view! {
                <Empty sign=Sign::Data title=t.imports_none() advice=t.imports_none_advice()><a class="btn primary" href="/data/import">{t.data_import()}</a></Empty>
            }.into_any(),
            Some(Ok(entries)) => view! {
                <section class="card card-list" aria-label=t.imports_history() data-testid="imports-history">
                    {entries.into_iter().map(line).collect_view()}
                </section>
            }.into_any(),
        }}
        <Decide decision=decision on_done=on_done />
    }
}

/// What taking an import back did.
#[component]
fn Undone(report: UndoReport) -> impl IntoView {
    let t = use_texts();
    let payments = report.unplaced.iter().map(|payment| view! {
        <li class="row">
            <span class="wrap"><a href=client_path(&payment.client)>{payment.client_name.clone()}</a>" · "{payment.receipt.to_string()}</span>
            <span class="num strong">{t.money(payment.amount, payment.currency)}</span>
        </li>
    }.into_any());
    let payments = payments.collect_view();
    let count = report.unplaced.len();
    let said = t.undone_counts(
        &t.integer(report.restored as usize),
        &t.integer(report.erased as usize),
    );
    view! {
        <Notice tone="ok" testid="import-undone">
            <p class="strong">{t.fact_import_undone(&t.date(report.statement_date))}</p>
            <p>{said}</p>
            {(count > 0).then(|| view! { <p>{t.undone_unplaced(count)}</p> }.into_any())}
            <ul class="stack tight">{payments}</ul>
        </Notice>
    }
}
