//! What stands behind one line of the aged balance: a client's invoices, or the clients of an activity, agency, collector.

use crate::components::{Empty, Sign};
use crate::locales::use_texts;
use crate::pages::common::client_path;
use chrono::NaiveDate;
use leptos::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use tournee_domain::order;
use tournee_domain::report::{EntryKind, Group, Item, Ledger};
use tournee_domain::{Amount, ClientCode, Currency};

/// Lines drawn: a sheet is for looking, the table's file for working.
const LINES_MAX: usize = 200;

#[component]
pub fn Detail(
    ledger: Arc<Ledger>,
    group: Group,
    number: usize,
    as_of: NaiveDate,
    currency: Currency,
    look: Callback<(Group, usize)>,
) -> impl IntoView {
    let t = use_texts();
    let items = ledger.open_items(group, number, as_of);
    if items.is_empty() {
        return view! { <Empty sign=Sign::Check title=t.balance_none() /> }.into_any();
    }
    let total: Amount = items.iter().map(|item| item.open).sum();
    let code = items.first().map(|item| item.client.clone());
    let (count, lines) = match group {
        Group::Client => invoices(items, as_of, currency),
        _ => clients(&ledger, items, currency, look),
    };
    let left_out = count.saturating_sub(LINES_MAX);
    view! {
        <div class="card card-list" data-testid="balance-detail">
            <div class="row head"><span>{t.total()}</span><span class="num" data-testid="balance-detail-total" data-amount=total.to_string()>{t.money(total, currency)}</span></div>
            {lines}
            {(left_out > 0).then(|| view! { <p class="small muted">{t.balance_left_out(left_out)}</p> }.into_any())}
        </div>
        {code.filter(|_| group == Group::Client).map(|code| view! { <a class="btn wide" href=client_path(&code)>{t.receipt_to_client()}</a> }.into_any())}
    }
    .into_any()
}

/// How many there are, and the first of them: the most overdue on top, credits last.
fn invoices(mut items: Vec<Item>, as_of: NaiveDate, currency: Currency) -> (usize, Vec<AnyView>) {
    let t = use_texts();
    order::sort_by_key(&mut items, |item| (item.open.is_negative(), item.due));
    let line = |item: Item| {
        let credit = item.open.is_negative();
        let days = as_of.signed_duration_since(item.due).num_days();
        let (when, late) = match (credit, item.kind) {
            (true, EntryKind::OnAccount) => {
                (t.dossier_on_account().to_owned(), t.date(item.issued))
            }
            (true, _) => (t.kpi_credits().to_owned(), t.date(item.issued)),
            (false, _) => (t.due_on(item.due, as_of), t.late(days)),
        };
        view! {
            <div>
                <div class="row"><span class="strong">{item.reference}</span><span class="num strong">{t.money(item.open, currency)}</span></div>
                <div class="row small muted"><span>{when}</span><span class="num">{late}</span></div>
            </div>
        }
        .into_any()
    };
    let count = items.len();
    (count, items.into_iter().take(LINES_MAX).map(line).collect())
}

/// How many there are, and the largest; a tap goes on to the client's invoices.
fn clients(
    ledger: &Ledger,
    items: Vec<Item>,
    currency: Currency,
    look: Callback<(Group, usize)>,
) -> (usize, Vec<AnyView>) {
    let t = use_texts();
    let mut sums: BTreeMap<ClientCode, Amount> = BTreeMap::new();
    for item in items {
        *sums.entry(item.client).or_default() += item.open;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    order::sort_by_key(&mut sums, |(_, open)| Reverse(*open));
    let line = |(code, open): (ClientCode, Amount)| {
        let number = ledger.client_number(&code)?;
        let name = t.group_name(ledger, Group::Client, number);
        Some(view! {
            <button type="button" class="item row" on:click=move |_| look.run((Group::Client, number))>
                <span class="name">{name}</span><span class="num strong">{t.money(open, currency)}</span>
            </button>
        }.into_any())
    };
    let count = sums.len();
    (
        count,
        sums.into_iter().take(LINES_MAX).filter_map(line).collect(),
    )
}
