//! Where the device stands with the office, in the header of every screen.

use leptos::prelude::*;

/// `tone` is one of `""` (all well), `wait`, `warn`, `danger`.
#[component]
pub fn SyncChip(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] tone: Signal<&'static str>,
    /// For how long something has waited; empty when nothing does.
    #[prop(into)]
    since: Signal<String>,
) -> impl IntoView {
    view! {
        <a class=move || ["sync ", tone.get()].concat() href="/sync" data-testid="sync-chip" data-tone=move || tone.get()>
            <span class="dot" aria-hidden="true"></span>
            <span class="stack">
                <span aria-live="polite">{move || label.get()}</span>
                <span class="since num">{move || since.get()}</span>
            </span>
        </a>
    }
}
