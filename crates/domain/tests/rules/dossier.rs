//! Facts change one dossier.

use crate::support::{
    Ledger, authored, cash, client, code, day, discharged, fact_id, number, payment, receipt,
    refused, row, slip_return, transfer, visit,
};
use tournee_domain::dossier::{DischargeState, EVENTS_MAX, EventKind, SlipState};
use tournee_domain::fact::{Flag, PaymentMethod, ReceiptSigned};
use tournee_domain::{Amount, Currency, Dossier, FactBody};

fn net(ledger: &Ledger) -> Amount {
    ledger.dossier("C1").balances(day("2026-12-31"))[&Currency::XOF].net
}

/// Applies `body` to a client who owes 1 000 on `F1`, and says: flags, open of `F1`, on account, net.
fn check(body: &FactBody) -> (Vec<Flag>, Amount, Amount, Amount) {
    let mut ledger = Ledger::with_one_invoice();
    let flags = ledger.apply(50, body);
    let on_account = ledger
        .dossier("C1")
        .payments
        .iter()
        .map(|payment| payment.on_account)
        .sum();
    (flags, ledger.invoice("F1").open(), on_account, net(&ledger))
}

fn expected(
    flags: &[Flag],
    open: i64,
    on_account: i64,
    net: i64,
) -> (Vec<Flag>, Amount, Amount, Amount) {
    (flags.to_vec(), open.into(), on_account.into(), net.into())
}

#[test]
fn a_payment_reduces_its_invoices_and_the_rest_stays_on_account() {
    let body = cash(50, "C1", 700, "2026-11-02", &[("F1", 400)]);
    assert_eq!(check(&body), expected(&[], 600, 300, 300));
}

#[test]
fn money_that_makes_no_sense_is_kept_and_flagged() {
    let unknown = cash(50, "C1", 700, "2026-11-02", &[("F1", 400), ("F9", 300)]);
    assert_eq!(
        check(&unknown),
        expected(&[Flag::UnknownInvoice], 600, 300, 300)
    );
    let more_than_open = cash(50, "C1", 1_200, "2026-11-02", &[("F1", 1_200)]);
    assert_eq!(
        check(&more_than_open),
        expected(&[Flag::OverAllocated], -200, 0, -200)
    );
    let more_than_paid = cash(50, "C1", 300, "2026-11-02", &[("F1", 500)]);
    assert_eq!(
        check(&more_than_paid),
        expected(&[Flag::OverAllocated], 700, 0, 700)
    );
    let nothing_left = cash(50, "C1", 300, "2026-11-02", &[("F1", 300), ("F1", 5)]);
    assert_eq!(
        check(&nothing_left),
        expected(&[Flag::OverAllocated], 700, 0, 700)
    );
    let negative = cash(50, "C1", 300, "2026-11-02", &[("F1", -100)]);
    assert_eq!(
        check(&negative),
        expected(&[Flag::AmountInvalid], 1_000, 300, 700)
    );
    let twice = cash(50, "C1", 300, "2026-11-02", &[("F1", 100), ("F1", 200)]);
    assert_eq!(check(&twice), expected(&[], 700, 0, 700));
}

#[test]
fn an_amount_that_cannot_be_has_no_effect_but_stays_in_the_timeline() {
    let method = PaymentMethod::Cash {
        denominations: Vec::new(),
    };
    for text in ["0", "-5", "0.5"] {
        let amount = text.parse().expect("an amount");
        let body = FactBody::Payment(payment(
            50,
            "C1",
            amount,
            "2026-11-02",
            &[("F1", 1)],
            method.clone(),
        ));
        assert_eq!(
            check(&body),
            expected(&[Flag::AmountInvalid], 1_000, 0, 1_000),
            "{text}"
        );
        let mut ledger = Ledger::with_one_invoice();
        ledger.apply(50, &body);
        assert!(matches!(
            ledger.dossier("C1").events[0].what,
            EventKind::Payment { .. }
        ));
    }
}

#[test]
fn a_payment_in_another_currency_stays_on_account_in_its_own() {
    let mut ledger = Ledger::with_one_invoice();
    let mut euros = payment(
        50,
        "C1",
        10.into(),
        "2026-11-02",
        &[("F1", 10)],
        PaymentMethod::Cash {
            denominations: vec![],
        },
    );
    euros.currency = Currency::EUR;
    assert_eq!(
        ledger.apply(50, &FactBody::Payment(euros)),
        [Flag::CurrencyMismatch]
    );
    let balances = ledger.dossier("C1").balances(day("2026-11-30"));
    assert_eq!(balances[&Currency::XOF].net, Amount::from(1_000));
    assert_eq!(balances[&Currency::EUR].net, Amount::from(-10));
}

#[test]
fn an_announced_transfer_is_recorded_and_reduces_nothing() {
    let body = transfer(50, "C1", 700, "2026-11-02", &[("F1", 400)]);
    assert_eq!(check(&body), expected(&[], 1_000, 300, 1_000));
}

#[test]
fn a_fact_about_another_client_changes_nothing() {
    let mut dossier = Dossier::new(client("C1"));
    let before = dossier.clone();
    assert_eq!(
        dossier.apply(&authored(1), &visit("C2", "")),
        [Flag::UnknownClient]
    );
    assert_eq!(dossier, before);
}

#[test]
fn a_signature_names_a_payment_of_this_client() {
    let mut ledger = Ledger::with_one_invoice();
    let (paid, _) = ledger.pay(100, "2026-11-02");
    let signed = |payment| {
        FactBody::ReceiptSigned(ReceiptSigned {
            client: code("C1"),
            payment,
            receipt: receipt(1),
            signatures: Vec::new(),
            refusal: Some("Absent".into()),
        })
    };
    assert_eq!(ledger.apply(60, &signed(paid)), []);
    assert_eq!(
        ledger.apply(61, &signed(fact_id(99))),
        [Flag::UnknownReference]
    );
}

#[test]
fn the_latest_word_on_a_discharge_stands_whatever_the_order() {
    let facts = [
        (60, discharged("F1", "2026-11-05")),
        (61, refused("F1", "2026-11-05")),
        (62, discharged("F1", "2026-11-03")),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let mut ledger = Ledger::with_one_invoice();
        for i in order {
            assert_eq!(ledger.apply(facts[i].0, &facts[i].1), []);
        }
        let DischargeState::Refused { fact, .. } = ledger.invoice("F1").discharge else {
            panic!("{order:?}: {:?}", ledger.invoice("F1").discharge)
        };
        assert_eq!(fact, fact_id(61));
    }
    assert_eq!(
        Ledger::with_one_invoice().apply(60, &discharged("F9", "2026-11-05")),
        [Flag::UnknownInvoice]
    );
}

#[test]
fn a_slip_comes_back_once_and_another_one_is_flagged() {
    let mut ledger = Ledger::default();
    let mut listed = row("F1", "C1", 1_000, 0);
    listed.slip = "BL48213".into();
    ledger.import("2026-10-31", &[listed]);
    assert_eq!(
        ledger.apply(60, &slip_return("F1", "BL99", "2026-11-02")),
        [Flag::UnknownReference]
    );
    assert_eq!(
        ledger.invoice("F1").slip,
        SlipState::Expected {
            slip: "BL48213".into()
        }
    );
    assert_eq!(
        ledger.apply(61, &slip_return("F1", "bl48213", "2026-11-03")),
        []
    );
    assert_eq!(
        ledger.apply(62, &slip_return("F1", "BL48213", "2026-11-02")),
        []
    );
    let SlipState::Returned { fact, .. } = ledger.invoice("F1").slip else {
        panic!("not returned")
    };
    assert_eq!(fact, fact_id(61));
    assert_eq!(
        ledger.apply(63, &slip_return("F1", "BL99", "2026-11-04")),
        [Flag::UnknownReference]
    );
    // The ledger named no slip for F2: what came back is kept.
    ledger.import("2026-10-31", &[row("F2", "C1", 1_000, 0)]);
    assert_eq!(
        ledger.apply(64, &slip_return("F2", "BL7", "2026-11-02")),
        []
    );
    assert!(matches!(
        ledger.invoice("F2").slip,
        SlipState::Returned { .. }
    ));
}

#[test]
fn the_timeline_keeps_the_newest_events_first_and_old_facts_change_nothing_again() {
    let mut ledger = Ledger::with_one_invoice();
    let paid = cash(2, "C1", 100, "2026-11-02", &[("F1", 100)]);
    ledger.apply(2, &paid);
    ledger.apply(3, &discharged("F1", "2026-11-02"));
    ledger.apply(4, &visit("C1", "first"));
    let newest = 10 + EVENTS_MAX as u128;
    // Every second one first: the order of coming leaves no trace.
    for n in (10..newest).step_by(2).chain((11..newest).step_by(2)) {
        ledger.apply(n, &visit("C1", "later"));
    }
    let dossier = ledger.dossier("C1").clone();
    assert_eq!(dossier.events.len(), EVENTS_MAX);
    assert_eq!(dossier.events[0].id, fact_id(newest - 1));
    assert!(
        dossier
            .events
            .windows(2)
            .all(|pair| pair[0].at > pair[1].at)
    );
    assert!(
        dossier.events.iter().all(|event| event.id != fact_id(2)),
        "the payment has left the timeline"
    );
    for (n, body) in [
        (2, paid),
        (3, discharged("F1", "2026-11-02")),
        (4, visit("C1", "first")),
    ] {
        assert_eq!(ledger.apply(n, &body), [], "{n}");
    }
    assert_eq!(*ledger.dossier("C1"), dossier);
}

#[test]
fn export_marks_payments_and_allocations_once() {
    let mut ledger = Ledger::with_one_invoice();
    let (paid, _) = ledger.pay(100, "2026-11-02");
    let dossier = ledger.dossiers.get_mut(&code("C1")).expect("C1");
    assert!(!dossier.mark_exported(&[fact_id(99)].into()));
    assert!(dossier.mark_exported(&[paid].into()));
    assert!(dossier.payments[0].exported && dossier.invoices[0].allocations[0].exported);
    assert!(!dossier.mark_exported(&[paid].into()));
    assert_eq!(dossier.invoices[0].number, number("F1"));
}
