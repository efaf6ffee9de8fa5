//! Putting a payment right by a further fact: taken back with the next number of the series (SYNC 32), or moved to the day
//! it was taken where a device's clock was wrong (SYNC 8).

use super::super::form::{self as forms, Form, Reading, SaveButton, Typed};
use crate::components::{DateField, ErrorSummary, FieldError, TextField, error_of};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{PaymentRedated, PaymentReversed};
use tournee_domain::{Amount, ClientCode, Currency, FactBody, FactId, ReceiptNumber};

/// The payment that is put right.
#[derive(Clone, PartialEq)]
pub struct Correctable {
    pub client: ClientCode,
    pub payment: FactId,
    pub receipt: ReceiptNumber,
    pub date: NaiveDate,
    pub currency: Currency,
    pub amount: Amount,
}

/// How.
#[derive(Clone, Copy, PartialEq)]
pub enum Correction {
    Reverse,
    Redate,
}

#[derive(Clone, Serialize, Deserialize)]
struct Correcting {
    fact_id: FactId,
    reason: String,
    /// Drafts from before there was a date have none.
    #[serde(default)]
    date: String,
}

impl Typed for Correcting {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Correcting {
    fn read(&self, t: Texts, how: Correction, of: &Correctable, today: NaiveDate) -> Reading {
        let mut errors = Vec::new();
        let reason = self.reason.trim().to_owned();
        let to = self.date.parse().unwrap_or_default();
        if how == Correction::Redate && (to > today || to == of.date || to == NaiveDate::default())
        {
            errors.push(FieldError::new(how.date_id(), t.redate_wrong()));
        }
        if reason.is_empty() {
            errors.push(FieldError::new(how.reason_id(), t.reverse_reason_missing()));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let (client, payment) = (of.client.clone(), of.payment);
        let body = match how {
            Correction::Reverse => FactBody::PaymentReversed(PaymentReversed {
                client,
                payment,
                reverses: of.receipt.clone(),
                receipt: ReceiptNumber::to_come(),
                date: today,
                currency: of.currency,
                amount: of.amount,
                reason,
            }),
            Correction::Redate => FactBody::PaymentRedated(PaymentRedated {
                client,
                payment,
                receipt: of.receipt.clone(),
                from: of.date,
                to,
                reason,
            }),
        };
        Ok((body, Vec::new()))
    }
}

impl Correction {
    fn title(self, t: Texts) -> &'static str {
        match self {
            Self::Reverse => t.reverse_begin(),
            Self::Redate => t.redate_begin(),
        }
    }

    fn begin_id(self) -> &'static str {
        match self {
            Self::Reverse => "reverse-begin",
            Self::Redate => "redate-begin",
        }
    }

    fn reason_id(self) -> &'static str {
        match self {
            Self::Reverse => "reverse-reason",
            Self::Redate => "redate-reason",
        }
    }

    fn date_id(self) -> &'static str {
        "redate-date"
    }

    fn save(self, t: Texts) -> (&'static str, &'static str) {
        match self {
            Self::Reverse => ("reverse-save", t.reverse_save()),
            Self::Redate => ("redate-save", t.redate_save()),
        }
    }

    /// Where what is typed is kept meanwhile.
    fn draft(self, of: &Correctable) -> String {
        let how = match self {
            Self::Reverse => "reversing:",
            Self::Redate => "redating:",
        };
        [how, &of.payment.to_string()].concat()
    }
}

/// Closed until somebody asks for it.
#[component]
pub fn Correct(how: Correction, of: Correctable) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let start = RwSignal::new(None);
    let key = how.draft(&of);
    let begin = {
        let (key, date) = (key.clone(), of.date.to_string());
        move |_| {
            let (key, date) = (key.clone(), date.clone());
            spawn_local(async move {
                let kept = forms::kept(app, &key).await;
                let fresh = || Correcting {
                    fact_id: app.new_fact_id(),
                    reason: String::new(),
                    date,
                };
                start.try_set(Some(kept.unwrap_or_else(fresh)));
            });
        }
    };
    view! {
        {move || start.get().map(|correcting| view! { <CorrectForm how=how key=key.clone() correcting=correcting of=of.clone() /> }.into_any())}
        <Show when=move || start.with(Option::is_none)>
            <button type="button" class="btn quiet no-print" data-testid=how.begin_id() on:click=begin.clone()>{how.title(t)}</button>
        </Show>
    }
}

#[component]
fn CorrectForm(
    how: Correction,
    key: String,
    correcting: Correcting,
    of: Correctable,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let form = Form::open(key, correcting);
    let (typed, errors) = (form.typed, form.errors);
    let receipt = of.receipt.to_string();
    let explained = match how {
        Correction::Reverse => t.reverse_explained(&receipt, &t.money(of.amount, of.currency)),
        Correction::Redate => t.redate_explained(&receipt, &t.date(of.date)),
    };
    let (save_id, save) = how.save(t);
    let record = Callback::new(move |()| {
        form.record(save_id, None, |typed| typed.read(t, how, &of, app.today()));
    });
    let (reason_id, date_id) = (how.reason_id(), how.date_id());
    view! {
        <section class="card stack no-print" aria-label=how.title(t)>
            <h2>{how.title(t)}</h2>
            <p class="prose">{explained}</p>
            <ErrorSummary errors=errors />
            {(how == Correction::Redate).then(|| view! {
                <DateField id=date_id label=t.redate_date() bind=slice!(typed.date) error=error_of(errors, date_id) />
            })}
            <TextField id=reason_id label=t.reverse_reason() bind=slice!(typed.reason) error=error_of(errors, reason_id) suggestions=how.reasons(t) />
            <SaveButton id=save_id form=form label=save on_save=record />
        </section>
    }
}

impl Correction {
    /// Usual reasons, offered while typing.
    fn reasons(self, t: Texts) -> Vec<String> {
        let list = match self {
            Self::Reverse => t.reverse_reasons_list(),
            Self::Redate => t.redate_reasons_list(),
        };
        list.split(';').map(|text| text.trim().to_owned()).collect()
    }
}
