//! Days sales outstanding, month by month (PRODUCT I2).

use super::report::Report;
use super::trend;
use crate::browser::clock;
use crate::components::ChartColumn;
use crate::locales::Texts;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::sync::Arc;
use tournee_documents::sheet::{Cell, Sheet};
use tournee_domain::report::dso::{Dso, DsoLine, DsoQuery, dso};
use tournee_domain::report::{Group, Ledger};

/// Of the activity with this number, or of all.
pub async fn report(t: Texts, ledger: &Ledger, as_of: NaiveDate, number: Option<usize>) -> Report {
    let head = [
        t.month_end(),
        t.dso_count_back(),
        t.dso_by_balance(),
        t.dso_best(),
        t.dso_delinquent(),
        t.dso_effectiveness(),
        t.dso_receivables(),
        t.dso_sales(),
    ];
    let mut rows = Vec::new();
    let mut columns = Vec::new();
    let mut label = t.dso_title().to_owned();
    let mut before = None;
    for end in trend(as_of) {
        let lines = dso(ledger, &DsoQuery::new(end), Group::Activity);
        let line = lines.into_iter().find(|line| line.number == number);
        let (days, best) = line.as_ref().map_or_else(Default::default, figures);
        let (month, year) = t.month_label(end, before.replace(end));
        label.push_str(&[", ", &month, " ", &t.compact(days)].concat());
        columns.push(ChartColumn {
            label: month,
            note: year,
            bars: vec![(days, "fill-main"), (best, "fill-other")],
        });
        let mut row = vec![Cell::Date(end)];
        row.extend(line.as_ref().map_or(Vec::new(), cells));
        row.resize(head.len(), Cell::Empty);
        rows.push(row);
        clock::breathe().await;
    }
    // The latest month on top.
    rows.reverse();
    Report {
        name: "dso",
        as_of,
        label,
        columns,
        legend: vec![
            ("fill-main", t.dso_count_back()),
            ("fill-other", t.dso_best()),
        ],
        sheet: Arc::new(Sheet {
            name: t.dso_title().to_owned(),
            currency: ledger.currency(),
            head: head.map(str::to_owned).to_vec(),
            rows,
            total: Vec::new(),
        }),
        from: 0,
        sort: None,
    }
}

/// The count-back, and the best possible.
fn figures(line: &DsoLine) -> (Decimal, Decimal) {
    let days = match line.count_back.dso {
        Dso::Days(days) => days,
        Dso::MoreThan(days) => days.into(),
    };
    (days, line.best_possible.unwrap_or_default())
}

fn cells(line: &DsoLine) -> Vec<Cell> {
    let days = match line.count_back.dso {
        Dso::Days(days) => Cell::Number(days),
        Dso::MoreThan(days) => Cell::Text(["> ", &days.to_string()].concat()),
    };
    vec![
        days,
        line.by_balance.into(),
        line.best_possible.into(),
        line.average_days_delinquent.into(),
        line.collection_effectiveness.into(),
        line.receivables.into(),
        line.sales.into(),
    ]
}
