use leptos::prelude::*;
#[component]
pub fn BalancePage() -> impl IntoView {
    view! {}
}
