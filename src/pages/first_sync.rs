//! The first copy of the portfolio: how much has come, and that it resumes.

use crate::components::{Icon, Meter, Sign};
use crate::locales::use_texts;
use crate::state::{Phase, use_app};
use leptos::prelude::*;

#[component]
pub fn FirstSync() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    document().set_title(&[t.first_sync_title(), " · Tournée"].concat());
    let progress = move || match app.phase().get() {
        Phase::FirstSync { done, total } => (done, total),
        _ => (0, 0),
    };
    let percent = Signal::derive(move || {
        let (done, total) = progress();
        (u64::from(done) * 100)
            .checked_div(u64::from(total))
            .and_then(|percent| u32::try_from(percent).ok())
            .unwrap_or(0)
    });
    let counts = move || {
        let (done, total) = progress();
        if total == 0 {
            t.first_sync_starting().to_owned()
        } else {
            t.first_sync_count(&t.integer(done as usize), &t.integer(total as usize))
        }
    };
    view! {
        <main class="gate" data-testid="first-sync">
            <div>
                <div class="mark">
                    <Icon sign=Sign::Round />
                    <p>"Tournée"</p>
                </div>
                <h1>{t.first_sync_title()}</h1>
                <p class="muted">{t.first_sync_advice()}</p>
                <Meter label=t.first_sync_title() percent=percent />
                <p class="num strong" role="status" data-testid="first-sync-count">{counts}</p>
                {move || app.sync().with(|status| status.last_error.clone()).map(|error| {
                    let (what, advice) = super::sync::error_texts(t, &error);
                    view! {
                        <div class="notice warn" role="alert">
                            <Icon sign=Sign::Warning small=true />
                            <div class="stack tight">
                                <p class="strong">{what}</p>
                                <p>{advice}</p>
                                <button type="button" class="btn" on:click=move |_| app.sync_now()>{t.retry()}</button>
                            </div>
                        </div>
                    }
                })}
                <p class="small muted">{t.first_sync_slow()}</p>
            </div>
        </main>
    }
}
