//! Taking back a payment recorded by mistake: a reversal with the next number of the series, and its reason (SYNC 32).

use super::super::form::{self as forms, Form, Reading, SaveButton, Typed};
use crate::components::{ErrorSummary, FieldError, TextField, error_of};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::PaymentReversed;
use tournee_domain::{Amount, ClientCode, Currency, FactBody, FactId, ReceiptNumber};

/// What is taken back.
#[derive(Clone, PartialEq)]
pub struct Reversible {
    pub client: ClientCode,
    pub payment: FactId,
    pub receipt: ReceiptNumber,
    pub currency: Currency,
    pub amount: Amount,
}

#[derive(Clone, Serialize, Deserialize)]
struct Reversing {
    fact_id: FactId,
    reason: String,
}

impl Typed for Reversing {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Reversing {
    fn read(&self, t: Texts, of: &Reversible, date: chrono::NaiveDate) -> Reading {
        let reason = self.reason.trim();
        if reason.is_empty() {
            return Err(vec![FieldError::new(
                "reverse-reason",
                t.reverse_reason_missing(),
            )]);
        }
        let body = FactBody::PaymentReversed(PaymentReversed {
            client: of.client.clone(),
            payment: of.payment,
            reverses: of.receipt.clone(),
            receipt: ReceiptNumber::to_come(),
            date,
            currency: of.currency,
            amount: of.amount,
            reason: reason.to_owned(),
        });
        Ok((body, Vec::new()))
    }
}

/// Closed until somebody asks for it.
#[component]
pub fn Reverse(of: Reversible) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let start = RwSignal::new(None);
    let key = ["reversing:", &of.payment.to_string()].concat();
    let begin = {
        let key = key.clone();
        move |_| {
            let key = key.clone();
            spawn_local(async move {
                let kept = forms::kept(app, &key).await;
                let fresh = || Reversing {
                    fact_id: app.new_fact_id(),
                    reason: String::new(),
                };
                start.try_set(Some(kept.unwrap_or_else(fresh)));
            });
        }
    };
    view! {
        {move || start.get().map(|reversing| view! { <ReverseForm key=key.clone() reversing=reversing of=of.clone() /> }.into_any())}
        <Show when=move || start.with(Option::is_none)>
            <button type="button" class="btn quiet no-print" data-testid="reverse-begin" on:click=begin.clone()>{t.reverse_begin()}</button>
        </Show>
    }
}

#[component]
fn ReverseForm(key: String, reversing: Reversing, of: Reversible) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let form = Form::open(key, reversing);
    let (typed, errors) = (form.typed, form.errors);
    let explained = t.reverse_explained(&of.receipt.to_string(), &t.money(of.amount, of.currency));
    let record = Callback::new(move |()| {
        form.record("reverse-save", None, |typed| {
            typed.read(t, &of, app.today())
        });
    });
    view! {
        <section class="card stack no-print" aria-labelledby="reverse-title">
            <h2 id="reverse-title">{t.reverse_begin()}</h2>
            <p class="prose">{explained}</p>
            <ErrorSummary errors=errors />
            <TextField id="reverse-reason" label=t.reverse_reason() bind=slice!(typed.reason) error=error_of(errors, "reverse-reason") suggestions=t.reverse_reasons() />
            <SaveButton id="reverse-save" form=form label=t.reverse_save() on_save=record />
        </section>
    }
}

impl Texts {
    /// Usual reasons for taking a payment back, offered while typing.
    fn reverse_reasons(self) -> Vec<String> {
        let list = self.reverse_reasons_list().split(';');
        list.map(|text| text.trim().to_owned()).collect()
    }
}
