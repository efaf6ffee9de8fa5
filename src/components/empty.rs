//! An empty place that says what to do next.

use super::{Icon, Sign};
use leptos::prelude::*;

#[component]
pub fn Empty(
    sign: Sign,
    #[prop(into)] title: String,
    #[prop(optional, into)] advice: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon sign=sign />
            <h2>{title}</h2>
            {(!advice.is_empty()).then(|| view! { <p class="prose">{advice}</p> }.into_any())}
            {children.map(|children| children())}
        </div>
    }
}
