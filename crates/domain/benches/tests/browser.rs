//! The aged balance of 100 000 invoices in a browser, beside plain integer columns in JavaScript of the same page.
//! `cargo xtask bench domain` builds it as the app is built.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement looks at the clock, and ends where something is not as it should be"
)]

#[path = "../src/book.rs"]
mod book;

use book::{AS_OF, Book};
use chrono::{Datelike, NaiveDate};
use js_sys::{Date, Float64Array, Int32Array};
use std::hint::black_box;
use tournee_domain::report::aged::{AgedQuery, aged_balance};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Runs measured together: the browser's clock is coarse.
const RUNS: u32 = 100;
/// What one may take (DESIGN §5).
const MICROS_MAX: u32 = 6_000;

#[wasm_bindgen(inline_js = r"
export function aged(issued, due, client, gross, ends, days, amounts, asOf, clients) {
  const cells = new Float64Array(clients * 6);
  let movement = 0;
  for (let i = 0; i < gross.length; i++) {
    const end = ends[i];
    if (issued[i] > asOf) { movement = end; continue; }
    let open = gross[i];
    for (; movement < end; movement++) if (days[movement] <= asOf) open -= amounts[movement];
    const late = asOf - due[i], row = client[i] * 6;
    if (open > 0) cells[row + (late > 0) + (late > 30) + (late > 60) + (late > 90)] += open;
    else cells[row + 5] -= open;
  }
  const total = new Float64Array(6);
  for (let i = 0; i < cells.length; i++) total[i % 6] += cells[i];
  return total;
}
")]
extern "C" {
    #[expect(clippy::too_many_arguments, reason = "they are the columns")]
    fn aged(
        issued: &Int32Array,
        due: &Int32Array,
        client: &Int32Array,
        gross: &Float64Array,
        ends: &Int32Array,
        days: &Int32Array,
        amounts: &Float64Array,
        as_of: i32,
        clients: u32,
    ) -> Float64Array;
}

fn micros_of_one(mut run: impl FnMut()) -> u32 {
    run();
    let now = || Date::now() as u64;
    let began = now();
    (0..RUNS).for_each(|_| run());
    u32::try_from((now() - began) * 1_000).unwrap() / RUNS
}

#[wasm_bindgen_test]
fn the_aged_balance_keeps_its_budget_in_a_browser() {
    let book = Book::new();
    let ledger = book.ledger();
    let query = AgedQuery::new(AS_OF.parse().unwrap());
    let ours = micros_of_one(|| {
        black_box(aged_balance(&ledger, &query).total());
    });

    let day = |date: NaiveDate| date.num_days_from_ce();
    let days = |of: fn(&book::Invoice) -> NaiveDate| {
        Int32Array::from(
            book.0
                .iter()
                .map(|it| day(of(it)))
                .collect::<Vec<_>>()
                .as_slice(),
        )
    };
    let units = |units: Vec<i64>| {
        let units: Vec<f64> = units.into_iter().map(|units| units as f64).collect();
        Float64Array::from(units.as_slice())
    };
    let (issued, due) = (days(|it| it.issued), days(|it| it.due));
    let clients: Vec<i32> = book
        .0
        .iter()
        .map(|it| it.client.try_into().unwrap())
        .collect();
    let clients = Int32Array::from(clients.as_slice());
    let gross = units(book.0.iter().map(|it| it.gross).collect());
    let mut ends = Vec::new();
    let payments = book.0.iter().flat_map(|it| &it.payments);
    let (paid_on, paid): (Vec<i32>, Vec<i64>) =
        payments.map(|(date, amount)| (day(*date), *amount)).unzip();
    for invoice in &book.0 {
        let before = ends.last().copied().unwrap_or(0);
        ends.push(before + i32::try_from(invoice.payments.len()).unwrap());
    }
    let (ends, paid_on) = (
        Int32Array::from(ends.as_slice()),
        Int32Array::from(paid_on.as_slice()),
    );
    let paid = units(paid);
    let as_of = day(AS_OF.parse().unwrap());
    let count = u32::try_from(book::CLIENTS).unwrap();
    let javascript = || {
        aged(
            &issued, &due, &clients, &gross, &ends, &paid_on, &paid, as_of, count,
        )
    };

    let line = aged_balance(&ledger, &query).total();
    let mut expected: Vec<String> = line.buckets.iter().map(ToString::to_string).collect();
    expected.push(line.credits.to_string());
    let found: Vec<String> = javascript()
        .to_vec()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, expected);

    let theirs = micros_of_one(|| {
        black_box(javascript());
    });
    console_log!(
        "aged balance in the browser: {ours} µs, budget {MICROS_MAX}; plain columns in JavaScript {theirs} µs"
    );
    assert!(ours <= MICROS_MAX, "{ours} µs");
}
