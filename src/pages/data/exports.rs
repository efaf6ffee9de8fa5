use leptos::prelude::*;
#[component]
pub fn ExportsPage() -> impl IntoView {
    view! {}
}
