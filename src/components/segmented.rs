//! A few ways side by side: a choice (radio buttons) or views of one thing (tabs).

use leptos::prelude::*;

/// One of two to five short words, `(value, label)`; test ids `name-value`.
#[component]
pub fn Segmented(
    name: &'static str,
    #[prop(into)] legend: String,
    options: Vec<(String, String)>,
    bind: super::Bind,
) -> impl IntoView {
    let (value, set) = bind;
    view! {
        <fieldset>
            <legend class="visually-hidden">{legend}</legend>
            <div class="seg">
                {options
                    .into_iter()
                    .map(|(option, label)| {
                        let (shown, chosen) = (option.clone(), option.clone());
                        let test_id = [name, "-", &option].concat();
                        view! {
                            <label data-testid=test_id>
                                <input
                                    type="radio"
                                    name=name
                                    value=option
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

/// Tabs with arrow keys; the panel of `value` has the id `panel-value`.
#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    tabs: Vec<(&'static str, String)>,
    chosen: RwSignal<&'static str>,
) -> impl IntoView {
    let names: StoredValue<Vec<&'static str>> =
        StoredValue::new(tabs.iter().map(|(name, _)| *name).collect());
    let go = move |step: isize| {
        let next = names.with_value(|names| {
            let at = names
                .iter()
                .position(|name| *name == chosen.get_untracked())
                .unwrap_or(0);
            names[at.wrapping_add_signed(step + names.len() as isize) % names.len()]
        });
        chosen.set(next);
        super::focus_id(&["tab-", next].concat());
    };
    view! {
        <div
            class="seg"
            role="tablist"
            aria-label=label
            on:keydown=move |event| match event.key().as_str() {
                "ArrowRight" => go(1),
                "ArrowLeft" => go(-1),
                _ => {}
            }
        >
            {tabs
                .into_iter()
                .map(|(name, label)| {
                    view! {
                        <button
                            type="button"
                            role="tab"
                            id=["tab-", name].concat()
                            data-testid=["tab-", name].concat()
                            aria-selected=move || if chosen.get() == name { "true" } else { "false" }
                            aria-controls=["panel-", name].concat()
                            tabindex=move || if chosen.get() == name { "0" } else { "-1" }
                            on:click=move |_| chosen.set(name)
                        >
                            {label}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// What one tab shows.
#[component]
pub fn TabPanel(
    name: &'static str,
    chosen: RwSignal<&'static str>,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <div class="stack" role="tabpanel" id=["panel-", name].concat() aria-labelledby=["tab-", name].concat() hidden=move || chosen.get() != name>
            {move || (chosen.get() == name).then(|| children())}
        </div>
    }
}
