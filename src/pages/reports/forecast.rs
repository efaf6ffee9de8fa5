//! What was forecast of each month beside what came, and what is forecast of the months ahead (PRODUCT I3).

use super::report::Report;
use crate::browser::clock;
use crate::components::ChartColumn;
use crate::locales::Texts;
use chrono::NaiveDate;
use std::sync::Arc;
use tournee_documents::sheet::{Cell, Sheet};
use tournee_domain::Amount;
use tournee_domain::report::Ledger;
use tournee_domain::report::forecast::{ForecastMonth, ForecastQuery, forecast, received};
use tournee_domain::report::period::months_from;

/// Months looked back at, and months ahead.
const MONTHS: u32 = 6;

/// Of months before `as_of` as forecast at their beginning, of later ones as forecast on `as_of`.
pub async fn report(t: Texts, ledger: &Ledger, as_of: NaiveDate, today: NaiveDate) -> Report {
    let currency = ledger.currency();
    let mut rows = Vec::new();
    let mut columns = Vec::new();
    let mut label = t.forecast_title().to_owned();
    let mut before = None;
    let mut start = months_from(as_of, -i32::try_from(MONTHS).unwrap_or(0));
    for month in months(ledger, as_of).await {
        let total = month.total + month.of_new_sales;
        let came: Option<Amount> = (start < today).then(|| {
            let came = received(ledger, start, month.until);
            came.of_open + came.of_new_sales
        });
        let (name, year) = t.month_label(month.until, before.replace(month.until));
        let money = |amount| t.money(amount, currency);
        label.push_str(
            &[
                ", ",
                &name,
                " ",
                &money(total),
                " / ",
                &money(came.unwrap_or_default()),
            ]
            .concat(),
        );
        columns.push(ChartColumn {
            label: name,
            note: year,
            bars: vec![
                (total.0, "fill-other"),
                (came.unwrap_or_default().0, "fill-main"),
            ],
        });
        rows.push(vec![
            Cell::Date(month.until),
            month.total.into(),
            month.of_new_sales.into(),
            total.into(),
            came.map_or(Cell::Empty, Cell::Amount),
            came.map_or(Cell::Empty, |came| Cell::Amount(came - total)),
        ]);
        start = month.until;
    }
    let head = [
        t.month_end(),
        t.forecast_open(),
        t.forecast_new(),
        t.forecast_total(),
        t.forecast_came(),
        t.forecast_gap(),
    ];
    Report {
        name: "forecast",
        as_of,
        label,
        columns,
        legend: vec![
            ("fill-other", t.forecast_total()),
            ("fill-main", t.forecast_came()),
        ],
        sheet: Arc::new(Sheet {
            name: t.forecast_title().to_owned(),
            currency,
            head: head.map(str::to_owned).to_vec(),
            rows,
            total: Vec::new(),
        }),
        from: 0,
        sort: None,
    }
}

async fn months(ledger: &Ledger, as_of: NaiveDate) -> Vec<ForecastMonth> {
    let at = |as_of, months| {
        forecast(
            ledger,
            &ForecastQuery {
                months,
                ..ForecastQuery::new(as_of)
            },
        )
        .months
    };
    let mut months = Vec::new();
    for back in (1..=MONTHS).rev() {
        months.extend(at(months_from(as_of, -i32::try_from(back).unwrap_or(0)), 1));
        clock::breathe().await;
    }
    months.extend(at(as_of, MONTHS));
    months
}
