//! A delivery slip comes back signed by who received the goods.

use super::evidence::{Evidence, EvidenceFields};
use super::{NotReady, Start, person, start};
use crate::components::{
    ErrorSummary, FieldError, Page, TextArea, TextField, back_to, error_of, live,
};
use crate::locales::{Texts, use_texts};
use crate::pages::form::{Discard, Form, Reading, SaveButton, Typed};
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tournee_domain::dossier::{Invoice, SlipState};
use tournee_domain::fact::SlipReturn;
use tournee_domain::{FactBody, FactId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slip {
    fact_id: FactId,
    /// The slip's own number, from the ledger, corrected when the paper says otherwise.
    slip: String,
    signer: String,
    function: String,
    reserves: String,
    evidence: Evidence,
}

impl Typed for Slip {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Slip {
    fn new(fact_id: FactId, invoice: &Invoice) -> Self {
        let slip = match &invoice.slip {
            SlipState::Expected { slip } | SlipState::Returned { slip, .. } => slip.clone(),
            SlipState::None => String::new(),
        };
        Self {
            fact_id,
            slip,
            signer: String::new(),
            function: String::new(),
            reserves: String::new(),
            evidence: Evidence::default(),
        }
    }

    fn read(&self, t: Texts, start: &Start, today: NaiveDate) -> Reading {
        let mut found = Vec::new();
        if self.slip.trim().is_empty() {
            found.push(FieldError::new("slip-number", t.slip_number_missing()));
        }
        if self.signer.trim().is_empty() {
            found.push(FieldError::new("paper-signer", t.signer_missing()));
        }
        if self.evidence.is_empty() {
            found.push(FieldError::new("paper-evidence", t.evidence_missing()));
        }
        if !found.is_empty() {
            return Err(found);
        }
        let (attachments, blobs) = self.evidence.attachments();
        let body = FactBody::SlipReturn(SlipReturn {
            client: start.code.clone(),
            visit: start.visit,
            invoice: start.invoice.number.clone(),
            slip: self.slip.trim().to_owned(),
            date: today,
            signer: person(&self.signer, &self.function),
            reserves: self.reserves.trim().to_owned(),
            attachments,
        });
        Ok((body, blobs))
    }
}

#[component]
pub fn SlipPage() -> impl IntoView {
    let t = use_texts();
    let found = start::<Slip>("slip");
    live(move || match found.get() {
        Some(Ok(Some((start, kept)))) => view! { <SlipForm start=start kept=kept /> }.into_any(),
        other => {
            view! { <NotReady title=t.slip_title() start=other.map(|found| found.map(|_| ())) /> }
                .into_any()
        }
    })
}

#[component]
fn SlipForm(start: Start, kept: Option<Slip>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let slip = kept.unwrap_or_else(|| Slip::new(app.new_fact_id(), &start.invoice));
    let form = Form::open(start.key.clone(), slip);
    let (typed, errors) = (form.typed, form.errors);
    let subtitle = [start.invoice.number.as_str(), " · ", &start.client].concat();
    let back = start.back();
    let start = StoredValue::new(start);
    let record = Callback::new(move |()| {
        let start = start.get_value();
        form.record("paper-save", Some(start.back()), |slip| {
            slip.read(t, &start, app.today())
        });
    });
    let foot = move || view! { <SaveButton id="paper-save" form=form label=t.slip_save() on_save=record /> };
    view! {
        <Page title=t.slip_title() subtitle=subtitle back=back_to(back.clone()) foot=foot>
            <ErrorSummary errors=errors />
            <TextField id="slip-number" label=t.slip_number() hint=t.slip_number_hint() bind=slice!(typed.slip) error=error_of(errors, "slip-number") />
            <div class="pair">
                <TextField id="paper-signer" label=t.slip_signer() bind=slice!(typed.signer) error=error_of(errors, "paper-signer") />
                <TextField id="paper-function" label=t.person_function() bind=slice!(typed.function) suggestions=t.functions() />
            </div>
            <TextArea id="slip-reserves" label=t.slip_reserves() hint=t.slip_reserves_hint() bind=slice!(typed.reserves) rows=2 />
            <EvidenceFields
                evidence=Signal::derive(move || typed.with(|slip| slip.evidence.clone()))
                on_change=Callback::new(move |evidence| typed.update(|slip| slip.evidence = evidence))
                errors=errors
                signature_label=t.signature_of_signer()
            />
            <Discard id="paper-discard" form=form next=back />
        </Page>
    }
}
