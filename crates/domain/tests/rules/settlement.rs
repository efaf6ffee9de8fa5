//! How debts end other than by a plain payment, and how they come back (DOMAIN §1.2, §2.6, §3).

use crate::support::{
    Ledger, bounced, cash, cheque, code, day, fact_id, number, offset, reallocated, row, waived,
};
use tournee_domain::allocation::use_credits;
use tournee_domain::dossier::InvoiceKind;
use tournee_domain::fact::{CreditSource, DoubleDecision, Flag, PaymentReversed, Waiver};
use tournee_domain::pack::MethodKind;
use tournee_domain::statement::InvoiceRow;
use tournee_domain::{Amount, Currency, FactBody};

pub fn open(ledger: &Ledger, invoice: &str) -> Amount {
    ledger.invoice(invoice).open()
}

fn open_on(ledger: &Ledger, invoice: &str, date: &str) -> Amount {
    ledger.invoice(invoice).open_as_of(day(date))
}

fn on_account(ledger: &Ledger, date: &str) -> Amount {
    ledger.dossier("C1").balances(day(date))[&Currency::XOF].on_account
}

fn net(ledger: &Ledger, date: &str) -> Amount {
    ledger.dossier("C1").balances(day(date))[&Currency::XOF].net
}

/// `F1` of 1 000 and `F2` of 500, and a credit note `A1` of 300.
pub fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    let rows = [
        row("F1", "C1", 1_000, 0),
        row("F2", "C1", 500, 0),
        row("A1", "C1", -300, 0),
    ];
    ledger.import("2026-10-31", &rows);
    ledger
}

/// Applies it twice: a fact that comes again changes nothing.
pub fn apply(ledger: &mut Ledger, n: u128, body: &FactBody) -> Vec<Flag> {
    let flags = ledger.apply(n, body);
    let once = ledger.dossiers.clone();
    ledger.apply(n, body);
    assert_eq!(ledger.dossiers, once, "applied again: {body:?}");
    flags
}

/// A ceiling is of a debt: all payments by one method together, as far as they stand (DOMAIN §5).
#[test]
fn payments_by_one_method_add_up_on_a_debt() {
    let mut ledger = ledger();
    let lines = &[("F1", 300), ("F2", 100)];
    apply(&mut ledger, 1, &cash(1, "C1", 400, "2026-11-03", lines));
    apply(
        &mut ledger,
        2,
        &cash(2, "C1", 200, "2026-11-04", &[("F1", 200)]),
    );
    apply(
        &mut ledger,
        3,
        &cheque(3, "C1", 250, "2026-11-05", &[("F1", 250)]),
    );
    let paid = |ledger: &Ledger, invoice: &str, method| {
        ledger.dossier("C1").paid_on(&number(invoice), method)
    };
    assert_eq!(paid(&ledger, "F1", MethodKind::Cash), 500.into());
    assert_eq!(paid(&ledger, "F2", MethodKind::Cash), 100.into());
    assert_eq!(paid(&ledger, "F1", MethodKind::Cheque), 250.into());
    assert_eq!(paid(&ledger, "F9", MethodKind::Cash), 0.into());
    apply(&mut ledger, 4, &bounced(3, "2026-11-10"));
    assert_eq!(paid(&ledger, "F1", MethodKind::Cheque), 0.into());
    let back = reallocated(2, "2026-11-11", &[("F1", 150)], &[]);
    apply(&mut ledger, 5, &back);
    assert_eq!(paid(&ledger, "F1", MethodKind::Cash), 350.into());
}

#[test]
fn a_bounced_cheque_is_owed_again_from_that_day() {
    let mut ledger = ledger();
    let due = ledger.invoice("F1").due_date;
    apply(
        &mut ledger,
        1,
        &cheque(1, "C1", 700, "2026-11-03", &[("F1", 600)]),
    );
    assert_eq!(
        (open(&ledger, "F1"), net(&ledger, "2026-11-05")),
        (400.into(), 500.into())
    );
    assert_eq!(apply(&mut ledger, 2, &bounced(1, "2026-11-10")), vec![]);

    assert_eq!(
        (open(&ledger, "F1"), ledger.invoice("F1").due_date),
        (1_000.into(), due)
    );
    let days = [
        ("2026-11-02", 1_000, 0, 1_200),
        ("2026-11-03", 400, 100, 500),
        ("2026-11-09", 400, 100, 500),
        ("2026-11-10", 1_000, 0, 1_200),
    ];
    for (date, owed, account, balance) in days {
        assert_eq!(open_on(&ledger, "F1", date), owed.into(), "{date}");
        assert_eq!(on_account(&ledger, date), account.into(), "{date}");
        assert_eq!(net(&ledger, date), balance.into(), "{date}");
    }
    let payment = &ledger.dossier("C1").payments[0];
    let bounce = payment.bounced.as_ref().expect("is marked");
    assert_eq!(
        (payment.amount, bounce.reason.as_str()),
        (700.into(), "Provision insuffisante")
    );

    // Nothing more can be done with it.
    let already = vec![Flag::AlreadyReversed];
    assert_eq!(apply(&mut ledger, 3, &bounced(1, "2026-11-12")), already);
    assert_eq!(
        apply(
            &mut ledger,
            4,
            &reallocated(1, "2026-11-12", &[], &[("F2", 1)])
        ),
        already
    );
    let reversal = FactBody::PaymentReversed(PaymentReversed {
        client: code("C1"),
        payment: fact_id(1),
        reverses: crate::support::receipt(1),
        receipt: crate::support::receipt(5),
        date: day("2026-11-12"),
        currency: Currency::XOF,
        amount: 700.into(),
        reason: String::new(),
    });
    assert_eq!(apply(&mut ledger, 5, &reversal), already);
    assert_eq!(net(&ledger, "2026-12-31"), 1_200.into());
}

#[test]
fn only_a_known_cheque_bounces() {
    let mut ledger = ledger();
    apply(
        &mut ledger,
        1,
        &cash(1, "C1", 600, "2026-11-03", &[("F1", 600)]),
    );
    for payment in [1, 9] {
        let flags = apply(&mut ledger, 10 + payment, &bounced(payment, "2026-11-10"));
        assert_eq!(flags, vec![Flag::UnknownReference]);
    }
    assert_eq!(open(&ledger, "F1"), 400.into());
}

/// Accounting booked the cheque before it bounced: the debt is back at once, and once only when the ledger follows.
#[test]
fn a_booked_cheque_that_bounces_is_owed_once() {
    let mut ledger = ledger();
    apply(
        &mut ledger,
        1,
        &cheque(1, "C1", 600, "2026-11-03", &[("F1", 600)]),
    );
    ledger.export(&[fact_id(1)]);
    ledger.import("2026-11-05", &[row("F1", "C1", 1_000, 600)]);
    apply(&mut ledger, 2, &bounced(1, "2026-11-10"));
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
    assert_eq!(open_on(&ledger, "F1", "2026-11-09"), 400.into());
    ledger.import("2026-11-12", &[row("F1", "C1", 1_000, 600)]);
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 0)]);
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
}

/// It left for accounting, was undone in the field, and the ledger booked it all the same.
#[test]
fn an_undone_link_that_the_ledger_books_is_a_possible_double() {
    let mut ledger = ledger();
    apply(
        &mut ledger,
        1,
        &cash(1, "C1", 600, "2026-11-03", &[("F1", 600)]),
    );
    ledger.export(&[fact_id(1)]);
    let undo = reallocated(1, "2026-11-04", &[("F1", 600)], &[("F2", 500)]);
    assert_eq!(apply(&mut ledger, 2, &undo), vec![]);
    ledger.import("2026-11-05", &[row("F1", "C1", 1_000, 600)]);
    assert_eq!(ledger.state("F1"), (400.into(), true));
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
    ledger.import("2026-11-08", &[row("F1", "C1", 1_000, 0)]);
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
}

#[test]
fn money_on_account_is_used_and_comes_back() {
    let mut ledger = ledger();
    apply(
        &mut ledger,
        1,
        &cash(1, "C1", 700, "2026-11-03", &[("F1", 400)]),
    );
    let before = ledger.dossier("C1").clone();
    let to_use = reallocated(1, "2026-11-05", &[], &[("F2", 300)]);
    assert_eq!(apply(&mut ledger, 2, &to_use), vec![]);
    assert_eq!(
        (open(&ledger, "F2"), on_account(&ledger, "2026-11-05")),
        (200.into(), Amount::ZERO)
    );
    assert_eq!(
        (
            open_on(&ledger, "F2", "2026-11-04"),
            on_account(&ledger, "2026-11-04")
        ),
        (500.into(), 300.into())
    );
    assert_eq!(
        net(&ledger, "2026-11-04"),
        net(&ledger, "2026-11-05"),
        "the client owes the same"
    );

    // Undone on the same day, it leaves no trace on the invoices.
    let back = reallocated(1, "2026-11-05", &[("F2", 300)], &[]);
    assert_eq!(apply(&mut ledger, 3, &back), vec![]);
    let after = ledger.dossier("C1");
    assert_eq!(after.invoices, before.invoices);
    assert_eq!(after.payments[0].on_account, before.payments[0].on_account);

    // From one invoice to the other, in one fact.
    let moved = reallocated(1, "2026-11-06", &[("F1", 400)], &[("F2", 500)]);
    assert_eq!(apply(&mut ledger, 4, &moved), vec![]);
    assert_eq!(
        (open(&ledger, "F1"), open(&ledger, "F2")),
        (1_000.into(), Amount::ZERO)
    );
    assert_eq!(on_account(&ledger, "2026-11-06"), 200.into());
    assert_eq!(open_on(&ledger, "F1", "2026-11-05"), 600.into());
}

#[test]
fn no_more_moves_than_there_is() {
    let mut ledger = ledger();
    apply(
        &mut ledger,
        1,
        &cash(1, "C1", 700, "2026-11-03", &[("F1", 400)]),
    );
    let over = vec![Flag::OverAllocated];
    for (n, released, allocated, flags, f1, f2, account) in [
        (2, vec![("F1", 500)], vec![], &over, 1_000, 500, 700),
        (3, vec![], vec![("F2", 600)], &over, 1_000, 0, 200),
        (4, vec![], vec![("F1", 300)], &over, 800, 0, 0),
        (
            5,
            vec![("F2", 1)],
            vec![("F9", 1)],
            &vec![Flag::UnknownInvoice],
            800,
            1,
            1,
        ),
        (
            6,
            vec![("F2", -1)],
            vec![],
            &vec![Flag::AmountInvalid],
            800,
            1,
            1,
        ),
        (
            7,
            vec![],
            vec![("A1", 1)],
            &vec![Flag::CurrencyMismatch],
            800,
            1,
            1,
        ),
    ] {
        let body = reallocated(1, "2026-11-04", &released, &allocated);
        assert_eq!(&apply(&mut ledger, n, &body), flags, "fact {n}");
        assert_eq!(
            (open(&ledger, "F1"), open(&ledger, "F2")),
            (f1.into(), f2.into()),
            "fact {n}"
        );
        assert_eq!(
            on_account(&ledger, "2026-11-04"),
            account.into(),
            "fact {n}"
        );
    }
    let unknown = reallocated(9, "2026-11-04", &[], &[("F1", 1)]);
    assert_eq!(
        apply(&mut ledger, 8, &unknown),
        vec![Flag::UnknownReference]
    );
}

#[test]
fn a_credit_note_settles_invoices_and_is_used_up() {
    let mut ledger = ledger();
    assert_eq!(
        apply(
            &mut ledger,
            1,
            &offset("A1", "2026-11-05", &[], &[("F2", 120)])
        ),
        vec![]
    );
    assert_eq!(
        (open(&ledger, "A1"), open(&ledger, "F2")),
        ((-180).into(), 380.into())
    );
    assert_eq!(
        (
            open_on(&ledger, "A1", "2026-11-04"),
            open_on(&ledger, "F2", "2026-11-04")
        ),
        ((-300).into(), 500.into())
    );
    assert_eq!(net(&ledger, "2026-11-04"), net(&ledger, "2026-11-05"));

    let too_much = offset("A1", "2026-11-06", &[], &[("F1", 200)]);
    assert_eq!(apply(&mut ledger, 2, &too_much), vec![Flag::OverAllocated]);
    assert_eq!(
        (open(&ledger, "A1"), open(&ledger, "F1")),
        (Amount::ZERO, 820.into())
    );
    assert_eq!(
        apply(
            &mut ledger,
            3,
            &offset("A1", "2026-11-07", &[("F2", 120)], &[])
        ),
        vec![]
    );
    assert_eq!(
        (open(&ledger, "A1"), open(&ledger, "F2")),
        ((-120).into(), 500.into())
    );
    let more = offset("A1", "2026-11-07", &[("F2", 1)], &[]);
    assert_eq!(apply(&mut ledger, 4, &more), vec![Flag::OverAllocated]);
    assert_eq!(
        apply(
            &mut ledger,
            5,
            &offset("F1", "2026-11-07", &[], &[("F2", 1)])
        ),
        vec![Flag::AmountInvalid]
    );

    // The ledger matches the same two: nothing counts twice, and a ledger that takes it back owes it again.
    let matched = [row("F1", "C1", 1_000, 180), row("A1", "C1", -300, -180)];
    ledger.import("2026-11-10", &matched);
    assert_eq!(
        (open(&ledger, "A1"), ledger.state("F1")),
        ((-120).into(), (820.into(), false))
    );
    ledger.import(
        "2026-11-11",
        &[row("F1", "C1", 1_000, 0), row("A1", "C1", -300, 0)],
    );
    assert_eq!(
        (open(&ledger, "A1"), ledger.state("F1")),
        ((-120).into(), (820.into(), false))
    );
}

#[test]
fn existing_credit_is_proposed_oldest_first() {
    let mut ledger = ledger();
    apply(&mut ledger, 1, &cash(1, "C1", 1_100, "2026-08-15", &[]));
    let dossier = ledger.dossier("C1");
    let credits = dossier.open_credits(Currency::XOF);
    let told: Vec<_> = credits
        .iter()
        .map(|credit| (credit.date.to_string(), credit.open))
        .collect();
    assert_eq!(
        told,
        [
            ("2026-08-15".to_owned(), 1_100.into()),
            ("2026-09-01".to_owned(), 300.into())
        ]
    );
    let uses = use_credits(&credits, &dossier.open_items(Currency::XOF));
    let lines: Vec<_> = uses
        .iter()
        .flat_map(|used| {
            used.allocations
                .iter()
                .map(|a| (used.source.clone(), a.invoice.to_string(), a.amount))
        })
        .collect();
    let cash = CreditSource::Payment {
        payment: fact_id(1),
    };
    let note = CreditSource::CreditNote {
        number: number("A1"),
    };
    let expected = [
        (cash.clone(), "F1".to_owned(), 1_000.into()),
        (cash, "F2".to_owned(), 100.into()),
        (note, "F2".to_owned(), 300.into()),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_is_let_go_is_not_owed_and_not_counted_twice() {
    let mut ledger = ledger();
    let early = waived("F1", "2026-11-05", Waiver::EarlyPayment, 20, 3);
    assert_eq!(apply(&mut ledger, 1, &early), vec![]);
    apply(
        &mut ledger,
        2,
        &cash(2, "C1", 980, "2026-11-05", &[("F1", 980)]),
    );
    assert_eq!(open(&ledger, "F1"), Amount::ZERO);
    assert_eq!(open_on(&ledger, "F1", "2026-11-04"), 1_000.into());

    let small = |n: u128, francs| {
        (
            n,
            waived("F2", "2026-11-06", Waiver::SmallDifference, francs, 0),
        )
    };
    for ((n, body), flags, owed) in [
        (small(3, 4), vec![], 496),
        (small(4, 497), vec![Flag::OverAllocated], 496),
        (small(5, -5), vec![Flag::OverAllocated], 496),
        (small(6, -4), vec![], 500),
        (small(7, 0), vec![Flag::AmountInvalid], 500),
        (
            (8, waived("F2", "2026-11-06", Waiver::EarlyPayment, 5, 6)),
            vec![Flag::AmountInvalid],
            500,
        ),
        (
            (9, waived("F9", "2026-11-06", Waiver::EarlyPayment, 5, 0)),
            vec![Flag::UnknownInvoice],
            500,
        ),
    ] {
        assert_eq!(apply(&mut ledger, n, &body), flags, "fact {n}");
        assert_eq!(open(&ledger, "F2"), owed.into(), "fact {n}");
    }

    // Accounting books payment and discount together.
    ledger.export(&[fact_id(2)]);
    ledger.import("2026-11-10", &[row("F1", "C1", 1_000, 1_000)]);
    assert_eq!(ledger.state("F1"), (Amount::ZERO, false));
    ledger.import("2026-11-11", &[row("F1", "C1", 1_000, 980)]);
    assert_eq!(ledger.state("F1"), (Amount::ZERO, false));
}

#[test]
fn a_down_payment_waits_on_account_for_its_invoice() {
    let mut ledger = ledger();
    let FactBody::Payment(mut payment) = cash(1, "C1", 200, "2026-08-01", &[]) else {
        unreachable!()
    };
    payment.down_payment = Some("DEV-2026-031".into());
    apply(&mut ledger, 1, &FactBody::Payment(payment));
    assert_eq!(
        ledger.dossier("C1").payments[0].down_payment.as_deref(),
        Some("DEV-2026-031")
    );
    assert_eq!(on_account(&ledger, "2026-08-31"), 200.into());
    let asked = InvoiceRow {
        kind: InvoiceKind::DownPayment,
        ..row("FAC1", "C1", 150, 0)
    };
    ledger.import("2026-11-01", &[asked]);
    assert_eq!(open(&ledger, "FAC1"), 150.into(), "asked for, it is owed");
    apply(
        &mut ledger,
        2,
        &reallocated(1, "2026-11-02", &[], &[("F2", 200)]),
    );
    assert_eq!(
        (open(&ledger, "F2"), on_account(&ledger, "2026-11-02")),
        (300.into(), Amount::ZERO)
    );
}
