//! The device's store cannot be used: what is safe, and how to save it. Never a white page.

use super::watchdog::Lost;
use crate::components::{Icon, Sign};
use crate::locales::use_texts;
use crate::state::{BrokenKind, Phase, use_app};
use leptos::prelude::*;

#[component]
pub fn Broken() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    document().set_title(&[t.broken_title(), " · Tournée"].concat());
    let (what, detail) = match app.phase().get_untracked() {
        Phase::Broken { what, detail } => (what, detail),
        _ => (BrokenKind::StoreUnavailable, String::new()),
    };
    let advice = match what {
        BrokenKind::StoreUnavailable => t.broken_unavailable(),
        BrokenKind::StoreCorrupt => t.broken_corrupt(),
        BrokenKind::NewerVersion => t.broken_newer(),
        BrokenKind::Cleared => t.broken_cleared(),
    };
    let is_cleared = what == BrokenKind::Cleared;
    view! {
        <main class="gate" data-testid="broken">
            <div>
                <div class="mark">
                    <Icon sign=Sign::Warning />
                    <p>"Tournée"</p>
                </div>
                <h1>{t.broken_title()}</h1>
                <p>{advice}</p>
                {if is_cleared {
                    view! {
                        {app.unsent_noted().into_iter().map(|unsent| view! { <Lost unsent=unsent /> }.into_any()).collect_view()}
                        <p class="muted">{t.broken_cleared_advice()}</p>
                    }.into_any()
                } else {
                    view! {
                        <p class="muted">{t.broken_advice()}</p>
                        <super::sync::RescueButton />
                    }.into_any()
                }}
                <button type="button" class="btn primary wide" data-testid="broken-reload" on:click=move |_| {
                    // Reloading an open page does not fail.
                    let _ = window().location().reload();
                }>{t.broken_reload()}</button>
                <details class="small muted">
                    <summary>{t.broken_details()}</summary>
                    <p class="wrap">{detail}</p>
                </details>
            </div>
        </main>
    }
}
