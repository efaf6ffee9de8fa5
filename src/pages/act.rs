//! A small act on what a page shows, recorded as one fact: closed until somebody asks for it, then what it will do, at most a
//! day and a text, and one button.

use super::form::{self as forms, Form, Reading, SaveButton, Typed};
use crate::components::{DateField, ErrorSummary, FieldError, TextField, error_of};
use crate::locales::use_texts;
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tournee_domain::{FactBody, FactId};

/// What the elements of an act are called, for labels and tests.
#[derive(Clone, Copy, PartialEq)]
pub struct Ids {
    pub begin: &'static str,
    pub date: &'static str,
    pub reason: &'static str,
    pub save: &'static str,
}

macro_rules! ids {
    ($name:literal) => {
        $crate::pages::act::Ids {
            begin: concat!($name, "-begin"),
            date: concat!($name, "-date"),
            reason: concat!($name, "-reason"),
            save: concat!($name, "-save"),
        }
    };
}
pub(crate) use ids;

/// A day that an act asks for.
#[derive(Clone)]
pub struct AskedDay {
    pub label: &'static str,
    pub proposed: NaiveDate,
    pub accepts: Arc<dyn Fn(NaiveDate) -> bool + Send + Sync>,
    /// What is said of a day that it does not accept.
    pub wrong: &'static str,
}

/// A text that an act asks for.
#[derive(Clone)]
pub struct AskedText {
    pub label: &'static str,
    /// Offered while typing, separated by semicolons.
    pub suggestions: &'static str,
    /// What is said when it is empty; `None` where it may be.
    pub missing: Option<&'static str>,
}

/// One way to act.
#[derive(Clone)]
pub struct Act {
    pub ids: Ids,
    /// Where what is typed is kept meanwhile.
    pub draft: String,
    pub title: &'static str,
    /// What it will do, read before it is done.
    pub explained: String,
    pub day: Option<AskedDay>,
    pub text: AskedText,
    pub save: &'static str,
    /// The fact, of the day and the text.
    pub body: Arc<dyn Fn(NaiveDate, String) -> FactBody + Send + Sync>,
}

#[derive(Clone, Serialize, Deserialize)]
struct ActTyped {
    fact_id: FactId,
    reason: String,
    /// Drafts from before there was a date have none.
    #[serde(default)]
    date: String,
}

impl Typed for ActTyped {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Act {
    fn read(&self, typed: &ActTyped) -> Reading {
        let mut errors = Vec::new();
        let reason = typed.reason.trim().to_owned();
        let day = typed.date.parse().unwrap_or_default();
        if let Some(asked) = &self.day
            && (day == NaiveDate::default() || !(asked.accepts)(day))
        {
            errors.push(FieldError::new(self.ids.date, asked.wrong));
        }
        if let Some(missing) = self.text.missing.filter(|_| reason.is_empty()) {
            errors.push(FieldError::new(self.ids.reason, missing));
        }
        match errors.is_empty() {
            true => Ok(((self.body)(day, reason), Vec::new())),
            false => Err(errors),
        }
    }
}

/// Closed until somebody asks for it.
#[component]
pub fn ActView(act: Act) -> impl IntoView {
    let app = use_app();
    let start = RwSignal::new(None);
    let Act {
        ids, title, draft, ..
    } = act.clone();
    let proposed = act.day.as_ref().map(|day| day.proposed.to_string());
    let begin = move |_| {
        let (draft, proposed) = (draft.clone(), proposed.clone());
        spawn_local(async move {
            let kept = forms::kept(app, &draft).await;
            let fresh = || ActTyped {
                fact_id: app.new_fact_id(),
                reason: String::new(),
                date: proposed.unwrap_or_default(),
            };
            start.try_set(Some(kept.unwrap_or_else(fresh)));
        });
    };
    view! {
        {move || start.get().map(|typed| view! { <ActForm act=act.clone() typed=typed /> }.into_any())}
        <Show when=move || start.with(Option::is_none)>
            <button type="button" class="btn quiet no-print" data-testid=ids.begin on:click=begin.clone()>{title}</button>
        </Show>
    }
}

#[component]
fn ActForm(act: Act, typed: ActTyped) -> impl IntoView {
    let t = use_texts();
    let form = Form::open(act.draft.clone(), typed);
    let (typed, errors) = (form.typed, form.errors);
    let suggestions = act.text.suggestions.split(';');
    let suggestions: Vec<_> = suggestions
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    let label = match act.text.missing {
        Some(_) => act.text.label.to_owned(),
        None => [act.text.label, " (", t.optional(), ")"].concat(),
    };
    let Ids {
        date, reason, save, ..
    } = act.ids;
    let (title, button) = (act.title, act.save);
    let explained = act.explained.clone();
    let day = act.day.as_ref().map(|day| day.label);
    let record = Callback::new(move |()| form.record(save, None, |typed| act.read(typed)));
    view! {
        <section class="card stack no-print" aria-label=title>
            <h2>{title}</h2>
            <p class="prose">{explained}</p>
            <ErrorSummary errors=errors />
            {day.map(|label| view! { <DateField id=date label=label bind=slice!(typed.date) error=error_of(errors, date) /> })}
            <TextField id=reason label=label bind=slice!(typed.reason) error=error_of(errors, reason) suggestions=suggestions />
            <SaveButton id=save form=form label=button on_save=record />
        </section>
    }
}
