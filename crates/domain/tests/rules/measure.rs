//! How long the heaviest computations take; run by hand:
//! `cargo test --release -p tournee-domain --test rules -- --ignored --nocapture measure`.

use crate::support::{Ledger, day, row, rows};
use std::collections::BTreeMap;
use tournee_domain::Currency;
use tournee_domain::report::aged::{AgedQuery, aged_balance};

const CLIENTS: usize = 10_000;
const INVOICES: usize = 100_000;

#[test]
#[ignore = "measures, and asserts no time"]
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement needs the machine's clock"
)]
fn measure_a_hundred_thousand_invoices() {
    let listed = |settled: i64| {
        let invoice = |i: usize| {
            row(
                &format!("FA{i:08}"),
                &format!("C{:05}", i % CLIENTS),
                1_000_000,
                settled,
            )
        };
        rows(&(0..INVOICES).map(invoice).collect::<Vec<_>>())
    };
    let timed = |what: &str, work: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        work();
        println!("{what}: {} ms", start.elapsed().as_millis());
    };
    let (first, second, map) = (listed(0), listed(400_000), BTreeMap::new());
    let mut ledger = Ledger::default();
    let mut import = |what: &str, date: &str, rows| {
        timed(what, &mut || {
            ledger
                .try_import(date, rows, true, &map)
                .expect("a good statement");
        });
    };
    import("merge, all created", "2026-10-31", &first);
    import("merge, all updated", "2026-11-14", &second);
    import("merge, the same again", "2026-11-14", &second);
    let mut columns = None;
    timed("the columnar ledger", &mut || {
        columns = Some(ledger.columns(Currency::XOF));
    });
    let columns = columns.expect("a ledger");
    timed("aged balance", &mut || {
        let aged = aged_balance(&columns, &AgedQuery::new(day("2026-11-14")));
        assert_eq!(aged.rows().count(), CLIENTS);
    });
}
