//! What several screens need: the portfolio's rows, loading, paths.

use crate::components::{Busy, Empty, Sign};
use crate::locales::use_texts;
use crate::state::{App, Me, OwnFact, OwnState, StoreError, use_app};
use chrono::{DateTime, FixedOffset};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use tournee_domain::order;
use tournee_domain::search::SearchIndex;
use tournee_domain::summary::{Summary, SummaryTotals};
use tournee_domain::{ClientCode, Currency, FactBody, FactId, InvoiceNumber};

/// The person at work; there is one behind every screen of the shell.
pub fn use_me() -> Arc<Me> {
    expect_context::<Arc<Me>>()
}

/// The organisation's currency: what lists and totals are in.
pub fn use_currency() -> Currency {
    use_me().organisation.currency
}

/// Milliseconds since 1970 in the organisation's time.
pub fn local(app: App, ms: i64) -> DateTime<FixedOffset> {
    let now = app.now();
    DateTime::from_timestamp_millis(ms).map_or(now, |at| at.with_timezone(now.offset()))
}

/// A value compared by identity, so that memos of large values stay cheap.
pub struct Shared<T>(pub Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One client with today's figures.
#[derive(Clone)]
pub struct ClientRow {
    pub summary: Arc<Summary>,
    pub totals: Arc<SummaryTotals>,
}

/// Everything lists need of the portfolio, computed once a change.
#[derive(Clone, Copy)]
pub struct Portfolio {
    rows: Memo<Shared<Vec<ClientRow>>>,
    index: Memo<Shared<SearchIndex>>,
}

impl Portfolio {
    pub fn new(app: App, currency: Currency) -> Self {
        let summaries = app.summaries();
        let counted_on = StoredValue::new(None);
        let rows = Memo::new(move |known: Option<&Shared<Vec<ClientRow>>>| {
            let today = app.today();
            let known = known.filter(|_| counted_on.get_value() == Some(today));
            counted_on.set_value(Some(today));
            let row = |(at, summary): (usize, &Arc<Summary>)| {
                // A payment changes one client: the others' figures of the day stay.
                let before = known.and_then(|rows| rows.0.get(at));
                let same = before.filter(|row| Arc::ptr_eq(&row.summary, summary));
                same.cloned().unwrap_or_else(|| ClientRow {
                    summary: summary.clone(),
                    totals: Arc::new(summary.totals(today, currency)),
                })
            };
            Shared(Arc::new(summaries.with(|summaries| {
                summaries.iter().enumerate().map(row).collect()
            })))
        });
        // Built at the first search, then again only when clients changed.
        let index = Memo::new(move |_| {
            Shared(Arc::new(
                summaries.with(|summaries| SearchIndex::build(summaries)),
            ))
        });
        Self { rows, index }
    }

    pub fn rows(&self) -> Arc<Vec<ClientRow>> {
        self.rows.get().0
    }

    /// The same once, for what is drawn anew by other means.
    pub fn rows_untracked(&self) -> Arc<Vec<ClientRow>> {
        self.rows.get_untracked().0
    }

    /// Positions in [`Portfolio::rows`], best first.
    pub fn find(&self, query: &str) -> Vec<usize> {
        self.index.with(|index| index.0.find(query, FOUND_MAX))
    }

    /// Builds the search's index before the first letter comes.
    pub fn prepare_search(&self) {
        self.index.try_with_untracked(|_| ());
    }

    pub fn name_of(&self, code: &ClientCode) -> String {
        let rows = self.rows.get_untracked().0;
        rows.iter()
            .find(|row| row.summary.code == *code)
            .map_or_else(|| code.to_string(), |row| row.summary.name.clone())
    }
}

/// Clients a search shows at most; a longer answer asks for another word anyway.
const FOUND_MAX: usize = 500;

pub fn use_portfolio() -> Portfolio {
    expect_context::<Portfolio>()
}

/// Runs `fetch` now and again whenever a signal it reads changes. The former value stays until a different one is there:
/// an equal answer draws nothing anew.
pub fn loaded<T, Fut>(fetch: impl Fn() -> Fut + 'static) -> RwSignal<Option<T>>
where
    T: PartialEq + Send + Sync + 'static,
    Fut: Future<Output = T> + 'static,
{
    let value = RwSignal::new(None);
    load_into(value, fetch);
    value
}

/// [`loaded`] into a signal that was there before.
pub fn load_into<T, Fut>(value: RwSignal<Option<T>>, fetch: impl Fn() -> Fut + 'static)
where
    T: PartialEq + Send + Sync + 'static,
    Fut: Future<Output = T> + 'static,
{
    let latest = StoredValue::new(0_u64);
    Effect::new(move |_| {
        let run = latest.try_update_value(|latest| {
            *latest += 1;
            *latest
        });
        let future = fetch();
        spawn_local(async move {
            let found = future.await;
            // A later run, or the screen's end, makes this answer stale.
            let stale = latest.try_get_value() != run;
            let found = Some(found);
            if !stale && value.try_with_untracked(|known| *known != found) == Some(true) {
                value.try_set(found);
            }
        });
    });
}

/// Own facts, loaded again at every change.
pub fn own_facts() -> RwSignal<Option<Result<Vec<OwnFact>, StoreError>>> {
    let app = use_app();
    loaded(move || {
        app.revision().track();
        async move { app.own_facts().await }
    })
}

/// Own payments taken back by a fact of this device.
pub fn reversed_ids(facts: &[OwnFact]) -> BTreeSet<FactId> {
    let reversed = facts.iter().filter_map(|fact| match &fact.body {
        Ok(FactBody::PaymentReversed(reversed)) => Some(reversed.payment),
        _ => None,
    });
    order::set_of(reversed)
}

/// Ids of own facts the office has not acknowledged.
pub fn waiting_ids(facts: &[OwnFact]) -> BTreeSet<FactId> {
    let waiting = facts.iter().filter(|fact| fact.state == OwnState::Waiting);
    order::set_of(waiting.map(|fact| fact.fact_id))
}

fn encoded(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}

pub fn client_path(code: &ClientCode) -> String {
    ["/clients/", &encoded(code.as_str())].concat()
}

pub fn visit_path(code: &ClientCode) -> String {
    [&client_path(code), "/visit"].concat()
}

pub fn pay_path(code: &ClientCode) -> String {
    [&client_path(code), "/pay"].concat()
}

/// `paper` is `discharge` or `slip`.
pub fn paper_path(code: &ClientCode, invoice: &InvoiceNumber, paper: &str) -> String {
    [
        &client_path(code),
        "/papers/",
        &encoded(invoice.as_str()),
        "/",
        paper,
    ]
    .concat()
}

pub fn receipt_path(client: &ClientCode, payment: FactId) -> String {
    [
        "/receipts/",
        &payment.to_string(),
        "?client=",
        &encoded(client.as_str()),
    ]
    .concat()
}

pub fn visit_draft_key(code: &ClientCode) -> String {
    ["visit:", code.as_str()].concat()
}

pub fn pay_draft_key(code: &ClientCode) -> String {
    ["payment:", code.as_str()].concat()
}

pub fn paper_draft_key(code: &ClientCode, invoice: &InvoiceNumber, paper: &str) -> String {
    [paper, ":", code.as_str(), ":", invoice.as_str()].concat()
}

/// A path parameter as a signal.
pub fn param(name: &'static str) -> Memo<String> {
    let params = leptos_router::hooks::use_params_map();
    Memo::new(move |_| params.with(|params| params.get(name).unwrap_or_default()))
}

/// The sentence of a failed read, with the way out.
#[component]
pub fn StoreTrouble(error: StoreError) -> impl IntoView {
    let t = use_texts();
    view! {
        <Empty sign=Sign::Warning title=t.store_error_title() advice=t.store_error_advice()>
            <p class="small">{error.to_string()}</p>
            <a class="btn" href="/sync">{t.nav_sync()}</a>
        </Empty>
    }
}

#[component]
pub fn Waiting() -> impl IntoView {
    let t = use_texts();
    view! { <Busy label=t.loading() /> }
}
