//! The figures of this machine's own code.

use crate::book::{self, AS_OF, Book};
use crate::{sqlite, statement};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;
use tournee_domain::ageing::Bounds;
use tournee_domain::report::aged::{AgedQuery, Credits, aged_balance};
use tournee_domain::report::dso::{DsoQuery, dso};
use tournee_domain::report::forecast::{ForecastQuery, Method, forecast};
use tournee_domain::report::payer::profile;
use tournee_domain::report::{Group, Ledger};

/// Runs of each report; the median counts.
pub const RUNS: usize = 21;
/// What the aged balance of 100 000 invoices may take (DESIGN §5).
const AGED_MICROS_MAX: u128 = 3_000;

pub struct Row {
    pub what: &'static str,
    pub micros: Vec<u128>,
    pub budget_micros: Option<u128>,
}

impl Row {
    fn median(&self) -> u128 {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    }

    fn is_good(&self) -> bool {
        self.budget_micros
            .is_none_or(|budget| self.median() <= budget)
    }
}

fn measure<T>(what: &'static str, budget_micros: Option<u128>, mut run: impl FnMut() -> T) -> Row {
    black_box(run());
    let micros = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            black_box(run());
            began.elapsed().as_micros()
        })
        .collect();
    Row {
        what,
        micros,
        budget_micros,
    }
}

fn rows_of(ledger: &Ledger, book: &Book) -> Vec<Row> {
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
        measure("aged balance by client, with its total", budget, || {
            aged(&by_client)
        }),
        measure("aged balance by activity", budget, || aged(&by_activity)),
        measure(
            "aged balance, credits against the oldest debts",
            budget,
            || aged(&set_off),
        ),
        measure("aged balance in ten buckets", budget, || aged(&many)),
        measure("aged balance by client, every row as amounts", None, || {
            aged_balance(ledger, &by_client).rows().count()
        }),
        measure("DSO by activity, all methods", None, || {
            dso(ledger, &DsoQuery::new(as_of), Group::Activity)
        }),
        measure("forecast of six months, each payer's delay", None, || {
            forecast_by(Method::PayerDelay)
        }),
        measure("forecast of six months, cohort curve", None, || {
            forecast_by(Method::Cohorts)
        }),
        measure("payer profiles of all clients", None, || {
            (0..book::CLIENTS)
                .filter(|client| profile(ledger, *client, as_of, 0).paid.is_positive())
                .count()
        }),
        measure("the columns from entries", None, || book.ledger().len()),
    ]
}

/// Measures, prints and keeps all figures; ends the process with an error where one is over its budget.
pub fn main() {
    let book = Book::new();
    let ledger = book.ledger();
    let mut rows = rows_of(&ledger, &book);
    let total = aged_balance(&ledger, &AgedQuery::new(AS_OF.parse().unwrap())).total();
    rows.push(sqlite::measure(&book, &total));
    rows.extend(statement::rows_of(&book));

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
            row.micros.iter().min().unwrap(),
            row.micros.iter().max().unwrap(),
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
            "| {} | {} ({min}–{max}) | {budget}{over} |",
            row.what,
            row.median()
        );
    }
    let all: Vec<Value> = rows
        .iter()
        .map(|row| {
            let micros: Vec<String> = row.micros.iter().map(ToString::to_string).collect();
            json!({"what": row.what, "micros": micros, "good": row.is_good()})
        })
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/bench");
    std::fs::create_dir_all(&folder).unwrap();
    let text = serde_json::to_vec_pretty(&all).unwrap();
    std::fs::write(folder.join("domain.json"), text).unwrap();
    if rows.iter().any(|row| !row.is_good()) {
        std::process::exit(1);
    }
}
