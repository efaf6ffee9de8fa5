//! The collector's home: the day so far, what was begun, and whom to see next with the reason.

use super::common::{
    ClientRow, Portfolio, StoreTrouble, client_path, own_facts, pay_path, reversed_ids,
    use_currency, use_me, use_portfolio, visit_path,
};
use crate::components::{AgeingBar, Empty, Icon, Meter, Notice, Page, Sign, live};
use crate::locales::{Texts, use_texts};
use crate::state::{OwnFact, OwnState, use_app};
use leptos::prelude::*;
use std::collections::BTreeSet;
use tournee_domain::order;
use tournee_domain::{Amount, ClientCode, Currency, FactBody};

/// Clients proposed for one day; more is not a round but a list.
const STOPS_MAX: usize = 15;

#[component]
pub fn Round() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let me = use_me();
    let facts = own_facts();
    let subtitle = me.user.name.clone();
    view! {
        <Page title=t.day_title(app.today()) subtitle=subtitle>
            <UpdateNotice />
            <Drafts />
            {move || match facts.get() {
                None => view! { <super::common::Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(facts)) => {
                    // Clients may have arrived since the facts were read.
                    use_portfolio().rows();
                    view! { <Day facts=facts /> }.into_any()
                }
            }}
        </Page>
    }
}

/// A newer version waits: the user says when.
#[component]
pub fn UpdateNotice() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    live(move || {
        app.sync().with(|status| status.update_ready).then(|| {
            view! {
                <Notice testid="update-notice">
                    <p class="strong">{t.update_ready()}</p>
                    <p><button type="button" class="btn" data-testid="update-apply" on:click=move |_| app.apply_update()>{t.update_apply()}</button></p>
                </Notice>
            }
        })
    })
}

/// Visits and payments begun and not finished.
#[component]
fn Drafts() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let portfolio = use_portfolio();
    let drafts = super::common::loaded(move || {
        app.revision().track();
        async move { app.drafts().await }
    });
    let line = move |key: &str| {
        let (kind, code) = key.split_once(':')?;
        let (title, href, code) = match kind {
            "visit" => (t.draft_visit(), visit_path(&code.into()), code),
            "payment" => (t.draft_payment(), pay_path(&code.into()), code),
            "discharge" | "slip" => {
                let (code, invoice) = code.split_once(':')?;
                let paper = if kind == "discharge" {
                    t.draft_discharge()
                } else {
                    t.draft_slip()
                };
                (
                    paper,
                    super::common::paper_path(&code.into(), &invoice.into(), kind),
                    code,
                )
            }
            _ => return None,
        };
        let name = portfolio.name_of(&ClientCode::new(code));
        Some(view! {
            <a class="item row center" href=href data-testid="draft">
                <span class="stack tight">
                    <span class="strong">{title}</span>
                    <span class="small muted">{name}</span>
                </span>
                <span class="chip wait">{t.draft_continue()}</span>
            </a>
        })
    };
    live(move || {
        let lines: Vec<_> = drafts
            .get()
            .unwrap_or_default()
            .iter()
            .filter_map(|(key, _)| line(key))
            .collect();
        (!lines.is_empty()).then(|| {
            view! {
                <section class="card card-list attention" aria-label=t.drafts()>
                    <div class="head">{t.drafts()}</div>
                    {lines}
                </section>
            }
        })
    })
}

/// What was recorded today on this device.
struct Done {
    accepted: Amount,
    waiting: Amount,
    clients: BTreeSet<ClientCode>,
}

impl Done {
    fn of(facts: &[OwnFact], today: chrono::NaiveDate, currency: Currency) -> Self {
        let mut done = Self {
            accepted: Amount::ZERO,
            waiting: Amount::ZERO,
            clients: BTreeSet::new(),
        };
        let reversed = reversed_ids(facts);
        for fact in facts
            .iter()
            .filter(|fact| fact.recorded_at.date_naive() == today)
            .filter(|fact| !reversed.contains(&fact.fact_id))
        {
            match &fact.body {
                Ok(FactBody::Visit(visit)) => {
                    done.clients.insert(visit.client.clone());
                }
                Ok(FactBody::Payment(payment)) => {
                    done.clients.insert(payment.client.clone());
                    if payment.currency == currency {
                        let sum = if fact.state == OwnState::Waiting {
                            &mut done.waiting
                        } else {
                            &mut done.accepted
                        };
                        *sum += payment.amount;
                    }
                }
                Ok(FactBody::Discharge(discharge)) => {
                    done.clients.insert(discharge.client.clone());
                }
                Ok(FactBody::SlipReturn(slip)) => {
                    done.clients.insert(slip.client.clone());
                }
                _ => {}
            }
        }
        done
    }
}

#[component]
fn Day(facts: Vec<OwnFact>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let currency = use_currency();
    let portfolio = use_portfolio();
    let today = app.today();
    let done = Done::of(&facts, today, currency);
    let stops = stops(portfolio, &done.clients);
    let planned = stops.len() + done.clients.len();
    let percent = u32::try_from(done.clients.len() * 100 / planned.max(1)).unwrap_or(0);
    let collected = done.accepted + done.waiting;
    let money = |amount| t.money(amount, currency);
    let state = match (done.accepted.is_zero(), done.waiting.is_zero()) {
        (_, true) if collected.is_zero() => t.day_nothing_collected().to_owned(),
        (_, true) => t.day_all_accepted().to_owned(),
        (true, _) => t.day_all_waiting().to_owned(),
        _ => t.day_split(&money(done.accepted), &money(done.waiting)),
    };
    let finished = done
        .clients
        .iter()
        .map(|code| finished_stop(portfolio, code, &facts, today, t))
        .collect_view();
    let empty = stops.is_empty();
    view! {
        <section class="card stack" aria-label=t.day_so_far()>
            <div class="row center flow">
                <span class="strong" data-testid="day-visits">{t.day_visits(done.clients.len(), &planned.to_string())}</span>
                <span class="num strong" data-testid="day-collected">{money(collected)}</span>
            </div>
            <p class="small muted">{state}</p>
            <Meter label=t.day_so_far() percent=Signal::stored(percent) />
        </section>
        {finished}
        {if empty {
            view! {
                <Empty sign=Sign::Round title=t.round_empty() advice=t.round_empty_advice()>
                    <a class="btn" href="/clients">{t.nav_clients()}</a>
                </Empty>
            }.into_any()
        } else {
            view! {
                <div class="stack tight">
                    <h2>{t.round_next()}</h2>
                    <p class="small muted">{t.round_order()}</p>
                </div>
                {stops
                    .into_iter()
                    .enumerate()
                    .map(|(at, row)| view! { <Stop at=at + 1 + done.clients.len() row=row currency=currency /> }.into_any())
                    .collect_view()}
                <a class="btn wide" href="/clients">{t.round_all_clients()}</a>
            }.into_any()
        }}
    }
}

/// Oldest class of delay first, then the amount overdue, then papers to obtain.
fn stops(portfolio: Portfolio, seen: &BTreeSet<ClientCode>) -> Vec<ClientRow> {
    let rows = portfolio.rows_untracked();
    let wanted = |row: &&ClientRow| {
        let totals = &row.totals;
        !seen.contains(&row.summary.code)
            && (totals.overdue.is_positive()
                || totals.discharges_missing + totals.slips_missing > 0)
    };
    let mut stops: Vec<ClientRow> = rows.iter().filter(wanted).cloned().collect();
    let class = |row: &ClientRow| {
        row.totals
            .ageing
            .iter()
            .rposition(|amount| amount.is_positive())
            .unwrap_or(0)
    };
    let urgency = |row: &ClientRow| {
        let papers = row.totals.discharges_missing + row.totals.slips_missing;
        (class(row), row.totals.overdue, papers)
    };
    order::sort_by(&mut stops, |a, b| {
        let by_code = || a.summary.code.cmp(&b.summary.code);
        urgency(b).cmp(&urgency(a)).then_with(by_code)
    });
    stops.truncate(STOPS_MAX);
    stops
}

/// One sentence: why this client now.
fn reason(t: Texts, row: &ClientRow, today: chrono::NaiveDate, currency: Currency) -> String {
    let totals = &row.totals;
    let mut parts = Vec::new();
    if totals.oldest_days > 0 {
        let invoices = row
            .summary
            .items
            .iter()
            .filter(|item| {
                item.currency == currency && item.open.is_positive() && item.due_date < today
            })
            .count();
        parts.push(t.reason_overdue(invoices, &totals.oldest_days.to_string()));
    }
    match (
        totals.discharges_missing as usize,
        totals.slips_missing as usize,
    ) {
        (0, 0) => {}
        (discharges, 0) => parts.push(t.reason_discharges(discharges)),
        (0, slips) => parts.push(t.reason_slips(slips)),
        (discharges, slips) => {
            parts.push(t.reason_discharges(discharges));
            parts.push(t.reason_slips(slips));
        }
    }
    match row.summary.last_visit {
        Some(visit) => parts.push(t.reason_seen(&t.date(visit))),
        None => parts.push(t.reason_never_seen().to_owned()),
    }
    [&parts.join(", "), "."].concat()
}

#[component]
fn Stop(at: usize, row: ClientRow, currency: Currency) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let reason = reason(t, &row, app.today(), currency);
    let ClientRow { summary, totals } = row;
    view! {
        <a class="card stop" href=client_path(&summary.code) data-testid="stop">
            <span class="n" aria-hidden="true">{at}</span>
            <div>
                <span class="strong wrap">{summary.name.clone()}</span>
                <div class="row">
                    <span class="small muted">{summary.city.clone()}</span>
                    <span class="num strong">{t.money(totals.overdue, currency)}</span>
                </div>
                <p>{reason}</p>
                <AgeingBar buckets=totals.ageing.clone() currency=currency />
                <div class="chips">
                    {totals.over_limit.then(|| view! { <span class="chip danger">{t.chip_over_limit()}</span> }.into_any())}
                    {summary.possible_double.then(|| view! { <span class="chip warn">{t.chip_double()}</span> }.into_any())}
                </div>
            </div>
        </a>
    }
}

/// A client already seen today, with what came of it.
fn finished_stop(
    portfolio: Portfolio,
    code: &ClientCode,
    facts: &[OwnFact],
    today: chrono::NaiveDate,
    t: Texts,
) -> impl IntoView + use<> {
    let of_today = facts
        .iter()
        .filter(|fact| fact.recorded_at.date_naive() == today);
    let mut lines = Vec::new();
    let mut waiting = false;
    for fact in of_today {
        let Ok(body) = &fact.body else { continue };
        if body.client() == Some(code) && !matches!(body, FactBody::ReceiptSigned(_)) {
            lines.push(t.fact_line(body));
            waiting |= fact.state == OwnState::Waiting;
        }
    }
    let (chip, words) = if waiting {
        ("chip wait", t.state_waiting())
    } else {
        ("chip ok", t.state_sent())
    };
    view! {
        <a class="card stop done" href=client_path(code) data-testid="stop-done">
            <span class="n done"><Icon sign=Sign::Check small=true /></span>
            <div>
                <span class="strong">{portfolio.name_of(code)}</span>
                <p>{lines.join(" ; ")}</p>
                <div class="chips"><span class=chip>{words}</span></div>
            </div>
        </a>
    }
}

impl Texts {
    /// *Mardi 24 nov.*: the year is known on the day itself.
    pub fn day_title(self, date: chrono::NaiveDate) -> String {
        use chrono::Datelike;
        let day = match date.weekday() {
            chrono::Weekday::Mon => self.monday(),
            chrono::Weekday::Tue => self.tuesday(),
            chrono::Weekday::Wed => self.wednesday(),
            chrono::Weekday::Thu => self.thursday(),
            chrono::Weekday::Fri => self.friday(),
            chrono::Weekday::Sat => self.saturday(),
            chrono::Weekday::Sun => self.sunday(),
        };
        let months = self.months_short();
        let month = months
            .split(';')
            .nth(date.month0() as usize)
            .unwrap_or_default();
        let short = [date.day().to_string().as_str(), " ", month].concat();
        [day, " ", &short].concat()
    }
}
