//! Two years of real invoices, all of them settled in the end: the figures of each month end, kept as reviewed files, and
//! the forecast held against what came.
//!
//! `TOURNEE_UPDATE=1` writes the files again; what changed is then to be reviewed.

use crate::support::{Paper, data, day, ledger};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tournee_domain::Amount;
use tournee_domain::report::aged::{AgedQuery, aged_balance};
use tournee_domain::report::dso::{Dso, DsoQuery, dso};
use tournee_domain::report::forecast::{ForecastQuery, Method, forecast, received};
use tournee_domain::report::payer::paid_by_all;
use tournee_domain::report::period::months_from;
use tournee_domain::report::{Group, Ledger, Mark, MarkKind};

fn invoices() -> Ledger {
    let mut clients: BTreeMap<String, Vec<Paper>> = BTreeMap::new();
    for line in data("invoices-2012-2013.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let date = |text| {
            NaiveDate::parse_from_str(text, "%m/%d/%Y")
                .expect("a date")
                .to_string()
        };
        let cents = fields[6].parse::<Decimal>().expect("an amount") * Decimal::ONE_HUNDRED;
        let cents = cents.normalize().to_string().parse().expect("whole cents");
        let (issued, due, settled) = (date(fields[4]), date(fields[5]), date(fields[8]));
        let mut paper = Paper::invoice(fields[3], &issued, &due, cents).paid(&settled, cents);
        paper.activity = fields[0].into();
        if fields[7] == "Yes" {
            paper.marks = vec![Mark {
                kind: MarkKind::Disputed,
                amount: None,
                from: day(&issued),
                until: None,
            }];
        }
        clients.entry(fields[1].into()).or_default().push(paper);
    }
    assert_eq!(
        (clients.len(), clients.values().map(Vec::len).sum::<usize>()),
        (100, 2466)
    );
    let clients: Vec<Vec<Paper>> = clients.into_values().collect();
    ledger(&clients, "USD".parse().expect("a currency"))
}

fn month_ends() -> impl Iterator<Item = NaiveDate> {
    (0..24).map(|month| months_from(day("2012-01-31"), month))
}

/// Compares with a file of `tests/data`, or writes it.
fn check(name: &str, found: &str) {
    let path = format!("{}/../../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("TOURNEE_UPDATE").is_some() {
        std::fs::write(&path, found).expect("the file is written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = kept
        .lines()
        .zip(found.lines())
        .find(|(kept, found)| kept != found);
    assert!(
        kept == found,
        "{name} says otherwise: {differs:?}. Review, then TOURNEE_UPDATE=1 cargo test -p tournee-domain invoices_2012"
    );
}

#[test]
fn the_figures_of_each_month_end_are_the_reviewed_ones() {
    let ledger = invoices();
    let mut text = String::from(
        "Invoices 2012-2013 at each month end. Days and shares over the last 3 months (DSO) and 12 months (delay).\n\
         as of          not due      1-30     31-60  61-90    >90     total  disputed  count-back  balance   best     ADD     CEI  delay   late\n",
    );
    for as_of in month_ends() {
        let line = aged_balance(&ledger, &AgedQuery::new(as_of)).total();
        let days = dso(&ledger, &DsoQuery::new(as_of), Group::Activity).swap_remove(0);
        let count_back = match days.count_back.dso {
            Dso::Days(days) => days.to_string(),
            Dso::MoreThan(days) => format!("> {days}"),
        };
        let paid = paid_by_all(&ledger, as_of);
        let text_of =
            |value: Option<Decimal>| value.map_or("-".to_owned(), |value| value.to_string());
        let [not_due, b1, b2, b3, b4] =
            [0, 1, 2, 3, 4].map(|bucket| line.buckets[bucket].to_string());
        let _ = writeln!(
            text,
            "{as_of} {not_due:>12} {b1:>9} {b2:>9} {b3:>6} {b4:>6} {:>9} {:>9} {count_back:>11} {:>8} {:>6} {:>7} {:>7} {:>6} {:>6}",
            line.total.to_string(),
            line.marked[0].to_string(),
            text_of(days.by_balance),
            text_of(days.best_possible),
            text_of(days.average_days_delinquent),
            text_of(days.collection_effectiveness),
            text_of(paid.weighted_delay()),
            text_of(paid.late_share()),
        );
    }
    check("invoices-2012-2013.figures.txt", &text);
}

/// Month by month, what each method expects of the debts open at its start, and what came of them.
#[test]
fn the_forecast_beats_the_due_date_and_the_average_delay() {
    const METHODS: [Method; 4] = [
        Method::DueDate,
        Method::AverageDelay,
        Method::PayerDelay,
        Method::Cohorts,
    ];
    let ledger = invoices();
    let mut text = String::from(
        "What was forecast for the month after each day, of what was open on it, and what came of that.\n\
         from           came    due date  average delay  payer delay    cohorts\n",
    );
    let (mut all, mut errors) = (Amount::ZERO, [Amount::ZERO; METHODS.len()]);
    for as_of in month_ends().take(23) {
        let came = received(&ledger, as_of, months_from(as_of, 1)).of_open;
        let expected = METHODS.map(|method| {
            // The file does not say what became of disputes but that all were paid.
            let query = ForecastQuery {
                months: 1,
                method,
                disputed: "1".parse().expect("a rate"),
                as_of,
            };
            forecast(&ledger, &query).months[0].total
        });
        all += came;
        for (error, expected) in errors.iter_mut().zip(expected) {
            *error += (expected - came).max(came - expected);
        }
        let [a, b, c, d] = expected.map(|amount| amount.to_string());
        let came = came.to_string();
        let _ = writeln!(text, "{as_of} {came:>8} {a:>11} {b:>14} {c:>12} {d:>10}");
    }
    let percent = |error: Amount| {
        (error.0 * Decimal::ONE_HUNDRED / all.0)
            .round_dp(1)
            .to_string()
    };
    let [a, b, c, d] = errors.map(percent);
    let _ = writeln!(text, "error, % {:>10} {a:>11} {b:>14} {c:>12} {d:>10}", "");
    println!("{text}");
    check("invoices-2012-2013.forecast.txt", &text);
    let [due_date, average, payer, cohorts] = errors;
    for (name, forecast) in [("payer delay", payer), ("cohorts", cohorts)] {
        assert!(
            forecast < due_date && forecast < average,
            "{name}: {forecast} against {due_date} and {average}"
        );
    }
}
