//! The portfolio: search, filters, sorts, thousands of rows; beside it the dossier where there is room.

use super::common::{ClientRow, client_path, use_currency, use_portfolio};
use crate::components::{
    AgeingBar, Empty, Icon, Page, Row, SelectField, Sheet, Sign, WindowedList, live,
};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tournee_domain::Currency;
use tournee_domain::order;

/// What the list shows, kept while the collector is elsewhere.
#[derive(Clone, Copy)]
pub struct ListState {
    query: RwSignal<String>,
    filters: RwSignal<BTreeSet<Filter>>,
    city: RwSignal<String>,
    activity: RwSignal<String>,
    sort: RwSignal<String>,
    scroll: RwSignal<i32>,
}

impl ListState {
    pub fn new() -> Self {
        Self {
            query: RwSignal::default(),
            filters: RwSignal::default(),
            city: RwSignal::default(),
            activity: RwSignal::default(),
            sort: RwSignal::new("overdue".to_owned()),
            scroll: RwSignal::new(0),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Filter {
    Overdue,
    Discharge,
    Slip,
    OverLimit,
    Double,
}

impl Filter {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Overdue, "overdue"),
        (Self::Discharge, "discharge"),
        (Self::Slip, "slip"),
        (Self::OverLimit, "limit"),
        (Self::Double, "double"),
    ];

    fn name(self, t: Texts) -> &'static str {
        match self {
            Self::Overdue => t.filter_overdue(),
            Self::Discharge => t.filter_discharge(),
            Self::Slip => t.filter_slip(),
            Self::OverLimit => t.filter_limit(),
            Self::Double => t.filter_double(),
        }
    }

    fn keeps(self, row: &ClientRow) -> bool {
        match self {
            Self::Overdue => row.totals.overdue.is_positive(),
            Self::Discharge => row.totals.discharges_missing > 0,
            Self::Slip => row.totals.slips_missing > 0,
            Self::OverLimit => row.totals.over_limit,
            Self::Double => row.summary.possible_double,
        }
    }
}

#[component]
pub fn Clients() -> impl IntoView {
    let location = use_location().pathname;
    let open = Memo::new(move |_| location.with(|path| path.trim_end_matches('/') != "/clients"));
    view! {
        <div class="panes" data-open=move || if open.get() { "true" } else { "false" }>
            <div class="pane-list"><ClientList /></div>
            <div class="pane-detail"><Outlet /></div>
        </div>
    }
}

/// The right pane before a choice.
#[component]
pub fn NobodyChosen() -> impl IntoView {
    let t = use_texts();
    let wide = use_app().wide();
    live(move || {
        wide.get().then(|| view! {
            <div class="page"><div class="page-body">
                <Empty sign=Sign::Clients title=t.clients_choose() advice=t.clients_choose_advice() />
            </div></div>
        }.into_any())
    })
}

#[component]
fn ClientList() -> impl IntoView {
    let t = use_texts();
    let portfolio = use_portfolio();
    let shown = shown_rows();
    let subtitle = Signal::derive(move || {
        let (all, shown) = (portfolio.rows().len(), shown.with(|rows| rows.len()));
        if all == shown {
            t.clients_count(all)
        } else {
            t.clients_count_of(shown, &t.integer(all))
        }
    });
    view! {
        <Page title=t.nav_clients() subtitle=subtitle flush=true>
            <ListTools />
            <ClientRows shown=shown href=client_path />
        </Page>
    }
}

/// The rows that the state of the list lets through, in its order.
pub fn shown_rows() -> Memo<Rows> {
    let portfolio = use_portfolio();
    let state = expect_context::<ListState>();
    Memo::new(move |_| {
        let rows = portfolio.rows();
        // Read once, not for each of ten thousand rows.
        let (filters, city, activity) =
            (state.filters.get(), state.city.get(), state.activity.get());
        let keeps = |row: &ClientRow| {
            filters.iter().all(|filter| filter.keeps(row))
                && (city.is_empty() || row.summary.city == city)
                && (activity.is_empty() || row.summary.activities.contains(&activity))
        };
        let query = state.query.get();
        if !query.trim().is_empty() {
            // The best match first: what is searched decides the order.
            let found = portfolio
                .find(&query)
                .into_iter()
                .filter_map(|at| rows.get(at).cloned());
            return Rows(Arc::new(found.filter(keeps).collect()));
        }
        let mut found: Vec<ClientRow> = rows.iter().filter(|row| keeps(row)).cloned().collect();
        state.sort.with(|sort| match sort.as_str() {
            "name" => order::sort_by(&mut found, |a, b| a.summary.name.cmp(&b.summary.name)),
            "oldest" => order::sort_by_key(&mut found, |row| {
                Reverse((row.totals.oldest_days, row.totals.overdue))
            }),
            "city" => order::sort_by(&mut found, |a, b| {
                (&a.summary.city, &a.summary.name).cmp(&(&b.summary.city, &b.summary.name))
            }),
            "balance" => order::sort_by_key(&mut found, |row| Reverse(row.totals.net)),
            _ => order::sort_by_key(&mut found, |row| {
                Reverse((row.totals.overdue, row.totals.net))
            }),
        });
        Rows(Arc::new(found))
    })
}

/// Rows compared by identity, one by one: a keystroke that finds the same clients changes nothing.
#[derive(Clone)]
pub struct Rows(pub Arc<Vec<ClientRow>>);

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&ClientRow, &ClientRow)| {
            Arc::ptr_eq(&a.summary, &b.summary) && Arc::ptr_eq(&a.totals, &b.totals)
        };
        self.len() == other.len() && self.iter().zip(other.iter()).all(same)
    }
}

impl std::ops::Deref for Rows {
    type Target = [ClientRow];
    fn deref(&self) -> &[ClientRow] {
        &self.0
    }
}

/// After the search is touched: first its cursor is drawn, then there is time until a letter is found on the keyboard.
const KEYBOARD_COMES: Duration = Duration::from_millis(50);

/// Search, filters and sort above the rows.
#[component]
pub fn ListTools() -> impl IntoView {
    let t = use_texts();
    let portfolio = use_portfolio();
    let state = expect_context::<ListState>();
    let sorting = RwSignal::new(false);
    let choices = move |all: &str, values: fn(&ClientRow) -> Vec<String>| {
        let values = order::set_of(portfolio.rows().iter().flat_map(values));
        let mut options = vec![(String::new(), all.to_owned())];
        let named = values.into_iter().filter(|value| !value.is_empty());
        options.extend(named.map(|value| (value.clone(), value)));
        options
    };
    let cities = move || choices(t.clients_all_cities(), |row| vec![row.summary.city.clone()]);
    let activities = move || {
        choices(t.clients_all_activities(), |row| {
            row.summary.activities.iter().cloned().collect()
        })
    };
    let sorts = move || {
        vec![
            ("overdue".to_owned(), t.sort_overdue().to_owned()),
            ("oldest".to_owned(), t.sort_oldest().to_owned()),
            ("balance".to_owned(), t.sort_balance().to_owned()),
            ("name".to_owned(), t.sort_name().to_owned()),
            ("city".to_owned(), t.sort_city().to_owned()),
        ]
    };
    let sort_name = move || match state.sort.get().as_str() {
        "name" => t.sort_name(),
        "oldest" => t.sort_oldest(),
        "city" => t.sort_city(),
        "balance" => t.sort_balance(),
        _ => t.sort_overdue(),
    };
    let back_to_top = move || state.scroll.set(0);
    view! {
        <div class="list-tools">
            <div class="field">
                <label class="visually-hidden" for="client-search">{t.clients_search()}</label>
                <div class="search">
                    <Icon sign=Sign::Search />
                    <input
                        class="input"
                        id="client-search"
                        data-testid="client-search"
                        type="search"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder=t.clients_search_hint()
                        prop:value=state.query
                        on:focus=move |_| set_timeout(move || portfolio.prepare_search(), KEYBOARD_COMES)
                        on:input=move |event| {
                            state.query.set(event_target_value(&event));
                            back_to_top();
                        }
                    />
                </div>
            </div>
            <div class="filters" role="group" aria-label=t.filters()>
                <button type="button" class="filter" data-testid="list-sort" aria-haspopup="dialog" on:click=move |_| sorting.set(true)>
                    <span class="visually-hidden">{t.sort_by()}</span>
                    {sort_name}
                    {move || [state.city.get(), state.activity.get()].iter().filter(|chosen| !chosen.is_empty()).map(|chosen| [" · ", chosen].concat()).collect::<String>()}
                    " ▾"
                </button>
                {Filter::ALL
                    .into_iter()
                    .map(|(filter, name)| {
                        let on = move || state.filters.with(|filters| filters.contains(&filter));
                        let count = move || portfolio.rows().iter().filter(|row| filter.keeps(row)).count();
                        view! {
                            <button
                                type="button"
                                class="filter"
                                data-testid=["filter-", name].concat()
                                aria-pressed=move || if on() { "true" } else { "false" }
                                on:click=move |_| {
                                    state.filters.update(|filters| {
                                        if !filters.remove(&filter) {
                                            filters.insert(filter);
                                        }
                                    });
                                    back_to_top();
                                }
                            >
                                {filter.name(t)}
                                <span class="num">{move || t.integer(count())}</span>
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            <Sheet title=t.sort_and_choose() open=sorting>
                <SelectField id="sort-by" label=t.sort_by() bind=(state.sort.into(), state.sort.into()) options=sorts() />
                <SelectField id="sort-city" label=t.city() bind=(state.city.into(), state.city.into()) options=cities() />
                <SelectField id="sort-activity" label=t.field_activity() bind=(state.activity.into(), state.activity.into()) options=activities() />
                <button type="button" class="btn primary wide" on:click=move |_| sorting.set(false)>{t.show_clients()}</button>
            </Sheet>
        </div>
    }
}

/// The rows themselves; `href` says where a tap leads.
#[component]
pub fn ClientRows(
    shown: Memo<Rows>,
    href: fn(&tournee_domain::ClientCode) -> String,
) -> impl IntoView {
    let t = use_texts();
    let currency = use_currency();
    let portfolio = use_portfolio();
    let state = expect_context::<ListState>();
    let location = use_location().pathname;
    let rows = Signal::derive(move || shown.get().0);
    let row = move |at: usize, row: &ClientRow| {
        let path = href(&row.summary.code);
        let current = {
            let path = path.clone();
            move || location.with(|at| *at == path).then_some("true")
        };
        view! {
            <a class="client-row" href=path data-testid="client-row" data-code=row.summary.code.to_string() data-at=at.to_string() aria-current=current>
                <RowBody row=row.clone() currency=currency />
            </a>
        }
    };
    let row: Row<ClientRow, AnyView> = Arc::new(move |at, item| row(at, item).into_any());
    // A memo, so that the list is not made anew at every keystroke.
    let none = Memo::new(move |_| rows.with(|rows| rows.is_empty()));
    view! {
        {move || none.get().then(|| if portfolio.rows().is_empty() {
            view! {
                <div class="page-body"><Empty sign=Sign::Clients title=t.clients_none() advice=t.clients_none_advice()>
                    <a class="btn" href="/sync">{t.nav_sync()}</a>
                </Empty></div>
            }.into_any()
        } else {
            view! {
                <div class="page-body"><Empty sign=Sign::Search title=t.clients_not_found() advice=t.clients_not_found_advice()>
                    <button type="button" class="btn" data-testid="clear-filters" on:click=move |_| {
                        state.query.set(String::new());
                        state.filters.set(BTreeSet::new());
                        state.city.set(String::new());
                        state.activity.set(String::new());
                    }>{t.clients_clear()}</button>
                </Empty></div>
            }.into_any()
        })}
        {move || (!none.get()).then(|| view! {
            <WindowedList rows=rows key=|row: &ClientRow| row.summary.code.clone() row=row.clone() height_quarter_rem=30 scroll=state.scroll label=t.nav_clients() />
        }.into_any())}
    }
}

#[component]
fn RowBody(row: ClientRow, currency: Currency) -> impl IntoView {
    let t = use_texts();
    let ClientRow { summary, totals } = row;
    let place = if summary.city.is_empty() {
        summary.code.to_string()
    } else {
        [summary.city.as_str(), " · ", summary.code.as_str()].concat()
    };
    let late = totals.overdue.is_positive();
    let (figure, word) = if late {
        (totals.overdue, t.overdue())
    } else {
        (totals.net, t.balance_word())
    };
    view! {
        <span class="row">
            <span class="strong name">{summary.name.clone()}</span>
            <span class=if late { "num strong danger" } else { "num strong" }>{t.money(figure, currency)}</span>
        </span>
        <span class="row">
            <span class="clip small muted">{place}</span>
            <span class="word small muted">
                {word}
                {(totals.oldest_days > 0).then(|| [" · ", &t.days_short(&totals.oldest_days.to_string())].concat())}
            </span>
        </span>
        <AgeingBar buckets=totals.ageing.clone() currency=currency thin=true />
        <span class="chips">
            {summary.possible_double.then(|| view! { <span class="chip warn">{t.chip_double()}</span> }.into_any())}
            {totals.over_limit.then(|| view! { <span class="chip danger">{t.chip_over_limit_short()}</span> }.into_any())}
            {(totals.discharges_missing > 0).then(|| view! { <span class="chip danger">{t.chip_discharges_short(totals.discharges_missing as usize)}</span> }.into_any())}
            {(totals.slips_missing > 0).then(|| view! { <span class="chip">{t.chip_slips_short(totals.slips_missing as usize)}</span> }.into_any())}
            {(totals.net.is_negative()).then(|| view! { <span class="chip ok">{t.chip_credit()}</span> }.into_any())}
        </span>
    }
}
