//! The aged balance by client as of a chosen day (PRODUCT I1), down to each client's invoices.

use super::common::{StoreTrouble, Waiting, client_path, loaded, use_currency};
use crate::components::{
    AgeingBar, Busy, DateField, Empty, Icon, Page, Sheet, Sign, shares_permille,
};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use std::cmp::Reverse;
use std::sync::Arc;
use tournee_domain::ageing::{AgedBalance, AgedRow, Bounds, aged_balance};
use tournee_domain::{Amount, ClientCode, Currency, Dossier};

/// Rows drawn before the reader asks for all of them.
const ROWS_FIRST: usize = 100;

#[component]
pub fn BalancePage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let currency = use_currency();
    let dossiers = loaded(move || {
        app.revision().track();
        async move { app.all_dossiers().await.map(Arc::new) }
    });
    let as_of_text = RwSignal::new(app.today().to_string());
    let as_of = Memo::new(move |_| {
        as_of_text
            .get()
            .parse::<NaiveDate>()
            .unwrap_or_else(|_| app.today())
    });
    let choosing = RwSignal::new(false);
    // While records arrive the figures may still be on their way.
    let running = Memo::new(move |_| app.sync().with(|status| status.running));
    let balance = Memo::new(move |_| {
        dossiers.with(|dossiers| match dossiers {
            Some(Ok(dossiers)) => Some(Arc::new(aged_balance(
                dossiers.iter(),
                as_of.get(),
                currency,
                &Bounds::default(),
            ))),
            _ => None,
        })
    });
    let subtitle = Signal::derive(move || t.balance_as_of(&t.date_long(as_of.get())));
    let download = move |_| {
        if let Some(balance) = balance.get_untracked() {
            let name = ["balance-", &balance.as_of.to_string(), ".csv"].concat();
            // The browser's own message says when a download fails.
            app.download(&name, "text/csv;charset=utf-8", csv(t, &balance).as_bytes());
        }
    };
    let actions = move || {
        view! {
            <button type="button" class="btn" data-testid="balance-date-open" aria-haspopup="dialog" on:click=move |_| choosing.set(true)>{move || t.balance_on(&t.date(as_of.get()))}</button>
            <button type="button" class="btn primary" data-testid="balance-export" on:click=download><Icon sign=Sign::Download small=true />{t.balance_export()}</button>
        }
    };
    let opened = RwSignal::new(None::<ClientCode>);
    let detail_open = RwSignal::new(false);
    let open = Callback::new(move |code: ClientCode| {
        opened.set(Some(code));
        detail_open.set(true);
    });
    let detail_title = Signal::derive(move || {
        let code = opened.get();
        balance.with(|balance| {
            let rows = balance
                .as_ref()
                .map(|balance| balance.rows.as_slice())
                .unwrap_or_default();
            rows.iter()
                .find(|row| Some(&row.client) == code.as_ref())
                .map(|row| row.name.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <Page title=t.balance_title() subtitle=subtitle wide=true actions=actions>
            {move || running.get().then(|| view! { <Busy label=t.balance_updating() /> }.into_any())}
            {move || match dossiers.get() {
                None => view! { <Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(_)) => match balance.get() {
                    None => view! { <Busy label=t.loading() /> }.into_any(),
                    Some(balance) if balance.rows.is_empty() => view! {
                        <Empty sign=Sign::Balance title=t.balance_none() advice=t.balance_none_advice()><a class="btn primary" href="/data/import">{t.nav_import()}</a></Empty>
                    }.into_any(),
                    Some(balance) => view! { <Report balance=balance currency=currency open=open /> }.into_any(),
                },
            }}
            <Sheet title=t.balance_choose() open=choosing>
                <DateField id="balance-date" label=t.balance_choose() hint=t.balance_choose_hint() bind=(as_of_text.into(), as_of_text.into()) />
                <button type="button" class="btn primary wide" data-testid="balance-date-ok" on:click=move |_| choosing.set(false)>{t.balance_show()}</button>
            </Sheet>
            <Sheet title=detail_title open=detail_open>
                {move || {
                    let code = opened.get();
                    dossiers.with(|dossiers| match (dossiers, code) {
                        (Some(Ok(dossiers)), Some(code)) => dossiers.iter().find(|dossier| dossier.client.code == code).map(|dossier| view! {
                            <Detail dossier=Arc::new(dossier.clone()) as_of=as_of.get() currency=currency />
                        }.into_any()),
                        _ => None,
                    })
                }}
            </Sheet>
        </Page>
    }
}

fn percent_late(t: Texts, balance: &AgedBalance) -> String {
    let due: Amount = balance
        .buckets
        .iter()
        .copied()
        .filter(|amount| amount.is_positive())
        .sum();
    let late: Amount = balance.buckets.iter().skip(1).copied().sum();
    if !due.is_positive() {
        return t.percent("0");
    }
    let tenths = (late.0 * Amount::from(1000).0 / due.0).round();
    let tenths = i64::try_from(tenths).unwrap_or(0);
    let point = if t.code() == "fr" { "," } else { "." };
    t.percent(
        &[
            (tenths / 10).to_string().as_str(),
            point,
            &(tenths % 10).to_string(),
        ]
        .concat(),
    )
}

#[component]
fn Report(
    balance: Arc<AgedBalance>,
    currency: Currency,
    open: Callback<ClientCode>,
) -> impl IntoView {
    let t = use_texts();
    let late: Amount = balance.buckets.iter().skip(1).copied().sum();
    let oldest = balance.buckets.last().copied().unwrap_or_default();
    let symbol = t.symbol(currency);
    let shares = shares_permille(&balance.buckets);
    let names = t.age_names();
    view! {
        {balance.rests_on_later_statement.then(|| view! {
            <crate::components::Notice tone="warn" testid="balance-later"><p>{t.balance_later()}</p></crate::components::Notice>
        }.into_any())}
        <div class="kpis">
            <div class="card kpi"><p class="small muted">{t.kpi_total()}</p><p class="value num" data-testid="balance-total" data-amount=balance.total.to_string()>{t.amount(balance.total, currency)}</p><p class="small muted">{symbol}" · "{t.clients_count(balance.rows.len())}</p></div>
            <div class="card kpi"><p class="small muted">{t.kpi_overdue()}</p><p class="value num danger">{percent_late(t, &balance)}</p><p class="small muted num">{t.money(late, currency)}</p></div>
            <div class="card kpi"><p class="small muted">{t.kpi_oldest()}</p><p class="value num">{t.amount(oldest, currency)}</p><p class="small muted">{symbol}</p></div>
            <div class="card kpi"><p class="small muted">{t.kpi_credits()}</p><p class="value num">{t.amount(balance.credits, currency)}</p><p class="small muted">{symbol}" · "{t.kpi_credits_hint()}</p></div>
        </div>
        <section class="card card-flush">
            <div class="stack pad">
                <AgeingBar buckets=balance.buckets.clone() currency=currency />
                <div class="chips">
                    {shares.into_iter().enumerate().map(|(age, share)| view! {
                        <span class="chip"><span class=format!("swatch age-{}", age.min(4))></span>{names[age.min(4)]}" "{t.percent(&((share + 5) / 10).to_string())}</span>
                    }.into_any()).collect_view()}
                </div>
            </div>
            <Table balance=balance currency=currency open=open />
        </section>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Client,
    Bucket(usize),
    Credits,
    Total,
}

fn sorted(rows: &[AgedRow], by: Column, descending: bool) -> Vec<AgedRow> {
    let mut rows = rows.to_vec();
    match by {
        Column::Client => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        Column::Bucket(at) => {
            rows.sort_by_key(|row| row.buckets.get(at).copied().unwrap_or_default())
        }
        Column::Credits => rows.sort_by_key(|row| row.credits),
        Column::Total => rows.sort_by_key(|row| row.total),
    }
    if descending {
        rows.reverse();
    }
    rows
}

#[component]
fn Table(
    balance: Arc<AgedBalance>,
    currency: Currency,
    open: Callback<ClientCode>,
) -> impl IntoView {
    let t = use_texts();
    let by = RwSignal::new((Column::Total, true));
    let all = RwSignal::new(false);
    let buckets = balance.buckets.len();
    let names = t.age_names();
    let head = move |column: Column, name: &'static str| {
        let sort = move || {
            let (known, descending) = by.get();
            (known == column).then_some(if descending {
                "descending"
            } else {
                "ascending"
            })
        };
        let arrow = move || match sort() {
            Some("descending") => " ↓",
            Some(_) => " ↑",
            None => "",
        };
        view! {
            <th scope="col" aria-sort=sort class=if column == Column::Total { "total" } else { "" }>
                <button type="button" on:click=move |_| by.update(|by| *by = if by.0 == column { (column, !by.1) } else { (column, column != Column::Client) })>{name}{arrow}</button>
            </th>
        }
    };
    let amount = move |amount: Amount| {
        if amount.is_zero() {
            "–".to_owned()
        } else {
            t.amount(amount, currency)
        }
    };
    let count = balance.rows.len();
    let for_rows = balance.clone();
    let rows = move || {
        let (column, descending) = by.get();
        let mut rows = sorted(&for_rows.rows, column, descending);
        if !all.get() {
            rows.truncate(ROWS_FIRST);
        }
        rows.into_iter()
            .map(|row| {
                let code = row.client.clone();
                view! {
                    <tr data-testid="balance-row" data-code=row.client.to_string()>
                        <th scope="row"><button type="button" class="link" on:click=move |_| open.run(code.clone())>{row.name.clone()}</button></th>
                        {row.buckets.iter().map(|bucket| view! { <td>{amount(*bucket)}</td> }.into_any()).collect_view()}
                        <td>{amount(-row.credits)}</td>
                        <td class="strong total">{amount(row.total)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=t.balance_title()>
            <table>
                <caption class="visually-hidden">{t.balance_title()}" · "{t.symbol(currency)}</caption>
                <thead>
                    <tr>
                        {head(Column::Client, t.client_word())}
                        {(0..buckets).map(|at| head(Column::Bucket(at), names[at.min(4)])).collect_view()}
                        {head(Column::Credits, t.kpi_credits())}
                        {head(Column::Total, t.total())}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">{t.total()}" "{t.symbol(currency)}</th>
                        {balance.buckets.iter().map(|bucket| view! { <td>{amount(*bucket)}</td> }.into_any()).collect_view()}
                        <td>{amount(-balance.credits)}</td>
                        <td class="total">{amount(balance.total)}</td>
                    </tr>
                </tfoot>
            </table>
        </div>
        {move || (count > ROWS_FIRST && !all.get()).then(|| view! {
            <button type="button" class="btn wide" data-testid="balance-all" on:click=move |_| all.set(true)>{t.balance_all_rows(count)}</button>
        }.into_any())}
    }
}

/// One client's invoices on that day.
#[component]
fn Detail(dossier: Arc<Dossier>, as_of: NaiveDate, currency: Currency) -> impl IntoView {
    let t = use_texts();
    let mut invoices: Vec<_> = dossier
        .invoices
        .iter()
        .filter(|invoice| invoice.currency == currency)
        .map(|invoice| (invoice.clone(), invoice.open_as_of(as_of)))
        .filter(|(_, open)| !open.is_zero())
        .collect();
    invoices.sort_by_key(|(invoice, _)| Reverse(invoice.days_overdue(as_of)));
    let balance = dossier.balances(as_of).get(&currency).cloned();
    view! {
        <div class="card card-list" data-testid="balance-detail">
            {invoices
                .into_iter()
                .map(|(invoice, open)| view! {
                    <div>
                        <div class="row"><span class="strong">{invoice.number.to_string()}</span><span class="num strong">{t.money(open, currency)}</span></div>
                        <div class="row small muted"><span>{t.due_on(invoice.due_date, as_of)}</span><span class="num">{t.late(invoice.days_overdue(as_of))}</span></div>
                    </div>
                }.into_any())
                .collect_view()}
            {balance.map(|balance| view! {
                {(!balance.on_account.is_zero()).then(|| view! { <div class="row"><span>{t.dossier_on_account()}</span><span class="num strong">{t.money(-balance.on_account, currency)}</span></div> }.into_any())}
                <div class="row"><span class="strong">{t.total()}</span><span class="num strong">{t.money(balance.net, currency)}</span></div>
            }.into_any())}
        </div>
        <a class="btn wide" href=client_path(&dossier.client.code)>{t.receipt_to_client()}</a>
    }
}

/// The table as people's spreadsheets open it: separator and decimal sign of the language, plain digits.
fn csv(t: Texts, balance: &AgedBalance) -> String {
    let (separator, comma) = if t.code() == "fr" {
        (";", true)
    } else {
        (",", false)
    };
    let plain = |amount: Amount| {
        let text = amount.to_string();
        if comma { text.replace('.', ",") } else { text }
    };
    // A quote inside a cell is doubled; a leading sign of a formula is made plain text.
    let cell = |text: &str| {
        let guarded = if text.starts_with(['=', '+', '-', '@']) {
            ["'", text].concat()
        } else {
            text.to_owned()
        };
        ["\"", &guarded.replace('"', "\"\""), "\""].concat()
    };
    let mut lines = Vec::with_capacity(balance.rows.len() + 2);
    let mut head = vec![
        cell(t.client_code()),
        cell(t.client_word()),
        cell(t.portfolio()),
    ];
    head.extend(
        t.age_names()
            .iter()
            .take(balance.buckets.len())
            .map(|name| cell(name)),
    );
    head.extend([
        cell(t.kpi_credits()),
        cell(t.total()),
        cell(t.currency_word()),
    ]);
    lines.push(head.join(separator));
    for row in &balance.rows {
        let portfolio = row
            .portfolio
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let mut cells = vec![cell(row.client.as_str()), cell(&row.name), cell(&portfolio)];
        cells.extend(row.buckets.iter().map(|bucket| plain(*bucket)));
        cells.extend([
            plain(-row.credits),
            plain(row.total),
            balance.currency.code().to_owned(),
        ]);
        lines.push(cells.join(separator));
    }
    let mut total = vec![String::new(), cell(t.total()), String::new()];
    total.extend(balance.buckets.iter().map(|bucket| plain(*bucket)));
    total.extend([
        plain(-balance.credits),
        plain(balance.total),
        balance.currency.code().to_owned(),
    ]);
    lines.push(total.join(separator));
    // The mark tells spreadsheets that this is UTF-8.
    ["\u{feff}", &lines.join("\r\n"), "\r\n"].concat()
}
