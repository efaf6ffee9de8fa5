pub mod doubles;
pub mod exports;
pub mod import;
use leptos::prelude::*;
#[component]
pub fn DataPage() -> impl IntoView {
    view! {}
}
