use leptos::prelude::*;
#[component]
pub fn DoublesPage() -> impl IntoView {
    view! {}
}
