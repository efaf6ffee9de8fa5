//! The figures of this machine's own code.

use crate::book::{self, AS_OF, Book};
use crate::samples::{Row, Sampler};
use crate::{sqlite, statement};
use serde_json::{Value, json};
use std::path::Path;
use tournee_domain::ageing::Bounds;
use tournee_domain::report::aged::{AgedQuery, Credits, aged_balance};
use tournee_domain::report::dso::{DsoQuery, dso};
use tournee_domain::report::forecast::{ForecastQuery, Method, forecast};
use tournee_domain::report::payer::profile;
use tournee_domain::report::{Group, Ledger};

/// What the aged balance of 100 000 invoices may take (DESIGN §5).
const AGED_MICROS_MAX: f64 = 3_000.0;

fn rows_of(sampler: &mut Sampler, ledger: &Ledger, book: &Book) -> Vec<Row> {
    let as_of = AS_OF.parse().unwrap();
    let by_client = AgedQuery::new(as_of);
    let by_activity = AgedQuery {
        group: Group::Activity,
        ..by_client.clone()
    };
    let set_off = AgedQuery {
        credits: Credits::OldestDebt,
        ..by_client.clone()
    };
    let many = AgedQuery {
        bounds: Bounds::new(vec![0, 15, 30, 45, 60, 90, 120, 180, 365]).unwrap(),
        ..by_client.clone()
    };
    let aged = |query: &AgedQuery| aged_balance(ledger, query).total();
    let budget = Some(AGED_MICROS_MAX);
    let forecast_by = |method| {
        let query = ForecastQuery {
            method,
            ..ForecastQuery::new(as_of)
        };
        forecast(ledger, &query)
    };
    vec![
        sampler.measure("aged balance by client, with its total", budget, || {
            aged(&by_client)
        }),
        sampler.measure("aged balance by activity", budget, || aged(&by_activity)),
        sampler.measure(
            "aged balance, credits against the oldest debts",
            budget,
            || aged(&set_off),
        ),
        sampler.measure("aged balance in ten buckets", budget, || aged(&many)),
        sampler.measure("aged balance by client, every row as amounts", None, || {
            aged_balance(ledger, &by_client).rows().count()
        }),
        sampler.measure("DSO by activity, all methods", None, || {
            dso(ledger, &DsoQuery::new(as_of), Group::Activity)
        }),
        sampler.measure("forecast of six months, each payer's delay", None, || {
            forecast_by(Method::PayerDelay)
        }),
        sampler.measure("forecast of six months, cohort curve", None, || {
            forecast_by(Method::Cohorts)
        }),
        sampler.measure("payer profiles of all clients", None, || {
            (0..book::CLIENTS)
                .filter(|client| profile(ledger, *client, as_of, 0).paid.is_positive())
                .count()
        }),
        sampler.measure("the columns from entries", None, || book.ledger().len()),
    ]
}

/// Measures, prints and keeps all figures; ends the process with an error where one is over its budget.
pub fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/bench");
    std::fs::create_dir_all(&folder).unwrap();
    let mut sampler = Sampler::new(&folder.join("criterion"));
    let book = Book::new();
    let ledger = book.ledger();
    let mut rows = rows_of(&mut sampler, &ledger, &book);
    let total = aged_balance(&ledger, &AgedQuery::new(AS_OF.parse().unwrap())).total();
    rows.push(sqlite::measure(&mut sampler, &book, &total));
    rows.extend(statement::rows_of(&mut sampler, &book));

    println!(
        "{} invoices and {} payments of {} clients; microseconds\n",
        book::INVOICES,
        book.0
            .iter()
            .map(|invoice| invoice.payments.len())
            .sum::<usize>(),
        book::CLIENTS
    );
    println!("| what | median (min–max) | budget |\n|---|---:|---:|");
    for row in &rows {
        let (min, max) = (
            row.micros.iter().copied().fold(f64::INFINITY, f64::min),
            row.micros.iter().copied().fold(0.0, f64::max),
        );
        let budget = row
            .budget_micros
            .map_or("–".to_owned(), |budget| budget.to_string());
        let over = if row.is_good() {
            ""
        } else {
            " **over budget**"
        };
        println!(
            "| {} | {:.0} ({min:.0}–{max:.0}) | {budget}{over} |",
            row.what,
            row.median()
        );
    }
    let all: Vec<Value> = rows
        .iter()
        .map(|row| json!({"what": row.what, "micros": row.micros, "good": row.is_good()}))
        .collect();
    let text = serde_json::to_vec_pretty(&all).unwrap();
    std::fs::write(folder.join("domain.json"), text).unwrap();
    if rows.iter().any(|row| !row.is_good()) {
        std::process::exit(1);
    }
}
