//! The aged balance (DOMAIN §2.1).

use crate::support::{Ledger, aged, amount, cash, client, code, day, transfer, vectors};
use tournee_domain::ageing::Bounds;
use tournee_domain::report::aged::{AgedQuery, aged_balance};
use tournee_domain::{Amount, Currency};

/// The vector's items as invoices of one client, due on the vector's dates.
fn ledger_of_the_vector(vector: &serde_json::Value) -> Ledger {
    let mut ledger = Ledger::default();
    let items = vector["items"].as_array().expect("items");
    assert_eq!(items.len(), 9);
    let invoices: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let mut row = crate::support::row(&format!("F{i}"), "C1", 0, 0);
            row.gross = amount(&item["open"]);
            row.due_date = day(item["due"].as_str().expect("a date"));
            row.invoice_date = day("2025-12-01");
            row
        })
        .collect();
    ledger.import("2026-03-31", &invoices);
    ledger
}

/// Clients with something open.
fn rows(ledger: &Ledger, date: &str) -> usize {
    let columns = ledger.columns(Currency::XOF);
    aged_balance(&columns, &AgedQuery::new(day(date)))
        .rows()
        .count()
}

#[test]
fn the_vector_holds() {
    let vector = &vectors()["ageing"];
    let as_of = day(vector["as_of"].as_str().expect("a date"));
    let bounds: Bounds = serde_json::from_value(vector["bounds"].clone()).expect("bounds");
    assert_eq!(bounds, Bounds::default());
    let names = ["not_due", "1-30", "31-60", "61-90", ">90"];
    let mut ledger = ledger_of_the_vector(vector);
    for (item, invoice) in vector["items"].as_array().expect("items").iter().zip(0..) {
        let invoice = ledger.invoice(&format!("F{invoice}"));
        assert_eq!(
            Some(invoice.days_overdue(as_of)),
            item["days_overdue"].as_i64(),
            "{item}"
        );
        assert_eq!(
            Some(names[bounds.bucket(invoice.days_overdue(as_of))]),
            item["bucket"].as_str(),
            "{item}"
        );
    }

    let expected: Vec<Amount> = names
        .iter()
        .map(|name| amount(&vector["expected"][name]))
        .collect();
    let gross = amount(&vector["expected"]["gross"]);
    let before = aged(&ledger, "2026-03-31");
    assert_eq!(as_of, day("2026-03-31"));
    assert_eq!(
        (&before.buckets, before.credits, before.total),
        (&expected, Amount::ZERO, gross)
    );

    // An unallocated receipt stands in its own column: the buckets stay as they are.
    let credit = amount(&vector["unallocated_credit"]);
    let method = tournee_domain::fact::PaymentMethod::Cash {
        denominations: Vec::new(),
    };
    let receipt = crate::support::payment(7, "C1", credit, "2026-03-15", &[], method);
    ledger.apply(7, &tournee_domain::FactBody::Payment(receipt));
    let after = aged(&ledger, "2026-03-31");
    let net = amount(&vector["expected_credit_separate"]["net"]);
    assert_eq!(
        (&after.buckets, after.credits, after.total),
        (&expected, credit, net)
    );

    let balance = &ledger.dossier("C1").balances(as_of)[&Currency::XOF];
    assert_eq!(
        (
            &balance.ageing,
            balance.open,
            balance.on_account,
            balance.net
        ),
        (&expected, gross, credit, net)
    );
    assert_eq!(
        (balance.overdue, balance.credits),
        (gross - expected[0], credit)
    );
}

#[test]
fn credit_notes_and_overpaid_invoices_are_credits_never_in_a_bucket() {
    let mut ledger = Ledger::default();
    let row = crate::support::row;
    ledger.import(
        "2026-10-31",
        &[
            row("F1", "C1", 1_000, 0),
            row("A1", "C1", -300, 0),
            row("F2", "C1", 100, 150),
        ],
    );
    let aged = aged(&ledger, "2026-10-31");
    assert_eq!(aged.buckets, [0, 1_000, 0, 0, 0].map(Amount::from));
    assert_eq!(
        (aged.credits, aged.total),
        (Amount::from(350), Amount::from(650))
    );
}

#[test]
fn an_announced_transfer_is_no_credit_yet() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.apply(9, &transfer(9, "C1", 500, "2026-11-02", &[("F1", 200)]));
    let balance = &ledger.dossier("C1").balances(day("2026-11-30"))[&Currency::XOF];
    assert_eq!(
        (balance.net, balance.on_account),
        (Amount::from(1_000), Amount::ZERO)
    );
    assert_eq!(
        ledger.dossier("C1").payments[0].on_account,
        Amount::from(300),
        "kept for when it is matched"
    );
}

#[test]
fn a_day_before_the_statement_says_that_it_rests_on_it() {
    let ledger = Ledger::with_one_invoice();
    let columns = ledger.columns(Currency::XOF);
    assert!(columns.rests_on_later_statement(day("2026-10-30")));
    assert!(!columns.rests_on_later_statement(day("2026-10-31")));
    // Invoices dated after the day are not there yet.
    assert_eq!(rows(&ledger, "2026-08-31"), 0);
}

#[test]
fn currencies_are_never_added_up() {
    let mut ledger = Ledger::default();
    let mut euros = crate::support::row("F2", "C1", 70, 0);
    euros.currency = Currency::EUR;
    ledger.import(
        "2026-10-31",
        &[crate::support::row("F1", "C1", 1_000, 0), euros],
    );
    ledger.apply(9, &cash(9, "C1", 10, "2026-10-31", &[]));
    let dossier = ledger.dossier("C1");
    let nets: Vec<_> = dossier
        .balances(day("2026-10-31"))
        .into_iter()
        .map(|(c, b)| (c, b.net))
        .collect();
    assert_eq!(
        nets,
        [
            (Currency::EUR, Amount::from(70)),
            (Currency::XOF, Amount::from(990))
        ]
    );
    let euros = ledger.columns(Currency::EUR);
    let euros = aged_balance(&euros, &AgedQuery::new(day("2026-10-31"))).total();
    assert_eq!(
        (euros.total, euros.credits),
        (Amount::from(70), Amount::ZERO)
    );
    let items: Vec<_> = dossier
        .open_items(Currency::EUR)
        .into_iter()
        .map(|item| item.invoice)
        .collect();
    assert_eq!(items, [crate::support::number("F2")]);
}

#[test]
fn clients_with_nothing_open_have_no_row() {
    let mut ledger = Ledger::with_one_invoice();
    ledger
        .dossiers
        .insert(code("C2"), tournee_domain::Dossier::new(client("C2")));
    ledger.pay(1_000, "2026-11-02");
    assert_eq!(rows(&ledger, "2026-11-02"), 0);
    assert_eq!(rows(&ledger, "2026-11-01"), 1);
}

#[test]
fn bounds_increase() {
    for bad in ["[]", "[0,0]", "[30,0]", "[0,1,2,3,4,5,6,7,8,9,10,11,12]"] {
        assert!(serde_json::from_str::<Bounds>(bad).is_err(), "{bad}");
    }
    let long = Bounds::new(vec![0, 30, 60, 90, 120]).expect("good bounds");
    assert_eq!([0, 1, 120, 121].map(|days| long.bucket(days)), [0, 1, 4, 5]);
    assert_eq!((long.len(), long.last_days().len()), (6, 5));
}
