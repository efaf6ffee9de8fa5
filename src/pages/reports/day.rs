//! The day a report is of, chosen in a sheet.

use crate::components::{DateField, Sheet};
use crate::locales::use_texts;
use chrono::NaiveDate;
use leptos::prelude::*;

/// The day as typed, and as read: the day first proposed while it makes none.
#[derive(Clone, Copy)]
pub struct Day {
    text: RwSignal<String>,
    pub date: Memo<NaiveDate>,
    open: RwSignal<bool>,
}

impl Day {
    pub fn new(proposed: NaiveDate) -> Self {
        let text = RwSignal::new(proposed.to_string());
        let read = move |_: Option<&NaiveDate>| text.with(|text| text.parse().unwrap_or(proposed));
        Self {
            text,
            date: Memo::new(read),
            open: RwSignal::new(false),
        }
    }
}

/// The button that names the day.
#[component]
pub fn DayButton(day: Day) -> impl IntoView {
    let t = use_texts();
    view! {
        <button type="button" class="btn" data-testid="balance-date-open" aria-haspopup="dialog" on:click=move |_| day.open.set(true)>{move || t.balance_on(&t.date(day.date.get()))}</button>
    }
}

/// The sheet behind the button; `children` are further choices.
#[component]
pub fn DaySheet(day: Day, #[prop(optional)] children: Option<ChildrenFn>) -> impl IntoView {
    let t = use_texts();
    let bind = (day.text.into(), day.text.into());
    let children = StoredValue::new(children);
    view! {
        <Sheet title=t.balance_choose() open=day.open>
            <DateField id="balance-date" label=t.balance_choose() hint=t.balance_choose_hint() bind=bind />
            {children.with_value(|children| children.as_ref().map(|children| children()))}
            <button type="button" class="btn primary wide" data-testid="balance-date-ok" on:click=move |_| day.open.set(false)>{t.balance_show()}</button>
        </Sheet>
    }
}
