//! The discharge: the client takes the invoice and signs for it, or refuses it and says why.

use super::evidence::{Evidence, EvidenceFields};
use super::{NotReady, Start, person, start};
use crate::components::{
    Check, ErrorSummary, FieldError, Page, Segmented, TextArea, TextField, back_to, error_of, live,
};
use crate::locales::{Texts, use_texts};
use crate::pages::form::{Discard, Form, Reading, SaveButton, Typed};
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{Discharge, DischargeOutcome};
use tournee_domain::{FactBody, FactId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Signed {
    fact_id: FactId,
    /// `discharged` or `refused`.
    outcome: String,
    signer: String,
    function: String,
    stamped: bool,
    reason: String,
    evidence: Evidence,
}

impl Typed for Signed {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Signed {
    fn new(fact_id: FactId) -> Self {
        Self {
            fact_id,
            outcome: "discharged".to_owned(),
            signer: String::new(),
            function: String::new(),
            stamped: false,
            reason: String::new(),
            evidence: Evidence::default(),
        }
    }

    fn refused(&self) -> bool {
        self.outcome == "refused"
    }

    fn read(&self, t: Texts, start: &Start, today: NaiveDate) -> Reading {
        let mut found = Vec::new();
        if self.refused() {
            if self.reason.trim().is_empty() {
                found.push(FieldError::new(
                    "paper-reason",
                    t.discharge_reason_missing(),
                ));
            }
        } else {
            if self.signer.trim().is_empty() {
                found.push(FieldError::new("paper-signer", t.signer_missing()));
            }
            if self.evidence.is_empty() {
                found.push(FieldError::new("paper-evidence", t.evidence_missing()));
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        let outcome = if self.refused() {
            DischargeOutcome::Refused {
                reason: self.reason.trim().to_owned(),
            }
        } else {
            DischargeOutcome::Discharged {
                signer: person(&self.signer, &self.function),
                stamped: self.stamped,
            }
        };
        let (attachments, blobs) = self.evidence.attachments();
        let body = FactBody::Discharge(Discharge {
            client: start.code.clone(),
            visit: start.visit,
            invoice: start.invoice.number.clone(),
            date: today,
            outcome,
            attachments,
        });
        Ok((body, blobs))
    }
}

#[component]
pub fn DischargePage() -> impl IntoView {
    let t = use_texts();
    let found = start::<Signed>("discharge");
    live(move || match found.get() {
        Some(Ok(Some((start, kept)))) => {
            view! { <DischargeForm start=start kept=kept /> }.into_any()
        }
        other => {
            view! { <NotReady title=t.discharge() start=other.map(|found| found.map(|_| ())) /> }
                .into_any()
        }
    })
}

#[component]
fn DischargeForm(start: Start, kept: Option<Signed>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let signed = kept.unwrap_or_else(|| Signed::new(app.new_fact_id()));
    let form = Form::open(start.key.clone(), signed);
    let (typed, errors) = (form.typed, form.errors);
    let refused = Memo::new(move |_| typed.with(Signed::refused));
    let invoice = start.invoice.clone();
    let subtitle = [invoice.number.as_str(), " · ", &start.client].concat();
    let back = start.back();
    let start = StoredValue::new(start);
    let record = Callback::new(move |()| {
        let start = start.get_value();
        form.record("paper-save", Some(start.back()), |signed| {
            signed.read(t, &start, app.today())
        });
    });
    let label = Signal::derive(move || {
        if refused.get() {
            t.discharge_save_refusal()
        } else {
            t.discharge_save()
        }
    });
    let foot =
        move || view! { <SaveButton id="paper-save" form=form label=label on_save=record /> };
    let options = vec![
        ("discharged".to_owned(), t.discharge_signed().to_owned()),
        (
            "refused".to_owned(),
            t.discharge_refused_choice().to_owned(),
        ),
    ];
    view! {
        <Page title=t.discharge_title() subtitle=subtitle back=back_to(back.clone()) foot=foot>
            <ErrorSummary errors=errors />
            <section class="card row">
                <span class="stack tight"><span class="strong">{invoice.number.to_string()}</span><span class="small muted">{t.due(&invoice, app.today())}</span></span>
                <span class="num strong">{t.money(invoice.gross, invoice.currency)}</span>
            </section>
            <Segmented name="discharge-outcome" legend=t.discharge() options=options bind=slice!(typed.outcome) />
            {move || if refused.get() {
                view! {
                    <TextArea id="paper-reason" label=t.discharge_reason() hint=t.discharge_reason_hint() bind=slice!(typed.reason) error=error_of(errors, "paper-reason") />
                }.into_any()
            } else {
                view! {
                    <div class="pair">
                        <TextField id="paper-signer" label=t.signer() bind=slice!(typed.signer) error=error_of(errors, "paper-signer") />
                        <TextField id="paper-function" label=t.person_function() bind=slice!(typed.function) suggestions=t.functions() />
                    </div>
                    <Check id="paper-stamped" label=t.stamped() checked=Signal::derive(move || typed.with(|signed| signed.stamped)) on_change=Callback::new(move |on| typed.update(|signed| signed.stamped = on)) />
                }.into_any()
            }}
            <EvidenceFields
                evidence=Signal::derive(move || typed.with(|signed| signed.evidence.clone()))
                on_change=Callback::new(move |evidence| typed.update(|signed| signed.evidence = evidence))
                errors=errors
                signature_label=t.signature_of_signer()
            />
            <Discard id="paper-discard" form=form next=back />
        </Page>
    }
}
