//! A delivery slip comes back signed by who received the goods.

use super::discharge::PaperDiscard;
use super::evidence::{Evidence, EvidenceFields};
use super::{NotReady, Start, start};
use crate::components::{ErrorSummary, FieldError, Page, TextArea, TextField, back_to, error_of};
use crate::locales::use_texts;
use crate::state::use_app;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::dossier::SlipState;
use tournee_domain::fact::{Person, SlipReturn};
use tournee_domain::{FactBody, FactId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Form {
    fact_id: FactId,
    /// The slip's own number, from the ledger, corrected when the paper says otherwise.
    slip: String,
    signer: String,
    function: String,
    reserves: String,
    evidence: Evidence,
}

#[component]
pub fn SlipPage() -> impl IntoView {
    let t = use_texts();
    let found = start("slip");
    move || match found.get() {
        Some(Ok(Some(start))) => view! { <SlipForm start=start /> }.into_any(),
        other => view! { <NotReady title=t.slip_title() start=other /> }.into_any(),
    }
}

#[component]
fn SlipForm(start: Start) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let guard = StoredValue::new(Some(app.form_open()));
    on_cleanup(move || guard.set_value(None));
    let expected = match &start.invoice.slip {
        SlipState::Expected { slip } | SlipState::Returned { slip, .. } => slip.clone(),
        SlipState::None => String::new(),
    };
    let kept = start
        .draft
        .as_ref()
        .and_then(|json| serde_json::from_str::<Form>(json).ok());
    let form = RwSignal::new(kept.unwrap_or_else(|| Form {
        fact_id: app.new_fact_id(),
        slip: expected,
        signer: String::new(),
        function: String::new(),
        reserves: String::new(),
        evidence: Evidence::default(),
    }));
    let key = StoredValue::new(start.key.clone());
    let finished = StoredValue::new(false);
    Effect::new(move |first: Option<()>| {
        let json = form.with(serde_json::to_string);
        if first.is_none() || finished.get_value() {
            return;
        }
        if let Ok(json) = json {
            let key = key.get_value();
            spawn_local(async move { app.save_draft(&key, json).await });
        }
    });
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let working = RwSignal::new(false);
    let back = start.back();
    let after = StoredValue::new(back.clone());
    let subject = StoredValue::new(start.clone());
    let navigate = leptos_router::hooks::use_navigate();
    let record = move |_| {
        if working.get_untracked() {
            return;
        }
        let state = form.get_untracked();
        let mut found = Vec::new();
        if state.slip.trim().is_empty() {
            found.push(FieldError::new("slip-number", t.slip_number_missing()));
        }
        if state.signer.trim().is_empty() {
            found.push(FieldError::new("paper-signer", t.signer_missing()));
        }
        if state.evidence.is_empty() {
            found.push(FieldError::new("paper-evidence", t.evidence_missing()));
        }
        let ready = found.is_empty();
        errors.set(found);
        if !ready {
            return;
        }
        working.set(true);
        finished.set_value(true);
        let (attachments, blobs) = state.evidence.attachments();
        let start = subject.get_value();
        let body = FactBody::SlipReturn(SlipReturn {
            client: start.code,
            visit: start.visit,
            invoice: start.invoice.number,
            slip: state.slip.trim().to_owned(),
            date: app.today(),
            signer: Person {
                name: state.signer.trim().to_owned(),
                function: state.function.trim().to_owned(),
            },
            reserves: state.reserves.trim().to_owned(),
            attachments,
        });
        let navigate = navigate.clone();
        // Who leaves while it is being recorded takes these with them.
        let (key, after) = (key.get_value(), after.get_value());
        spawn_local(async move {
            match app.record(state.fact_id, body, blobs, Some(&key)).await {
                Ok(_) if working.is_disposed() => {}
                Ok(_) => navigate(&after, Default::default()),
                Err(error) => {
                    finished.try_set_value(false);
                    working.try_set(false);
                    errors.try_set(vec![FieldError::new("paper-save", t.record_error(&error))]);
                }
            }
        });
    };
    let foot = move || {
        view! {
            <button type="button" id="paper-save" class="btn primary wide tall" data-testid="paper-save" aria-disabled=move || working.get().then_some("true") on:click=record>
                {move || working.get().then(|| view! { <span class="spinner"></span> })}
                {t.slip_save()}
            </button>
        }
    };
    let subtitle = [start.invoice.number.as_str(), " · ", &start.client].concat();
    view! {
        <Page title=t.slip_title() subtitle=subtitle back=back_to(back) foot=foot>
            <ErrorSummary errors=errors />
            <TextField id="slip-number" label=t.slip_number() hint=t.slip_number_hint() bind=slice!(form.slip) error=error_of(errors, "slip-number") />
            <div class="pair">
                <TextField id="paper-signer" label=t.slip_signer() bind=slice!(form.signer) error=error_of(errors, "paper-signer") />
                <TextField id="paper-function" label=t.person_function() bind=slice!(form.function) suggestions=t.functions() />
            </div>
            <TextArea id="slip-reserves" label=t.slip_reserves() hint=t.slip_reserves_hint() bind=slice!(form.reserves) rows=2 />
            <EvidenceFields
                evidence=Signal::derive(move || form.with(|form| form.evidence.clone()))
                on_change=Callback::new(move |evidence| form.update(|form| form.evidence = evidence))
                errors=errors
                signature_label=t.signature_of_signer()
            />
            <PaperDiscard key=key finished=finished back=after />
        </Page>
    }
}
