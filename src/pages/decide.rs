//! A decision of the office: a sheet that says what it will do, asks why, and tells what came of it.

use crate::components::{Notice, Sheet, TextArea};
use crate::locales::{Texts, use_texts};
use crate::state::{OfficeError, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::value::RawValue;

/// What is to be decided.
#[derive(Clone, Default)]
pub struct Question {
    /// The office's resource that takes the decision: `devices/…/revoke`.
    pub resource: String,
    pub title: String,
    /// What will happen, before it does.
    pub explained: String,
    /// The words on the button.
    pub confirm: &'static str,
    pub reason_needed: bool,
    /// It takes something away.
    pub grave: bool,
}

/// The question being asked on a page.
#[derive(Clone, Copy)]
pub struct Decision {
    question: RwSignal<Question>,
    reason: RwSignal<String>,
    failed: RwSignal<Option<String>>,
    open: RwSignal<bool>,
}

impl Decision {
    pub fn new() -> Self {
        Self {
            question: RwSignal::default(),
            reason: RwSignal::default(),
            failed: RwSignal::default(),
            open: RwSignal::new(false),
        }
    }

    pub fn ask(&self, question: Question) {
        self.question.set(question);
        self.reason.set(String::new());
        self.failed.set(None);
        self.open.set(true);
    }
}

#[component]
pub fn Decide(
    decision: Decision,
    /// Gets the office's answer as JSON.
    #[prop(into)]
    on_done: Callback<String>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let Decision {
        question,
        reason,
        failed,
        open,
    } = decision;
    let working = RwSignal::new(false);
    let confirm = move |_| {
        let asked = question.get_untracked();
        let why = reason.get_untracked().trim().to_owned();
        if working.get_untracked() {
            return;
        }
        if asked.reason_needed && why.is_empty() {
            failed.set(Some(t.decide_reason_missing().to_owned()));
            crate::components::focus_id("decide-reason");
            return;
        }
        working.set(true);
        failed.set(None);
        spawn_local(async move {
            let answer = app.decide::<Box<RawValue>>(&asked.resource, why).await;
            working.try_set(false);
            match answer {
                Ok(answer) => {
                    open.try_set(false);
                    on_done.try_run(answer.get().to_owned());
                }
                Err(error) => {
                    failed.try_set(Some(refusal(t, &error)));
                }
            }
        });
    };
    let title = Signal::derive(move || question.with(|question| question.title.clone()));
    view! {
        <Sheet title=title open=open>
            <p>{move || question.with(|question| question.explained.clone())}</p>
            <TextArea id="decide-reason" label=t.decide_reason() hint=question.with_untracked(|question| if question.reason_needed { "" } else { t.optional() }) bind=(reason.into(), reason.into()) rows=2 />
            {move || failed.get().map(|message| view! { <Notice tone="danger" testid="decide-failed"><p>{message}</p></Notice> }.into_any())}
            <button type="button" class=move || if question.with(|question| question.grave) { "btn danger wide" } else { "btn primary wide" } data-testid="decide-confirm" aria-disabled=move || working.get().then_some("true") on:click=confirm>
                {move || working.get().then(|| view! { <span class="spinner"></span> }.into_any())}
                {move || question.with(|question| question.confirm)}
            </button>
            <button type="button" class="btn wide" on:click=move |_| open.set(false)>{t.close()}</button>
        </Sheet>
    }
}

/// Why the office did not take a decision, and what to do.
fn refusal(t: Texts, error: &OfficeError) -> String {
    let known = match error {
        OfficeError::Refused(problem) => match problem.kind.as_str() {
            "another_person" => Some(t.refused_another_person()),
            "already_revoked" | "not_revoked" | "decided" | "already_undone" => {
                Some(t.refused_decided())
            }
            "not_latest" => Some(t.refused_not_latest()),
            _ => None,
        },
        OfficeError::Forbidden => Some(t.refused_role()),
        _ => None,
    };
    known.map_or_else(
        || {
            let (what, advice) = super::activity::office_texts(t, error);
            [what, " ", &advice].concat()
        },
        str::to_owned,
    )
}
