//! The aged balance in figures: its sheet, its key figures, its picture.

use crate::components::{Chart, ChartColumn};
use crate::locales::{Texts, use_texts};
use chrono::NaiveDate;
use leptos::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use std::sync::Arc;
use tournee_documents::sheet::{Cell, Sheet};
use tournee_domain::report::aged::{AgedLine, AgedQuery, Credits, aged_balance};
use tournee_domain::report::{Group, Ledger, MarkKind};
use tournee_domain::{Amount, Currency};

pub struct AgedReport {
    pub sheet: Sheet,
    /// Columns before this one are in the file only.
    pub from: usize,
    /// The group's number of each row.
    pub numbers: Vec<usize>,
    pub total: AgedLine,
}

impl AgedReport {
    pub fn of(t: Texts, ledger: &Ledger, query: &AgedQuery) -> Self {
        let table = aged_balance(ledger, query);
        let total = table.total();
        let by_client = query.group == Group::Client;
        let with_credits = query.credits == Credits::Separate || !total.credits.is_zero();
        let marks = MarkKind::ALL.into_iter().zip(total.marked);
        let marks: Vec<MarkKind> = marks
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(kind, _)| kind)
            .collect();
        let currency = ledger.currency();

        let mut head = match by_client {
            true => vec![
                t.client_code(),
                t.collector_word(),
                t.currency_word(),
                t.client_word(),
            ],
            false => vec![t.currency_word(), t.group_word(query.group)],
        };
        let from = head.len() - 1;
        head.extend(t.age_names());
        head.extend(with_credits.then(|| t.kpi_credits()));
        head.extend(marks.iter().map(|kind| t.mark_word(*kind)));
        head.push(t.total());

        let figures = |row: &mut Vec<Cell>, line: &AgedLine| {
            row.extend(line.buckets.iter().map(|bucket| Cell::Amount(*bucket)));
            row.extend(with_credits.then_some(Cell::Amount(-line.credits)));
            row.extend(
                marks
                    .iter()
                    .map(|kind| Cell::Amount(line.marked[*kind as usize])),
            );
            row.push(Cell::Amount(line.total));
        };
        let mut rows = Vec::new();
        let mut numbers = Vec::new();
        for line in table.rows() {
            let Some(number) = line.number else { continue };
            let mut row: Vec<Cell> = match by_client {
                true => vec![
                    ledger.label(query.group, number).unwrap_or_default().into(),
                    ledger.collector_of(number).into(),
                    currency.code().into(),
                ],
                false => vec![currency.code().into()],
            };
            row.push(Cell::Text(t.group_name(ledger, query.group, number)));
            figures(&mut row, &line);
            rows.push(row);
            numbers.push(number);
        }
        let mut foot = vec![Cell::Empty; from];
        foot.push(t.total().into());
        figures(&mut foot, &total);
        Self {
            sheet: Sheet {
                name: t.balance_title().to_owned(),
                currency,
                head: head.into_iter().map(str::to_owned).collect(),
                rows,
                total: foot,
            },
            from,
            numbers,
            total,
        }
    }
}

impl Texts {
    fn group_word(self, group: Group) -> &'static str {
        match group {
            Group::Client => self.client_word(),
            Group::Activity => self.field_activity(),
            Group::Agency => self.agency_word(),
            Group::Collector => self.collector_word(),
        }
    }

    /// What people call a group: a client's name, otherwise its text.
    pub fn group_name(self, ledger: &Ledger, group: Group, number: usize) -> String {
        let name = match group {
            Group::Client => ledger.client_name(number),
            _ => ledger.label(group, number),
        };
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.not_assigned())
            .to_owned()
    }

    fn mark_word(self, kind: MarkKind) -> &'static str {
        match kind {
            MarkKind::Disputed => self.mark_disputed(),
            MarkKind::Doubtful => self.mark_doubtful(),
            MarkKind::ChequePending => self.mark_cheque(),
            MarkKind::WithholdingPending => self.mark_withholding(),
        }
    }
}

fn owed(amounts: &[Amount]) -> Amount {
    amounts
        .iter()
        .copied()
        .filter(|amount| amount.is_positive())
        .sum()
}

/// `part` in percent of `whole` with one decimal; nothing of nothing is zero.
fn percent(t: Texts, part: Amount, whole: Amount) -> String {
    let share = part.0.checked_div(whole.0).unwrap_or_default() * Decimal::ONE_HUNDRED;
    let rounded = share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    t.percent(&t.decimal(rounded.normalize()))
}

#[component]
pub fn Figures(total: AgedLine, clients: Arc<Ledger>, as_of: NaiveDate) -> impl IntoView {
    let t = use_texts();
    let currency = clients.currency();
    let owing = aged_balance(&clients, &AgedQuery::new(as_of))
        .rows()
        .count();
    let late = owed(&total.buckets[1..]);
    let oldest = total.buckets.last().copied().unwrap_or_default();
    let symbol = t.symbol(currency);
    let figure = move |name: &'static str, value: AnyView, under: String| {
        view! {
        <div class="card kpi"><p class="small muted">{name}</p>{value}<p class="small muted">{under}</p></div>
    }.into_any()
    };
    let plain = move |text: String| view! { <p class="value num">{text}</p> }.into_any();
    let sum = view! { <p class="value num" data-testid="balance-total" data-amount=total.total.to_string()>{t.amount(total.total, currency)}</p> };
    let overdue =
        view! { <p class="value num danger">{percent(t, late, owed(&total.buckets))}</p> };
    view! {
        <div class="kpis">
            {figure(t.kpi_total(), sum.into_any(), [symbol, " · ", &t.clients_count(owing)].concat())}
            {figure(t.kpi_overdue(), overdue.into_any(), t.money(late, currency))}
            {figure(t.kpi_oldest(), plain(t.amount(oldest, currency)), symbol.to_owned())}
            {figure(t.kpi_credits(), plain(t.amount(total.credits, currency)), [symbol, " · ", t.kpi_credits_hint()].concat())}
        </div>
    }
}

/// One column an age.
#[component]
pub fn AgedChart(total: AgedLine, currency: Currency) -> impl IntoView {
    const FILLS: [&str; 5] = ["age-0", "age-1", "age-2", "age-3", "age-4"];
    let t = use_texts();
    let names = t.age_names();
    let whole = owed(&total.buckets);
    let said: Vec<String> = names
        .iter()
        .zip(&total.buckets)
        .map(|(name, amount)| [name, " ", &t.money(*amount, currency)].concat())
        .collect();
    let label = [t.age_split(), " ", &said.join(", ")].concat();
    let column = |(age, amount): (usize, &Amount)| ChartColumn {
        label: names[age].to_owned(),
        note: percent(t, *amount, whole),
        bars: vec![(amount.0, FILLS[age])],
    };
    let columns = total.buckets.iter().enumerate().map(column).collect();
    view! { <Chart label=label columns=columns /> }
}
