//! What this collector took today and this week, by method, with every receipt, and the day's closing.

mod closing;

use super::common::{
    StoreTrouble, Waiting, own_facts, receipt_path, reversed_ids, use_me, use_portfolio,
};
use super::labels::method_sign;
use crate::components::{Empty, Icon, Page, Segmented, Sign};
use crate::locales::use_texts;
use crate::state::{OwnFact, use_app};
use chrono::{Datelike, Days, NaiveDate};
use closing::Closings;
use leptos::prelude::*;
use std::collections::BTreeMap;
use tournee_domain::fact::Payment;
use tournee_domain::{Amount, Currency, FactBody};

/// Receipts listed at most; older ones are in the clients' files.
const RECEIPTS_MAX: usize = 200;

#[component]
pub fn CashPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let facts = own_facts();
    let records = use_me().user.role.records();
    let period = RwSignal::new("day".to_owned());
    let periods = vec![
        ("day".to_owned(), t.cash_today().to_owned()),
        ("week".to_owned(), t.cash_week().to_owned()),
        ("all".to_owned(), t.cash_all().to_owned()),
    ];
    view! {
        <Page title=t.cash_title() subtitle=t.date_long(app.today())>
            <Segmented name="cash-period" legend=t.cash_period() options=periods bind=(period.into(), period.into()) />
            {move || match facts.get() {
                None => view! { <Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(facts)) => view! {
                    <Taken facts=facts.clone() since=since(&period.get(), app.today()) />
                    {records.then(|| view! { <Closings facts=facts /> }.into_any())}
                }.into_any(),
            }}
        </Page>
    }
}

/// First day of the period; the week begins on Monday.
fn since(period: &str, today: NaiveDate) -> Option<NaiveDate> {
    match period {
        "day" => Some(today),
        "week" => {
            today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))
        }
        _ => None,
    }
}

#[component]
fn Taken(facts: Vec<OwnFact>, since: Option<NaiveDate>) -> impl IntoView {
    let t = use_texts();
    let portfolio = use_portfolio();
    let reversed = reversed_ids(&facts);
    let payments: Vec<(OwnFact, Payment)> = facts
        .into_iter()
        .filter_map(|fact| match &fact.body {
            Ok(FactBody::Payment(payment)) if since.is_none_or(|since| payment.date >= since) => {
                let payment = payment.clone();
                Some((fact, payment))
            }
            _ => None,
        })
        .collect();
    if payments.is_empty() {
        return view! {
            <Empty sign=Sign::Till title=t.cash_none() advice=t.cash_none_advice()>
                <a class="btn primary" href="/pay">{t.nav_pay()}</a>
            </Empty>
        }
        .into_any();
    }
    let mut totals: BTreeMap<(Currency, &'static str), (Amount, usize)> = BTreeMap::new();
    let standing = |(fact, _): &&(OwnFact, Payment)| !reversed.contains(&fact.fact_id);
    let shown = payments.iter().filter(standing).count();
    for (_, payment) in payments.iter().filter(standing) {
        let total = totals
            .entry((payment.currency, payment.method.code()))
            .or_default();
        total.0 += payment.amount;
        total.1 += 1;
    }
    let mut grand: BTreeMap<Currency, Amount> = BTreeMap::new();
    for ((currency, _), (amount, _)) in &totals {
        *grand.entry(*currency).or_default() += *amount;
    }
    view! {
        <section class="card stack" aria-label=t.cash_totals()>
            {grand
                .into_iter()
                .map(|(currency, amount)| view! {
                    <div>
                        <p class="small muted">{t.cash_collected(shown)}</p>
                        <p class="big num" data-testid="cash-collected" data-amount=amount.to_string()>{t.amount(amount, currency)}<span class="unit">{"\u{a0}"}{t.symbol(currency)}</span></p>
                    </div>
                }.into_any())
                .collect_view()}
            {totals
                .into_iter()
                .map(|((currency, method), (amount, count))| view! {
                    <div class="row center" data-testid=["cash-method-", method].concat()>
                        <span class="row center start"><Icon sign=method_sign(method) small=true />{t.method_of_code(method)}<span class="muted small">{["× ", &count.to_string()].concat()}</span></span>
                        <span class="num strong">{t.money(amount, currency)}</span>
                    </div>
                }.into_any())
                .collect_view()}
        </section>
        <section class="card card-list" aria-label=t.cash_receipts()>
            <div class="head">{t.cash_receipts()}</div>
            {payments
                .into_iter()
                .take(RECEIPTS_MAX)
                .map(|(fact, payment)| {
                    let (tone, words) = t.own_state(&fact.state);
                    let is_reversed = reversed.contains(&fact.fact_id);
                    let meta = [payment.receipt.to_string().as_str(), " · ", &t.date_time(fact.recorded_at)].concat();
                    view! {
                        <a class="item stack tight" href=receipt_path(&payment.client, fact.fact_id) data-testid="receipt-line">
                            <span class="row"><span class="strong name">{portfolio.name_of(&payment.client)}</span><span class="num strong">{t.money(payment.amount, payment.currency)}</span></span>
                            <span class="row small muted"><span class="wrap">{meta}</span><span>{t.method(&payment.method)}</span></span>
                            <span class="chips">
                                {is_reversed.then(|| view! { <span class="chip warn">{t.chip_reversed()}</span> }.into_any())}
                                <span class=["chip ", tone].concat()>{words}</span>
                            </span>
                        </a>
                    }
                })
                .collect_view()}
        </section>
    }
    .into_any()
}
