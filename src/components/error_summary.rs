//! What is wrong with a form, in one place above it, each line leading to its field (GOV.UK pattern).

use super::live;
use crate::locales::use_texts;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// One mistake: the id of the input, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub id: String,
    pub message: String,
}

impl FieldError {
    pub fn new(id: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            message: message.into(),
        }
    }
}

/// The message for one input, for its own error line.
pub fn error_of(errors: RwSignal<Vec<FieldError>>, id: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        errors.with(|errors| {
            errors
                .iter()
                .find(|error| error.id == id)
                .map(|error| error.message.clone())
        })
    })
}

/// Moves the focus to an element, or to the first input inside it.
pub fn focus_id(id: &str) {
    let Some(element) = document().get_element_by_id(id) else {
        return;
    };
    let target = element
        .query_selector("input, select, textarea, button")
        .ok()
        .flatten()
        .unwrap_or(element);
    if let Ok(target) = target.dyn_into::<web_sys::HtmlElement>() {
        // Focusing can only fail on a detached element, and then there is nothing to do.
        let _ = target.focus();
    }
}

#[component]
pub fn ErrorSummary(#[prop(into)] errors: Signal<Vec<FieldError>>) -> impl IntoView {
    let t = use_texts();
    let node = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if !errors.with(Vec::is_empty)
            && let Some(node) = node.get()
        {
            let _ = node.focus();
        }
    });
    live(move || {
        let errors = errors.get();
        (!errors.is_empty()).then(|| {
            view! {
                <div class="error-summary" role="alert" tabindex="-1" node_ref=node data-testid="error-summary">
                    <h2>{t.error_summary()}</h2>
                    <ul>
                        {errors
                            .into_iter()
                            .map(|error| {
                                let id = error.id.clone();
                                view! {
                                    <li>
                                        <a
                                            href=["#", &error.id].concat()
                                            on:click=move |event| {
                                                event.prevent_default();
                                                focus_id(&id);
                                            }
                                        >
                                            {error.message}
                                        </a>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </div>
            }
        })
    })
}
