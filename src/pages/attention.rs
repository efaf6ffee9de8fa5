use leptos::prelude::*;
#[component]
pub fn AttentionPage() -> impl IntoView {
    view! {}
}
