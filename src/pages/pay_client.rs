//! Collecting from the bottom bar: whom from, first.

use super::clients::{ClientRows, ListTools, shown_rows};
use super::common::pay_path;
use crate::components::Page;
use crate::locales::use_texts;
use leptos::prelude::*;

#[component]
pub fn PayClient() -> impl IntoView {
    let t = use_texts();
    view! {
        <Page title=t.pay_whom() subtitle=t.pay_whom_hint() flush=true>
            <ListTools />
            <ClientRows shown=shown_rows() href=pay_path />
        </Page>
    }
}
