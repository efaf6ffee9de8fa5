//! One of several in full sentences, and yes or no.

use leptos::prelude::*;

/// Radio buttons, `(value, label)`; the test id of each is `name-value`.
#[component]
pub fn Choices(
    name: &'static str,
    #[prop(into)] legend: String,
    options: Vec<(String, String)>,
    bind: super::Bind,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] two_columns: bool,
) -> impl IntoView {
    let (value, set) = bind;
    view! {
        <fieldset class="field" id=name aria-invalid=move || error.with(Option::is_some).then_some("true")>
            <legend>{legend}</legend>
            {move || error.get().map(|message| view! { <span class="error">{message}</span> }.into_any())}
            <div class=if two_columns { "choices two" } else { "choices" }>
                {options
                    .into_iter()
                    .map(|(option, label)| {
                        let (shown, chosen) = (option.clone(), option.clone());
                        let test_id = [name, "-", &option].concat();
                        view! {
                            <label class="choice">
                                <input
                                    type="radio"
                                    name=name
                                    value=option
                                    data-testid=test_id
                                    prop:checked=move || value.with(|value| *value == shown)
                                    on:change=move |_| set.set(chosen.clone())
                                />
                                <span>{label}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
}

#[component]
pub fn Check(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                id=id.clone()
                data-testid=id
                prop:checked=checked
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span>{label}</span>
        </label>
    }
}
