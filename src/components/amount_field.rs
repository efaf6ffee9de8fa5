//! Money typed by people: grouped while typing, read back in words below.

use super::field::Bind;
use crate::locales::use_texts;
use leptos::ev::Event;
use leptos::prelude::*;
use tournee_domain::{Currency, parse};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Groups what is typed when the caret stands at its end and it is digits only; anything else is left as typed.
fn grouped_while_typing(event: &Event, currency: Currency) -> String {
    let typed = event_target_value(event);
    let Some(input) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
    else {
        return typed;
    };
    let at_end =
        input.selection_start().ok().flatten() == u32::try_from(typed.encode_utf16().count()).ok();
    let digits: String = typed
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    if !at_end
        || digits.is_empty()
        || digits.starts_with('0')
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return typed;
    }
    let Ok(amount) = digits.parse() else {
        return typed;
    };
    let shown = use_grouping(amount, currency);
    input.set_value(&shown);
    shown
}

/// Digits in groups of three by narrow spaces, in both languages: one comma in an amount with cents could mean either sign
/// (`parse::amount` calls it unclear).
fn use_grouping(amount: tournee_domain::Amount, currency: Currency) -> String {
    let text =
        tournee_domain::format::amount(amount, currency, tournee_domain::format::Language::Fr);
    text.split(',').next().unwrap_or_default().to_owned()
}

/// The one large amount of a screen.
#[component]
pub fn AmountField(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    bind: Bind,
    currency: Currency,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let t = use_texts();
    let (value, set) = bind;
    let words = move || {
        value.with(|text| {
            parse::amount(text, currency)
                .map(|amount| t.words(amount, currency))
                .unwrap_or_default()
        })
    };
    let (words_id, error_id) = ([&id, "-words"].concat(), [&id, "-error"].concat());
    let described = [&words_id, " ", &error_id].concat();
    let mode = if currency.scale() == 0 {
        "numeric"
    } else {
        "decimal"
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {move || error.get().map(|message| view! { <span class="error" id=error_id.clone()>{message}</span> }.into_any())}
            <div class="amount-box" data-invalid=move || error.with(Option::is_some).then_some("true")>
                <input
                    id=id.clone()
                    data-testid=id
                    inputmode=mode
                    autocomplete="off"
                    prop:value=value
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described
                    on:input=move |event| set.set(grouped_while_typing(&event, currency))
                />
                <span class="unit">{t.symbol(currency)}</span>
            </div>
            <span class="in-words" id=words_id data-testid="amount-words">{words}</span>
        </div>
    }
}

/// A small amount inside a list, named by `aria-label`.
#[component]
pub fn AmountInput(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    currency: Currency,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] invalid: Signal<bool>,
) -> impl IntoView {
    let mode = if currency.scale() == 0 {
        "numeric"
    } else {
        "decimal"
    };
    view! {
        <input
            class="input"
            id=id.clone()
            data-testid=id
            inputmode=mode
            autocomplete="off"
            aria-label=label
            aria-invalid=move || invalid.get().then_some("true")
            prop:value=value
            on:change=move |event| on_change.run(event_target_value(&event))
        />
    }
}
