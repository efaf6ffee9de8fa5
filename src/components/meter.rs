//! How far along, and that something is going on.

use leptos::prelude::*;

/// `percent` of the way; the words beside it say the same.
#[component]
pub fn Meter(
    #[prop(into)] label: String,
    #[prop(into)] percent: Signal<u32>,
    #[prop(optional)] tone: &'static str,
) -> impl IntoView {
    let shown = move || percent.get().min(100);
    view! {
        <div class="meter" role="progressbar" aria-label=label aria-valuemin="0" aria-valuemax="100" aria-valuenow=move || shown().to_string()>
            <i class=tone style:width=move || [&shown().to_string(), "%"].concat()></i>
        </div>
    }
}

/// A wait of unknown length, with its sentence.
#[component]
pub fn Busy(#[prop(into)] label: String) -> impl IntoView {
    view! {
        <div class="row center start muted" role="status">
            <span class="spinner"></span>
            <span>{label}</span>
        </div>
    }
}
