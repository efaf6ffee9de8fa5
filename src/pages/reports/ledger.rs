//! The columns behind every report: read once, with progress, again when something has changed.

use crate::components::{Busy, Empty, Meter, Notice, Sign, live};
use crate::locales::use_texts;
use crate::pages::common::{Shared, StoreTrouble, loaded, use_currency};
use crate::state::{StoreError, use_app};
use chrono::NaiveDate;
use leptos::prelude::*;
use tournee_domain::report::Ledger;

/// What a report's screen reads.
#[derive(Clone, Copy)]
pub struct Columns {
    ledger: RwSignal<Option<Result<Shared<Ledger>, StoreError>>>,
    percent: RwSignal<u32>,
}

impl Columns {
    /// Begins to read. The former columns stay until the new ones are complete.
    pub fn load() -> Self {
        let app = use_app();
        let currency = use_currency();
        let percent = RwSignal::new(0);
        let ledger = loaded(move || {
            app.revision().track();
            async move {
                let tell = move |read| {
                    if percent
                        .try_get_untracked()
                        .is_some_and(|known| known != read)
                    {
                        percent.try_set(read);
                    }
                };
                app.ledger(currency, tell).await.map(Shared)
            }
        });
        Self { ledger, percent }
    }

    /// The columns, once they are there.
    pub fn get(&self) -> Option<Shared<Ledger>> {
        self.ledger.get().and_then(Result::ok)
    }

    /// The same once.
    pub fn get_untracked(&self) -> Option<Shared<Ledger>> {
        self.ledger.get_untracked().and_then(Result::ok)
    }
}

/// How far the columns are.
#[derive(Clone, PartialEq)]
enum State {
    Reading,
    Failed(StoreError),
    Empty,
    Ready,
}

/// `draw`, once the columns are there, and not anew when they change: it reads them by itself. Until then how far reading
/// is, or why there are none.
#[component]
pub fn WithColumns(columns: Columns, as_of: Memo<NaiveDate>, draw: ViewFn) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    // While records arrive the figures may still be on their way.
    let running = Memo::new(move |_| app.sync().with(|status| status.running));
    let percent = columns.percent;
    let state = Memo::new(move |_| {
        columns.ledger.with(|ledger| match ledger {
            None => State::Reading,
            Some(Err(error)) => State::Failed(error.clone()),
            Some(Ok(ledger)) if ledger.0.is_empty() => State::Empty,
            Some(Ok(_)) => State::Ready,
        })
    });
    let later = Memo::new(move |_| {
        let ledger = columns.get();
        ledger.is_some_and(|ledger| ledger.0.rests_on_later_statement(as_of.get()))
    });
    view! {
        {live(move || running.get().then(|| view! { <Busy label=t.report_updating() /> }.into_any()))}
        {live(move || later.get().then(|| view! { <Notice tone="warn" testid="report-later"><p>{t.report_later()}</p></Notice> }.into_any()))}
        {live(move || match state.get() {
            State::Reading => view! {
                <div class="stack tight" data-testid="report-reading">
                    <p class="small muted" role="status">{t.report_reading()}</p>
                    <Meter label=t.report_reading() percent=percent />
                </div>
            }.into_any(),
            State::Failed(error) => view! { <StoreTrouble error=error /> }.into_any(),
            State::Empty => view! {
                <Empty sign=Sign::Balance title=t.report_none() advice=t.report_none_advice()><a class="btn primary" href="/data/import">{t.nav_import()}</a></Empty>
            }.into_any(),
            State::Ready => draw.run(),
        })}
    }
}
