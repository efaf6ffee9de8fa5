//! The payer signs, or says why not, then the collector (SYNC 32).

use super::super::capture::signature_blob;
use super::super::form::{self as forms, Form, Reading, SaveButton, Typed};
use crate::components::{
    ErrorSummary, FieldError, SignaturePad, Strokes, TextField, error_of, live,
};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{AttachmentKind, ReceiptSigned};
use tournee_domain::{ClientCode, FactBody, FactId, ReceiptNumber};

/// What is being signed, as it lies in the device's drafts.
#[derive(Clone, Serialize, Deserialize)]
struct Signing {
    fact_id: FactId,
    payer: Strokes,
    collector: Strokes,
    refusing: bool,
    reason: String,
}

impl Typed for Signing {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Signing {
    fn new(fact_id: FactId) -> Self {
        Self {
            fact_id,
            payer: Strokes::default(),
            collector: Strokes::default(),
            refusing: false,
            reason: String::new(),
        }
    }

    /// The payer's signature or the reason there is none; the collector's own is welcome either way.
    fn read(
        &self,
        t: Texts,
        client: ClientCode,
        payment: FactId,
        receipt: ReceiptNumber,
    ) -> Reading {
        let payer = signature_blob(AttachmentKind::Signature, &self.payer);
        let reason = self.reason.trim();
        if self.refusing && reason.is_empty() {
            let message = t.refusal_reason_missing();
            return Err(vec![FieldError::new("refusal-reason", message)]);
        }
        if !self.refusing && payer.is_none() {
            return Err(vec![FieldError::new("receipt-sign", t.signature_missing())]);
        }
        let payer = payer.filter(|_| !self.refusing);
        let collector = signature_blob(AttachmentKind::OfficerSignature, &self.collector);
        let (signatures, blobs) = payer.into_iter().chain(collector).unzip();
        let body = FactBody::ReceiptSigned(ReceiptSigned {
            client,
            payment,
            receipt,
            signatures,
            refusal: self.refusing.then(|| reason.to_owned()),
        });
        Ok((body, blobs))
    }
}

/// Takes up what was drawn before the page was left.
#[component]
pub fn SignStep(client: ClientCode, payment: FactId, number: ReceiptNumber) -> impl IntoView {
    let app = use_app();
    let start = RwSignal::new(None);
    let key = ["signing:", &payment.to_string()].concat();
    {
        let key = key.clone();
        spawn_local(async move {
            let kept = forms::kept(app, &key).await;
            start.try_set(Some(
                kept.unwrap_or_else(|| Signing::new(app.new_fact_id())),
            ));
        });
    }
    live(move || {
        start.get().map(|signing| {
            let (client, number) = (client.clone(), number.clone());
            view! { <SignForm key=key.clone() signing=signing client=client payment=payment number=number /> }
        })
    })
}

/// The payer signs, or says why not, then the collector; the payment is durable either way (SYNC 32).
#[component]
fn SignForm(
    key: String,
    signing: Signing,
    client: ClientCode,
    payment: FactId,
    number: ReceiptNumber,
) -> impl IntoView {
    let t = use_texts();
    let form = Form::open(key, signing);
    let (typed, errors) = (form.typed, form.errors);
    let refusing = Memo::new(move |_| typed.with(|typed| typed.refusing));
    let record = Callback::new(move |()| {
        let (client, number) = (client.clone(), number.clone());
        form.record("receipt-sign", None, |typed| {
            typed.read(t, client, payment, number)
        });
    });
    let label = Signal::derive(move || {
        if refusing.get() {
            t.refusal_record()
        } else {
            t.signature_record()
        }
    });
    view! {
        <section class="card stack" aria-labelledby="receipt-sign-title">
            <h2 id="receipt-sign-title">{t.receipt_sign_title()}</h2>
            <ErrorSummary errors=errors />
            {move || if refusing.get() {
                view! {
                    <TextField id="refusal-reason" label=t.refusal_reason() bind=slice!(typed.reason) error=error_of(errors, "refusal-reason") suggestions=t.refusal_reasons() />
                }.into_any()
            } else {
                view! {
                    <SignaturePad
                        label=t.signature_of_payer()
                        strokes=Signal::derive(move || typed.with(|typed| typed.payer.clone()))
                        on_change=Callback::new(move |drawn| typed.update(|typed| typed.payer = drawn))
                    />
                }.into_any()
            }}
            <SignaturePad
                label=t.signature_of_collector()
                strokes=Signal::derive(move || typed.with(|typed| typed.collector.clone()))
                on_change=Callback::new(move |drawn| typed.update(|typed| typed.collector = drawn))
                testid="collector"
            />
            <SaveButton id="receipt-sign" form=form label=label on_save=record />
            <button type="button" class="btn quiet" data-testid="receipt-refuse" on:click=move |_| {
                errors.set(Vec::new());
                typed.update(|typed| typed.refusing = !typed.refusing);
            }>
                {move || if refusing.get() { t.refusal_back() } else { t.refusal_begin() }}
            </button>
        </section>
    }
}

impl Texts {
    /// Usual reasons for not signing, offered while typing.
    pub fn refusal_reasons(self) -> Vec<String> {
        self.refusal_reasons_list()
            .split(';')
            .map(|text| text.trim().to_owned())
            .collect()
    }
}
