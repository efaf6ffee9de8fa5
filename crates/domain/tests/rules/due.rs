//! When a debt falls due: by instalments, and by terms that can be read in two ways (DOMAIN §1.1).

use crate::settlement::apply;
use crate::support::{Ledger, aged, cash, day, row, vectors};
use tournee_domain::statement::InvoiceRow;
use tournee_domain::terms::{EndOfMonth, Instalment, Terms, instalments};
use tournee_domain::{Amount, Currency, Money, Rate};

#[test]
fn each_instalment_ages_on_its_own() {
    let invoiced = day("2026-09-01");
    let rate = |text: &str| text.parse::<Rate>().expect("a rate");
    let gross = Money::new(1_000.into(), Currency::XOF).expect("francs");
    let shares = [
        (rate("0.5"), Terms::Net { days: 60 }),
        (rate("0.3"), Terms::OnReceipt),
        (rate("0.2"), Terms::Net { days: 30 }),
    ];
    let parts = instalments(gross, invoiced, &shares).expect("shares");
    let part = |due: &str, francs: i64| Instalment {
        due_date: day(due),
        amount: francs.into(),
    };
    assert_eq!(
        parts,
        [
            part("2026-09-01", 300),
            part("2026-10-01", 200),
            part("2026-10-31", 500)
        ]
    );

    let mut ledger = Ledger::default();
    let listed = InvoiceRow {
        instalments: parts.clone(),
        ..row("F1", "C1", 1_000, 0)
    };
    ledger.import("2026-09-01", &[listed]);
    let buckets = |ledger: &Ledger, date: &str| {
        let as_of = day(date);
        let aged = aged(ledger, date);
        let balance = ledger
            .dossier("C1")
            .balances(as_of)
            .remove(&Currency::XOF)
            .expect("francs");
        assert_eq!(balance.ageing, aged.buckets, "{date}");
        assert_eq!(balance.open, aged.total, "{date}");
        let summary = tournee_domain::summary::Summary::of(ledger.dossier("C1"));
        assert_eq!(
            summary.totals(as_of, Currency::XOF).ageing,
            aged.buckets,
            "{date}"
        );
        assert_eq!(
            summary.totals(as_of, Currency::XOF).discharges_missing,
            1,
            "{date}"
        );
        aged.buckets
    };
    let francs = |amounts: [i64; 5]| amounts.map(Amount::from).to_vec();
    assert_eq!(buckets(&ledger, "2026-09-15"), francs([700, 300, 0, 0, 0]));
    assert_eq!(
        buckets(&ledger, "2026-10-15"),
        francs([500, 200, 300, 0, 0])
    );
    // Money settles the earliest part.
    apply(
        &mut ledger,
        1,
        &cash(1, "C1", 350, "2026-09-01", &[("F1", 350)]),
    );
    assert_eq!(buckets(&ledger, "2026-10-15"), francs([500, 150, 0, 0, 0]));
    assert_eq!(
        ledger.invoice("F1").open_lines(day("2026-10-15")),
        [part("2026-10-01", 150), part("2026-10-31", 500)]
    );
    // A ledger whose parts are not the whole: no franc is lost.
    let short = InvoiceRow {
        gross: 1_100.into(),
        net: 1_100.into(),
        instalments: parts,
        ..row("F1", "C1", 1_100, 0)
    };
    ledger.import("2026-10-15", &[short]);
    assert_eq!(buckets(&ledger, "2026-10-15"), francs([500, 200, 50, 0, 0]));
}

#[test]
fn a_client_may_read_end_of_month_the_other_way() {
    let case = &vectors()["terms"];
    let invoiced = day(case["invoice_date"].as_str().expect("a date"));
    let due = |name: &str| {
        let cases = case["cases"].as_array().expect("cases");
        let found = cases
            .iter()
            .find(|case| case["terms"] == name)
            .expect("a case");
        day(found["expected_due"].as_str().expect("a date"))
    };
    let read = Terms::parse("45 jours fin de mois").expect("terms");
    let days_first = read.read_as(EndOfMonth::AfterDays);
    let month_first = read.read_as(EndOfMonth::BeforeDays);
    assert_eq!(
        days_first.due_date(invoiced),
        due("net_45_then_end_of_month")
    );
    assert_eq!(month_first.due_date(invoiced), due("end_of_month_then_45"));
    // What says its order, or has no days, reads the same for everybody.
    for text in [
        "60 jours",
        "Fin de mois",
        "fin de mois + 45 jours",
        "30 jours fin de mois le 10",
    ] {
        let terms = Terms::parse(text).expect("terms");
        assert_eq!(terms.read_as(EndOfMonth::BeforeDays), terms, "{text}");
    }
}
