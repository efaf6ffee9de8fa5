//! The discharge: the client takes the invoice and signs for it, or refuses it and says why.

use super::evidence::{Evidence, EvidenceFields};
use super::{NotReady, Start, start};
use crate::components::{
    Check, ErrorSummary, FieldError, Page, Segmented, TextArea, TextField, back_to, error_of,
};
use crate::locales::use_texts;
use crate::state::use_app;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{Discharge, DischargeOutcome, Person};
use tournee_domain::{FactBody, FactId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Form {
    fact_id: FactId,
    /// `discharged` or `refused`.
    outcome: String,
    signer: String,
    function: String,
    stamped: bool,
    reason: String,
    evidence: Evidence,
}

#[component]
pub fn DischargePage() -> impl IntoView {
    let t = use_texts();
    let found = start("discharge");
    move || match found.get() {
        Some(Ok(Some(start))) => view! { <DischargeForm start=start /> }.into_any(),
        other => view! { <NotReady title=t.discharge() start=other /> }.into_any(),
    }
}

#[component]
fn DischargeForm(start: Start) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let guard = StoredValue::new(Some(app.form_open()));
    on_cleanup(move || guard.set_value(None));
    let kept = start
        .draft
        .as_ref()
        .and_then(|json| serde_json::from_str::<Form>(json).ok());
    let form = RwSignal::new(kept.unwrap_or_else(|| Form {
        fact_id: app.new_fact_id(),
        outcome: "discharged".to_owned(),
        signer: String::new(),
        function: String::new(),
        stamped: false,
        reason: String::new(),
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
    let refused = Memo::new(move |_| form.with(|form| form.outcome == "refused"));
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
        let outcome = if state.outcome == "refused" {
            if state.reason.trim().is_empty() {
                found.push(FieldError::new(
                    "paper-reason",
                    t.discharge_reason_missing(),
                ));
            }
            DischargeOutcome::Refused {
                reason: state.reason.trim().to_owned(),
            }
        } else {
            if state.signer.trim().is_empty() {
                found.push(FieldError::new("paper-signer", t.signer_missing()));
            }
            if state.evidence.is_empty() {
                found.push(FieldError::new("paper-evidence", t.evidence_missing()));
            }
            let signer = Person {
                name: state.signer.trim().to_owned(),
                function: state.function.trim().to_owned(),
            };
            DischargeOutcome::Discharged {
                signer,
                stamped: state.stamped,
            }
        };
        let ready = found.is_empty();
        errors.set(found);
        if !ready {
            return;
        }
        working.set(true);
        finished.set_value(true);
        let (attachments, blobs) = state.evidence.attachments();
        let start = subject.get_value();
        let body = FactBody::Discharge(Discharge {
            client: start.code,
            visit: start.visit,
            invoice: start.invoice.number,
            date: app.today(),
            outcome,
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
                {move || if refused.get() { t.discharge_save_refusal() } else { t.discharge_save() }}
            </button>
        }
    };
    let invoice = start.invoice.clone();
    let subtitle = [invoice.number.as_str(), " · ", &start.client].concat();
    let options = vec![
        ("discharged".to_owned(), t.discharge_signed().to_owned()),
        (
            "refused".to_owned(),
            t.discharge_refused_choice().to_owned(),
        ),
    ];
    view! {
        <Page title=t.discharge_title() subtitle=subtitle back=back_to(back) foot=foot>
            <ErrorSummary errors=errors />
            <section class="card row">
                <span class="stack tight"><span class="strong">{invoice.number.to_string()}</span><span class="small muted">{t.due(&invoice, app.today())}</span></span>
                <span class="num strong">{t.money(invoice.gross, invoice.currency)}</span>
            </section>
            <Segmented name="discharge-outcome" legend=t.discharge() options=options bind=slice!(form.outcome) />
            {move || if refused.get() {
                view! {
                    <TextArea id="paper-reason" label=t.discharge_reason() hint=t.discharge_reason_hint() bind=slice!(form.reason) error=error_of(errors, "paper-reason") />
                }.into_any()
            } else {
                view! {
                    <div class="pair">
                        <TextField id="paper-signer" label=t.signer() bind=slice!(form.signer) error=error_of(errors, "paper-signer") />
                        <TextField id="paper-function" label=t.person_function() bind=slice!(form.function) suggestions=t.functions() />
                    </div>
                    <Check id="paper-stamped" label=t.stamped() checked=Signal::derive(move || form.with(|form| form.stamped)) on_change=Callback::new(move |on| form.update(|form| form.stamped = on)) />
                }.into_any()
            }}
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

/// Throws the entry away, on purpose.
#[component]
pub fn PaperDiscard(
    key: StoredValue<String>,
    finished: StoredValue<bool>,
    back: StoredValue<String>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let navigate = leptos_router::hooks::use_navigate();
    let discard = move |_| {
        finished.set_value(true);
        let navigate = navigate.clone();
        let (key, back) = (key.get_value(), back.get_value());
        spawn_local(async move {
            app.delete_draft(&key).await;
            if !finished.is_disposed() {
                navigate(&back, Default::default());
            }
        });
    };
    view! { <button type="button" class="btn quiet" data-testid="paper-discard" on:click=discard>{t.pay_discard()}</button> }
}
