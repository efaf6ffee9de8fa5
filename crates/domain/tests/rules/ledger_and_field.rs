//! Nothing counted twice (DOMAIN §2.6): *Réglé* of one invoice against the field's payments.

use crate::support::{Ledger, amount, cash, day, number, receipt, row, transfer, vectors};
use tournee_domain::Amount;
use tournee_domain::dossier::InvoiceKind;
use tournee_domain::fact::{DoubleDecision, Flag};

fn francs(n: i64) -> Amount {
    n.into()
}

#[test]
fn the_vectors_hold() {
    let vectors = &vectors()["ledger_and_field"];
    let units = |value: &serde_json::Value| {
        amount(value)
            .to_string()
            .parse::<i64>()
            .expect("whole francs")
    };
    let (gross, paid) = (
        units(&vectors["gross"]),
        units(&vectors["field_allocation"]),
    );
    let cases = vectors["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 7);
    for case in cases {
        let mut ledger = Ledger::default();
        ledger.import("2026-10-31", &[row("F1", "C1", gross, 0)]);
        let (payment, _) = ledger.pay(paid, "2026-11-06");
        if case["exported"] == true {
            ledger.export(&[payment]);
        }
        if !case["settled"].is_null() {
            ledger.import(
                "2026-11-14",
                &[row("F1", "C1", gross, units(&case["settled"]))],
            );
        }
        if case["resolved"] == "same_money" {
            assert!(ledger.decide(DoubleDecision::SameMoney).is_empty());
        }
        let expected = (
            amount(&case["expected_open"]),
            case["flag"] == "possible_double",
        );
        assert_eq!(ledger.state("F1"), expected, "{case}");
    }
}

#[test]
fn a_statement_as_of_the_payments_day_leaves_the_rest_unbooked() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2026-11-06");
    ledger.export(&[payment]);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 250)]);
    assert_eq!(ledger.invoice("F1").allocations[0].unbooked(), francs(150));
    // The rest is booked by the next one; only then is an increase unexplained.
    ledger.import("2026-11-30", &[row("F1", "C1", 1_000, 450)]);
    assert_eq!(ledger.invoice("F1").allocations[0].unbooked(), francs(0));
    assert_eq!(ledger.invoice("F1").unexplained, francs(50));
    assert_eq!(ledger.state("F1"), (francs(550), false));
}

#[test]
fn the_oldest_exported_allocation_is_booked_first() {
    let mut ledger = Ledger::with_one_invoice();
    let (newer, _) = ledger.pay(300, "2026-11-08");
    let (older, _) = ledger.pay(200, "2026-11-05");
    ledger.export(&[newer, older]);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 250)]);
    let booked: Vec<_> = ledger
        .invoice("F1")
        .allocations
        .iter()
        .map(|a| (a.payment, a.booked))
        .collect();
    assert_eq!(booked, [(older, francs(200)), (newer, francs(50))]);
    assert_eq!(ledger.state("F1"), (francs(500), false));
}

#[test]
fn receipt_numbers_of_the_row_say_which_allocations_are_booked() {
    let mut ledger = Ledger::with_one_invoice();
    let (older, _) = ledger.pay(200, "2026-11-05");
    let (newer, _) = ledger.pay(300, "2026-11-08");
    ledger.export(&[older, newer]);
    let named = ledger.invoice("F1").allocations[1].receipt.clone();
    let mut listed = row("F1", "C1", 1_000, 300);
    listed.receipts = vec![named];
    ledger.import("2026-11-14", &[listed]);
    let booked: Vec<_> = ledger
        .invoice("F1")
        .allocations
        .iter()
        .map(|a| a.booked)
        .collect();
    assert_eq!(booked, [francs(0), francs(300)]);
    assert_eq!(ledger.state("F1"), (francs(500), false));
}

#[test]
fn a_receipt_the_row_names_is_booked_although_it_was_never_exported() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-05");
    let mut listed = row("F1", "C1", 1_000, 400);
    listed.receipts = vec![ledger.invoice("F1").allocations[0].receipt.clone()];
    ledger.import("2026-11-14", &[listed]);
    assert_eq!(ledger.state("F1"), (francs(600), false));
}

#[test]
fn money_under_other_receipts_is_unexplained() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2026-11-05");
    ledger.export(&[payment]);
    let mut listed = row("F1", "C1", 1_000, 400);
    listed.receipts = vec![receipt(99)];
    let report = ledger.import("2026-11-14", &[listed]);
    assert_eq!(
        ledger.state("F1"),
        (francs(200), true),
        "both stand, and somebody looks"
    );
    assert_eq!(report.flagged_possible_double, [number("F1")]);
}

#[test]
fn what_the_office_received_itself_is_flagged_only_beside_an_unexported_payment() {
    let mut ledger = Ledger::with_one_invoice();
    let report = ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    assert_eq!(
        (ledger.state("F1"), report.flagged_possible_double.len()),
        ((francs(600), false), 0)
    );

    let mut ledger = Ledger::with_one_invoice();
    let n = ledger.next_fact();
    ledger.apply(n, &transfer(n, "C1", 400, "2026-11-06", &[("F1", 400)]));
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    assert_eq!(
        ledger.state("F1"),
        (francs(600), false),
        "an announced transfer does not count yet"
    );
}

#[test]
fn an_exported_transfer_is_booked_after_money_that_was_received() {
    let mut ledger = Ledger::with_one_invoice();
    let n = ledger.next_fact();
    ledger.apply(n, &transfer(n, "C1", 400, "2026-11-02", &[("F1", 400)]));
    let (paid, _) = ledger.pay(300, "2026-11-08");
    ledger.export(&[crate::support::fact_id(n), paid]);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 300)]);
    assert_eq!(ledger.state("F1"), (francs(700), false));
    ledger.import("2026-11-15", &[row("F1", "C1", 1_000, 700)]);
    assert_eq!(ledger.state("F1"), (francs(300), false));
    assert_eq!(ledger.invoice("F1").unexplained, francs(0));
    // And un-booked before it.
    ledger.import("2026-11-16", &[row("F1", "C1", 1_000, 300)]);
    assert_eq!(ledger.state("F1"), (francs(700), false));
}

#[test]
fn two_payments_stand_and_the_same_statement_does_not_ask_again() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-06");
    let statement = [row("F1", "C1", 1_000, 400)];
    assert_eq!(
        ledger
            .import("2026-11-14", &statement)
            .flagged_possible_double,
        [number("F1")]
    );
    ledger.decide(DoubleDecision::TwoPayments);
    assert_eq!(ledger.state("F1"), (francs(200), false));
    let again = ledger.import("2026-11-14", &statement);
    assert!(
        again.flagged_possible_double.is_empty() && again.changed.is_empty(),
        "{again:?}"
    );
    assert_eq!(ledger.state("F1"), (francs(200), false));
    // A new increase is a new question, and only about the new money.
    ledger.import("2026-11-20", &[row("F1", "C1", 1_000, 500)]);
    assert_eq!(ledger.state("F1"), (francs(100), true));
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (francs(200), false));
}

#[test]
fn the_same_money_is_booked_up_to_what_is_unexplained() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-06");
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 150)]);
    assert_eq!(ledger.state("F1"), (francs(450), true));
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (francs(600), false));
    assert_eq!(ledger.invoice("F1").allocations[0].booked, francs(150));

    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-06");
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 700)]);
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (francs(300), false));
    assert_eq!(ledger.invoice("F1").unexplained, francs(300));
}

#[test]
fn a_decision_exported_meanwhile_still_counts_once() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2026-11-06");
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    ledger.export(&[payment]);
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (francs(600), false));
}

#[test]
fn a_decision_applies_once_and_only_to_a_flag() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.import("2026-11-03", &[row("F1", "C1", 1_000, 100)]);
    ledger.pay(50, "2026-11-04");
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(
        ledger.state("F1"),
        (francs(850), false),
        "a payment of the day after is no question"
    );

    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-06");
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    let n = ledger.next_fact();
    let decision = tournee_domain::FactBody::DoubleResolved(tournee_domain::fact::DoubleResolved {
        client: crate::support::code("C1"),
        invoice: number("F1"),
        decision: DoubleDecision::TwoPayments,
        comment: String::new(),
    });
    ledger.apply(n, &decision);
    ledger.import("2026-11-20", &[row("F1", "C1", 1_000, 500)]);
    assert_eq!(ledger.state("F1"), (francs(100), true));
    ledger.apply(n, &decision);
    assert_eq!(
        ledger.state("F1"),
        (francs(100), true),
        "an old decision says nothing about new money"
    );
}

#[test]
fn a_fall_takes_unexplained_money_first_and_then_unbooks_the_newest() {
    let mut ledger = Ledger::with_one_invoice();
    let (older, _) = ledger.pay(200, "2026-11-05");
    let (newer, _) = ledger.pay(300, "2026-11-08");
    ledger.export(&[older, newer]);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 600)]);
    assert_eq!(ledger.invoice("F1").unexplained, francs(100));
    let after_fall = |settled: i64| {
        let mut ledger = ledger.clone();
        ledger.import("2026-11-20", &[row("F1", "C1", 1_000, settled)]);
        let invoice = ledger.invoice("F1");
        (
            invoice.unexplained,
            invoice
                .allocations
                .iter()
                .map(|a| a.booked)
                .collect::<Vec<_>>(),
            invoice.open(),
        )
    };
    assert_eq!(
        after_fall(550),
        (francs(50), vec![francs(200), francs(300)], francs(450))
    );
    assert_eq!(
        after_fall(400),
        (francs(0), vec![francs(200), francs(200)], francs(500))
    );
    assert_eq!(
        after_fall(100),
        (francs(0), vec![francs(100), francs(0)], francs(500))
    );
}

#[test]
fn a_fall_after_two_payments_takes_back_the_offices_before_the_fields() {
    let mut ledger = Ledger::with_one_invoice();
    let (exported, _) = ledger.pay(300, "2026-11-05");
    ledger.export(&[exported]);
    ledger.pay(200, "2026-11-06");
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 500)]);
    ledger.decide(DoubleDecision::TwoPayments);
    assert_eq!(ledger.state("F1"), (francs(300), false));
    ledger.import("2026-11-20", &[row("F1", "C1", 1_000, 300)]);
    assert_eq!(
        ledger.state("F1"),
        (francs(500), false),
        "300 booked, 200 in the field"
    );
}

#[test]
fn a_fall_that_takes_back_all_unexplained_money_takes_back_the_question() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-06");
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    ledger.import("2026-11-20", &[row("F1", "C1", 1_000, 0)]);
    assert_eq!(ledger.state("F1"), (francs(600), false));
}

#[test]
fn a_payment_that_arrives_after_the_statement_is_flagged_only_if_it_is_of_its_time() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    let (_, flags) = ledger.clone().pay(400, "2026-11-15");
    assert!(flags.is_empty(), "a payment of the day after is ordinary");
    let (_, flags) = ledger.pay(400, "2026-11-14");
    assert_eq!(flags, [Flag::PossibleDouble]);
    assert_eq!(ledger.state("F1"), (francs(200), true));
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (francs(600), false));

    // What was settled when the invoice first came was known to the collector.
    let mut ledger = Ledger::default();
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    assert!(ledger.pay(100, "2026-11-14").1.is_empty());
}

#[test]
fn a_credit_note_used_up_explains_nothing_and_is_never_flagged() {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &[row("A1", "C1", -500, 0)]);
    assert_eq!(ledger.invoice("A1").kind, InvoiceKind::CreditNote);
    assert_eq!(ledger.invoice("A1").open(), francs(-500));
    ledger.import("2026-11-14", &[row("A1", "C1", -500, -200)]);
    assert_eq!(ledger.state("A1"), (francs(-300), false));
    // The offset is undone: nobody paid anything.
    ledger.import("2026-11-20", &[row("A1", "C1", -500, 0)]);
    assert_eq!(ledger.state("A1"), (francs(-500), false));
    assert_eq!(ledger.invoice("A1").unexplained, francs(0));
}

#[test]
fn open_as_of_a_past_day_forgets_what_came_later_even_when_it_is_booked() {
    let mut ledger = Ledger::with_one_invoice();
    let (early, _) = ledger.pay(100, "2026-11-02");
    let (late, _) = ledger.pay(200, "2026-11-08");
    let open_on = |ledger: &Ledger, date: &str| ledger.invoice("F1").open_as_of(day(date));
    let before: Vec<_> = [
        "2026-08-31",
        "2026-11-01",
        "2026-11-02",
        "2026-11-07",
        "2026-11-08",
    ]
    .to_vec();
    let expected = [0, 1_000, 900, 900, 700].map(francs).to_vec();
    assert_eq!(
        before
            .iter()
            .map(|date| open_on(&ledger, date))
            .collect::<Vec<_>>(),
        expected
    );
    ledger.export(&[early, late]);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 300)]);
    assert_eq!(
        before
            .iter()
            .map(|date| open_on(&ledger, date))
            .collect::<Vec<_>>(),
        expected,
        "reproducible"
    );
    let n = ledger.next_fact();
    ledger.apply(n, &cash(n, "C1", 50, "2026-11-20", &[("F1", 50)]));
    assert_eq!(open_on(&ledger, "2026-11-19"), francs(700));
    assert_eq!(open_on(&ledger, "2026-11-20"), francs(650));
}
