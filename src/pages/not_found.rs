//! An address that leads nowhere.

use crate::components::{Empty, Page, Sign};
use crate::locales::use_texts;
use leptos::prelude::*;

#[component]
pub fn NotFound() -> impl IntoView {
    let t = use_texts();
    view! {
        <Page title=t.not_found_title()>
            <Empty sign=Sign::Search title=t.not_found_title() advice=t.not_found_advice()>
                <a class="btn primary" href="/">{t.go_home()}</a>
            </Empty>
        </Page>
    }
}
