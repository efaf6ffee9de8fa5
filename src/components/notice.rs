//! A sentence the reader should not miss, with its reason.

use super::{Icon, Sign};
use leptos::prelude::*;

/// `tone` is one of `""`, `ok`, `warn`, `danger`.
#[component]
pub fn Notice(
    #[prop(default = "")] tone: &'static str,
    #[prop(optional, into)] testid: String,
    children: Children,
) -> impl IntoView {
    let sign = match tone {
        "ok" => Sign::Check,
        "" => Sign::Clock,
        _ => Sign::Warning,
    };
    view! {
        <div class=["notice ", tone].concat() role="status" data-testid=testid>
            <Icon sign=sign small=true />
            <div class="stack tight">{children()}</div>
        </div>
    }
}
