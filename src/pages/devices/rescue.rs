//! An emergency file of a device comes in, and what became of each fact in it (SYNC 40).

use crate::components::{FieldError, FileDrop, Meter, Notice};
use crate::locales::{Texts, use_texts};
use crate::pages::activity::office_texts;
use crate::pages::looked_after::LookedAfter;
use crate::state::{OfficeError, RescueTold, RescuedFact, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::Amount;
use tournee_sync::push::FactStatus;
use web_sys::File;

/// In the order in which they are told.
const STATUSES: [FactStatus; 5] = [
    FactStatus::Accepted,
    FactStatus::Flagged,
    FactStatus::Staged,
    FactStatus::Duplicate,
    FactStatus::Quarantined,
];

#[component]
pub fn Rescue() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let looked_after = expect_context::<LookedAfter>();
    let file = RwSignal::new_local(None::<File>);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let percent = RwSignal::new(None::<u32>);
    let report = RwSignal::new(None::<RescueTold>);
    let bring = move |_| {
        if percent.get_untracked().is_some() {
            return;
        }
        report.set(None);
        let Some(chosen) = file.get_untracked() else {
            errors.set(vec![FieldError::new("rescue-file", t.rescue_no_file())]);
            return;
        };
        errors.set(Vec::new());
        percent.set(Some(0));
        spawn_local(async move {
            let progress = move |done: u8| {
                percent.try_set(Some(u32::from(done)));
            };
            match app.bring_rescue(chosen, progress).await {
                Ok(told) => {
                    report.try_set(Some(told));
                    looked_after.refresh();
                }
                Err(error) => {
                    errors.try_set(vec![FieldError::new("rescue-file", refusal(t, &error))]);
                }
            }
            percent.try_set(None);
        });
    };
    view! {
        <section class="card stack" aria-labelledby="rescue-title">
            <h2 id="rescue-title">{t.rescue_bring()}</h2>
            <p class="small muted">{t.rescue_bring_explained()}</p>
            <FileDrop id="rescue-file" label=t.rescue_file() hint=t.rescue_file_hint() chosen=t.import_chosen() accept=".json,.txt,application/json,text/plain" file=file errors=errors />
            {move || percent.get().map(|_| view! { <Meter label=t.rescue_bring() percent=Signal::derive(move || percent.get().unwrap_or(100)) /> }.into_any())}
            <div><button type="button" class="btn" data-testid="rescue-bring" aria-disabled=move || percent.get().map(|_| "true") on:click=bring>{t.rescue_bring()}</button></div>
            {move || report.get().map(|report| view! { <Report report=report /> }.into_any())}
        </section>
    }
}

#[component]
fn Report(report: RescueTold) -> impl IntoView {
    let t = use_texts();
    let currency = crate::pages::common::use_currency();
    let of = |status: FactStatus| {
        let facts = report.facts.iter();
        facts.filter(move |fact| fact.status == status)
    };
    let lines = STATUSES.map(|status| {
        let count = of(status).count();
        (count > 0).then(|| view! { <li class="row"><span>{t.fact_status(status)}</span><span class="num" data-testid="rescue-count">{count.to_string()}</span></li> }.into_any())
    });
    let taken = of(FactStatus::Accepted).chain(of(FactStatus::Flagged));
    let sum: Amount = taken
        .filter_map(|fact| fact.payment.as_ref())
        .filter(|payment| payment.currency == currency)
        .map(|payment| payment.amount)
        .sum();
    let payment = |fact: &RescuedFact| {
        let status = t.fact_status(fact.status);
        fact.payment.as_ref().map(|payment| view! {
            <li class="row"><span class="wrap">{payment.receipt.to_string()}" · "{status}</span><span class="num strong">{t.money(payment.amount, payment.currency)}</span></li>
        }.into_any())
    };
    let payments = report.facts.iter().map(payment).collect_view();
    let title = t.rescue_taken(report.facts.len(), &report.label);
    view! {
        <Notice tone="ok" testid="rescue-report">
            <p class="strong">{title}</p>
            <ul class="stack tight">
                {lines.into_iter().collect_view()}
                <li class="row"><span>{t.rescue_photos()}</span><span class="num">{report.blobs.to_string()}</span></li>
                {payments}
                <li class="row strong"><span>{t.rescue_new_payments()}</span><span class="num" data-testid="rescue-sum">{t.money(sum, currency)}</span></li>
            </ul>
            {(report.blobs_left_out > 0).then(|| view! { <p>{t.rescue_left_out(report.blobs_left_out)}</p> }.into_any())}
        </Notice>
    }
}

impl Texts {
    /// What became of a fact at the office.
    fn fact_status(self, status: FactStatus) -> &'static str {
        match status {
            FactStatus::Accepted => self.status_accepted(),
            FactStatus::Flagged => self.status_flagged(),
            FactStatus::Staged => self.status_staged(),
            FactStatus::Duplicate => self.status_duplicate(),
            FactStatus::Quarantined => self.status_quarantined(),
        }
    }
}

/// Why the file was not taken, and what to do.
fn refusal(t: Texts, error: &OfficeError) -> String {
    let OfficeError::Refused(problem) = error else {
        let (what, advice) = office_texts(t, error);
        return [what, " ", &advice].concat();
    };
    match problem.code.as_deref() {
        _ if problem.status == 413 => t.rescue_not_a_file().to_owned(),
        Some("not_a_file" | "other_format") => t.rescue_not_a_file().to_owned(),
        Some("other_organisation") => t.rescue_other_office().to_owned(),
        Some("cannot_be_opened") => t.rescue_damaged().to_owned(),
        _ => [t.office_refused(), " ", &problem.detail].concat(),
    }
}
