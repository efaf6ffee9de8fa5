//! Inputs with their label above, a hint and an error below, tied together for screen readers.

use leptos::prelude::*;

/// A value and the way to change it, as `slice!(form.field)` gives it.
pub type Bind = (Signal<String>, SignalSetter<String>);

fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (false, false) => None,
        (true, false) => Some([id, "-hint"].concat()),
        (false, true) => Some([id, "-error"].concat()),
        (true, true) => Some([id, "-hint ", id, "-error"].concat()),
    }
}

#[component]
fn Around(
    id: String,
    label: String,
    hint: String,
    error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let (hint_id, error_id) = ([&id, "-hint"].concat(), [&id, "-error"].concat());
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {(!hint.is_empty()).then(|| view! { <span class="hint" id=hint_id>{hint}</span> }.into_any())}
            {move || error.get().map(|message| view! { <span class="error" id=error_id.clone()>{message}</span> }.into_any())}
            {children()}
        </div>
    }
}

/// One line of text. The id is the test id too.
#[component]
pub fn TextField(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    bind: Bind,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(default = "text")] inputmode: &'static str,
    /// Suggestions offered while typing.
    #[prop(optional)]
    suggestions: Vec<String>,
) -> impl IntoView {
    let (value, set) = bind;
    let list = (!suggestions.is_empty()).then(|| [&id, "-list"].concat());
    let has_hint = !hint.is_empty();
    let input = {
        let id = id.clone();
        let list = list.clone();
        let described = id.clone();
        view! {
            <input
                class="input"
                id=id.clone()
                data-testid=id
                type=kind
                autocomplete=autocomplete
                inputmode=inputmode
                spellcheck="false"
                list=list
                prop:value=value
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || described_by(&described, has_hint, error.with(Option::is_some))
                on:input=move |event| set.set(event_target_value(&event))
            />
        }
    };
    view! {
        <Around id=id label=label hint=hint error=error>
            {input}
            {list.map(|list| view! {
                <datalist id=list>{suggestions.into_iter().map(|text| view! { <option value=text></option> }.into_any()).collect_view()}</datalist>
            }.into_any())}
        </Around>
    }
}

#[component]
pub fn TextArea(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    bind: Bind,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(default = 3)] rows: u32,
) -> impl IntoView {
    let (value, set) = bind;
    let has_hint = !hint.is_empty();
    let described = id.clone();
    let inner = id.clone();
    view! {
        <Around id=id label=label hint=hint error=error>
            <textarea
                class="input"
                id=inner.clone()
                data-testid=inner
                rows=rows.to_string()
                prop:value=value
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || described_by(&described, has_hint, error.with(Option::is_some))
                on:input=move |event| set.set(event_target_value(&event))
            ></textarea>
        </Around>
    }
}

/// A day, as the browser's own picker gives it (`2026-11-24`); empty when none.
#[component]
pub fn DateField(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    bind: Bind,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    view! { <TextField id=id label=label bind=bind hint=hint error=error kind="date" /> }
}

/// One of a few: `(value, label)`.
#[component]
pub fn SelectField(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    bind: Bind,
    options: Vec<(String, String)>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let (value, set) = bind;
    let inner = id.clone();
    let described = id.clone();
    let has_hint = !hint.is_empty();
    view! {
        <Around id=id label=label hint=hint error=error>
            <select
                class="input"
                id=inner.clone()
                data-testid=inner
                prop:value=value
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=move || described_by(&described, has_hint, error.with(Option::is_some))
                on:change=move |event| set.set(event_target_value(&event))
            >
                {options
                    .into_iter()
                    .map(|(option, label)| {
                        let chosen = option.clone();
                        view! { <option value=option selected=move || value.with(|value| *value == chosen)>{label}</option> }
                    })
                    .collect_view()}
            </select>
        </Around>
    }
}
