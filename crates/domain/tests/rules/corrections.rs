//! Reversals, closings and corrections of the client file (SYNC 6, 28, 31, 32).

use crate::support::{Ledger, amount, cash, client, code, day, fact_id, receipt, row, rows};
use tournee_domain::fact::{
    ClientEditDecided, ClientEditProposed, ClientField, ClosingTotal, DayClosed, DoubleDecision,
    FieldChange, Flag, PaymentRedated, PaymentReversed, ReceiptPrinted, Tally,
};
use tournee_domain::{Amount, Currency, FactBody, FactId};

fn reversal(n: u32, payment: FactId, francs: i64) -> FactBody {
    FactBody::PaymentReversed(PaymentReversed {
        client: code("C1"),
        payment,
        reverses: receipt(1),
        receipt: receipt(n),
        date: day("2026-11-02"),
        currency: Currency::XOF,
        amount: francs.into(),
        reason: "Mauvais client".into(),
    })
}

fn redating(payment: FactId, from: &str, to: &str) -> FactBody {
    FactBody::PaymentRedated(PaymentRedated {
        client: code("C1"),
        payment,
        receipt: receipt(1),
        from: day(from),
        to: day(to),
        reason: "Horloge de l’appareil déréglée".into(),
    })
}

fn net(ledger: &Ledger) -> Amount {
    ledger.dossier("C1").balances(day("2026-12-31"))[&Currency::XOF].net
}

#[test]
fn a_reversed_payment_counts_as_never_taken() {
    let mut ledger = Ledger::with_one_invoice();
    let before = ledger.state("F1");
    let n = ledger.next_fact();
    ledger.apply(n, &cash(n, "C1", 700, "2026-11-01", &[("F1", 400)]));
    assert_eq!(net(&ledger), 300.into());
    let undo = reversal(2, fact_id(n), 700);
    assert_eq!(ledger.apply(50, &undo), vec![]);
    assert_eq!((ledger.state("F1"), net(&ledger)), (before, 1_000.into()));
    assert!(ledger.invoice("F1").allocations.is_empty());
    // The same fact again, and another one for the same payment.
    let after = ledger.dossier("C1").clone();
    assert_eq!(ledger.apply(50, &undo), vec![]);
    assert_eq!(*ledger.dossier("C1"), after);
    assert_eq!(
        ledger.apply(51, &reversal(3, fact_id(n), 700)),
        vec![Flag::AlreadyReversed]
    );
    assert_eq!(net(&ledger), 1_000.into());
}

#[test]
fn a_reversal_that_does_not_fit_is_flagged() {
    let mut ledger = Ledger::with_one_invoice();
    assert_eq!(
        ledger.apply(50, &reversal(2, fact_id(9), 700)),
        vec![Flag::UnknownReference]
    );
    let (payment, _) = ledger.pay(400, "2026-11-01");
    assert_eq!(
        ledger.apply(51, &reversal(2, payment, 500)),
        vec![Flag::AmountInvalid]
    );
    assert_eq!(net(&ledger), 1_000.into(), "what was taken is given back");
}

/// Accounting booked the payment before it was reversed: the debt is back at once, and stays once when the ledger follows.
#[test]
fn what_the_ledger_booked_comes_back_once() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2026-11-01");
    ledger.export(&[payment]);
    ledger.import("2026-11-03", &[row("F1", "C1", 1_000, 400)]);
    assert_eq!(ledger.state("F1").0, 600.into());
    ledger.apply(50, &reversal(2, payment, 400));
    assert_eq!(ledger.state("F1").0, 1_000.into());
    let reversed = ledger.dossier("C1").payments[0].reversed.clone();
    assert!(reversed.expect("is reversed").after_export);
    // The same statement again changes nothing; one without the payment settles the matter.
    ledger.import("2026-11-04", &[row("F1", "C1", 1_000, 400)]);
    assert_eq!(ledger.state("F1").0, 1_000.into());
    ledger.import("2026-11-05", &[row("F1", "C1", 1_000, 0)]);
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
    assert!(ledger.invoice("F1").allocations.is_empty());
}

#[test]
fn a_reversal_takes_the_doubt_of_a_double_with_it() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2026-11-01");
    ledger.import("2026-11-03", &[row("F1", "C1", 1_000, 400)]);
    assert_eq!(ledger.state("F1"), (200.into(), true));
    ledger.apply(50, &reversal(2, payment, 400));
    assert_eq!(ledger.state("F1"), (600.into(), false));
    ledger.decide(DoubleDecision::SameMoney);
    assert_eq!(ledger.state("F1"), (600.into(), false));
}

#[test]
fn two_devices_that_take_the_same_debt_are_a_possible_double() {
    let taken_by = |label: &str| {
        let mut ledger = Ledger::with_one_invoice();
        ledger.pay(1_000, "2026-11-01");
        let FactBody::Payment(mut second) = cash(7, "C1", 1_000, "2026-11-01", &[("F1", 1_000)])
        else {
            unreachable!()
        };
        second.receipt.device_label = label.into();
        let flags = ledger.apply(7, &FactBody::Payment(second));
        (flags, net(&ledger))
    };
    let both = vec![Flag::PossibleDouble, Flag::OverAllocated];
    assert_eq!(taken_by("D02"), (both, (-1_000).into()), "both stand");
    assert_eq!(
        taken_by("D01"),
        (vec![Flag::OverAllocated], (-1_000).into())
    );
}

#[test]
fn printing_again_is_counted_once_a_fact() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2026-11-01");
    let printed = FactBody::ReceiptPrinted(ReceiptPrinted {
        client: code("C1"),
        payment,
        receipt: receipt(1),
    });
    for n in [20, 21, 21] {
        assert_eq!(ledger.apply(n, &printed), vec![]);
    }
    let prints = &ledger.dossier("C1").payments[0].prints;
    assert_eq!(*prints, vec![fact_id(20), fact_id(21)]);
}

#[test]
fn a_closing_says_what_the_facts_since_the_last_one_add_up_to() {
    let mut tally = Tally::default();
    let first = cash(1, "C1", 500, "2026-11-01", &[]);
    let second = cash(2, "C1", 250, "2026-11-01", &[]);
    for body in [&first, &second, &reversal(3, fact_id(2), 250)] {
        tally.count(body);
    }
    let total = |payments, reversals, francs: i64, perpetual: i64| {
        let total = ClosingTotal {
            payments,
            reversals,
            amount: francs.into(),
            perpetual: perpetual.into(),
        };
        [(Currency::XOF, total)].into()
    };
    let closed = tally.closing(day("2026-11-01"), 3, "aa".into());
    let expected = DayClosed {
        date: day("2026-11-01"),
        first_seq: 1,
        last_seq: 3,
        head_hash: "aa".into(),
        receipts: Some((1, 3)),
        totals: total(2, 1, 500, 500),
    };
    assert_eq!(closed, expected);
    tally.count(&FactBody::DayClosed(closed));
    tally.count(&cash(4, "C1", 100, "2026-11-02", &[]));
    let next = tally.closing(day("2026-11-02"), 5, "bb".into());
    assert_eq!(
        (next.first_seq, next.last_seq, next.receipts),
        (4, 5, Some((4, 4)))
    );
    assert_eq!(next.totals, total(1, 0, 100, 600));
}

fn proposal(field: ClientField, from: &str, to: &str) -> FactBody {
    FactBody::ClientEditProposed(ClientEditProposed {
        client: code("C1"),
        changes: vec![FieldChange {
            field,
            from: from.into(),
            to: to.into(),
        }],
        comment: String::new(),
    })
}

fn decision(proposal: FactId, accepted: &[ClientField], refused: &[ClientField]) -> FactBody {
    FactBody::ClientEditDecided(ClientEditDecided {
        client: code("C1"),
        proposal,
        accepted: accepted.to_vec(),
        refused: refused.to_vec(),
        comment: String::new(),
    })
}

#[test]
fn nothing_of_the_client_file_changes_before_the_office_says_so() {
    use ClientField::{City, Detail, Phone};
    let mut ledger = Ledger::with_one_invoice();
    let site = Detail("Chantier".into());
    let proposed = FactBody::ClientEditProposed(ClientEditProposed {
        client: code("C1"),
        changes: [
            (Phone, "", "+227 90"),
            (City, "Niamey", "Arlit"),
            (site.clone(), "", "Km 5"),
        ]
        .map(|(field, from, to)| FieldChange {
            field,
            from: from.into(),
            to: to.into(),
        })
        .to_vec(),
        comment: "Déménagé".into(),
    });
    let before = ledger.dossier("C1").client.clone();
    assert_eq!(ledger.apply(20, &proposed), vec![]);
    assert_eq!(ledger.dossier("C1").client, before);
    ledger.apply(21, &decision(fact_id(20), &[Phone], &[City]));
    let dossier = ledger.dossier("C1");
    assert_eq!(
        (&*dossier.client.phone, &*dossier.client.city),
        ("+227 90", "Niamey")
    );
    assert_eq!(
        dossier.proposals[0].changes.len(),
        1,
        "one field still waits"
    );
    ledger.apply(22, &decision(fact_id(20), std::slice::from_ref(&site), &[]));
    assert_eq!(ledger.dossier("C1").client.field(&site), "Km 5");
    assert!(ledger.dossier("C1").proposals.is_empty());
    // Again, in any number: nothing comes back.
    let after = ledger.dossier("C1").clone();
    ledger.apply(20, &proposed);
    ledger.apply(21, &decision(fact_id(20), &[Phone], &[City]));
    assert_eq!(*ledger.dossier("C1"), after);
}

#[test]
fn a_proposal_on_an_old_file_is_flagged_and_one_nobody_made_too() {
    let mut ledger = Ledger::with_one_invoice();
    let stale = proposal(ClientField::City, "Zinder", "Arlit");
    assert_eq!(ledger.apply(20, &stale), vec![Flag::StaleBase]);
    let nobody = decision(fact_id(99), &[ClientField::City], &[]);
    assert_eq!(ledger.apply(21, &nobody), vec![Flag::UnknownReference]);
}

/// The ledger is told by people: until it is, the office's decision holds; then the ledger's word does.
#[test]
fn an_accepted_correction_outlives_statements_until_the_ledger_moves() {
    let accepted = || {
        let mut ledger = Ledger::with_one_invoice();
        ledger.apply(20, &proposal(ClientField::City, "Niamey", "Arlit"));
        ledger.apply(21, &decision(fact_id(20), &[ClientField::City], &[]));
        ledger
    };
    let city_after = |ledger: &mut Ledger, says: &str| {
        let mut listed = rows(&[row("F1", "C1", 1_000, 0)]);
        listed.clients = vec![tournee_domain::dossier::Client {
            city: says.into(),
            ..client("C1")
        }];
        let report = ledger.try_import("2026-11-05", &listed, false, &Default::default());
        report.expect("a good statement");
        let client = &ledger.dossier("C1").client;
        (client.city.clone(), client.corrections.len())
    };
    let mut ledger = accepted();
    assert_eq!(city_after(&mut ledger, "Niamey"), ("Arlit".into(), 1));
    assert_eq!(city_after(&mut ledger, "Arlit"), ("Arlit".into(), 0));
    assert_eq!(city_after(&mut ledger, "Niamey"), ("Niamey".into(), 0));
    assert_eq!(city_after(&mut accepted(), "Zinder"), ("Zinder".into(), 0));
}

/// Amounts of a closing are decimals like all others.
#[test]
fn a_closing_is_written_in_decimal_strings() {
    let mut tally = Tally::default();
    tally.count(&cash(1, "C1", 500, "2026-11-01", &[]));
    let json = serde_json::to_value(tally.closing(day("2026-11-01"), 1, "aa".into()));
    let json = json.expect("serialises");
    assert_eq!(amount(&json["totals"]["XOF"]["perpetual"]), 500.into());
}

#[test]
fn a_closing_counts_money_once_and_nothing_else() {
    let mut tally = Tally::default();
    let said = |tally: &Tally| {
        let closing = tally.closing(day("2026-11-01"), 9, String::new());
        let total = closing.totals.get(&Currency::XOF).copied();
        let total = total.unwrap_or_default();
        (total.payments, total.reversals, total.amount)
    };
    let paid = |francs: i64| cash(1, "C1", francs, "2026-11-01", &[]);
    tally.count(&paid(700));
    // No money: it bears a receipt, and counts for nothing; neither does what takes it back.
    tally.count(&paid(0));
    tally.count(&paid(-50));
    tally.count(&reversal(4, fact_id(3), -50));
    assert_eq!(said(&tally), (1, 0, 700.into()));
    tally.count(&reversal(5, fact_id(1), 700));
    assert_eq!(said(&tally), (1, 1, Amount::ZERO));
    tally.count(&reversal(6, fact_id(1), 700));
    assert_eq!(
        said(&tally),
        (1, 1, Amount::ZERO),
        "it was taken back before"
    );
    // Nor after a closing, nor once the tally was stored.
    let closing = tally.closing(day("2026-11-01"), 9, String::new());
    assert_eq!(closing.receipts, Some((1, 6)));
    tally.count(&FactBody::DayClosed(closing));
    let stored = serde_json::to_string(&tally).unwrap();
    let mut tally: Tally = serde_json::from_str(&stored).unwrap();
    tally.count(&reversal(7, fact_id(1), 700));
    assert_eq!(said(&tally), (0, 0, Amount::ZERO));
}

/// A clock that was three years ahead put a payment beyond every report (SYNC 8).
#[test]
fn a_redated_payment_counts_from_its_day_on() {
    let mut ledger = Ledger::with_one_invoice();
    let (payment, _) = ledger.pay(400, "2029-11-02");
    let open = |ledger: &Ledger, on: &str| ledger.invoice("F1").open_as_of(day(on));
    let owed = open(&ledger, "2026-11-30");
    let right = redating(payment, "2029-11-02", "2026-11-02");
    assert_eq!(ledger.apply(50, &right), vec![]);
    assert_eq!(open(&ledger, "2026-11-30"), owed - 400.into());
    assert_eq!(open(&ledger, "2026-11-01"), owed);
    assert_eq!(ledger.dossier("C1").payments[0].date, day("2026-11-02"));
    let after = ledger.dossier("C1").clone();
    assert_eq!(ledger.apply(50, &right), vec![], "again changes nothing");
    assert_eq!(*ledger.dossier("C1"), after);

    // What it put on the invoice stands in the order of days.
    let (later, _) = ledger.pay(100, "2026-11-20");
    let back = redating(payment, "2026-11-02", "2026-11-25");
    assert_eq!(ledger.apply(53, &back), vec![]);
    let allocations = &ledger.invoice("F1").allocations;
    let order: Vec<FactId> = allocations.iter().map(|one| one.payment).collect();
    assert_eq!(order, [later, payment]);
    let forth = redating(payment, "2026-11-25", "2026-11-02");
    ledger.apply(54, &forth);

    let stale = redating(payment, "2029-11-02", "2026-11-03");
    assert_eq!(ledger.apply(51, &stale), vec![Flag::StaleBase]);
    let unknown = redating(fact_id(99), "2029-11-02", "2026-11-03");
    assert_eq!(ledger.apply(52, &unknown), vec![Flag::UnknownReference]);
}
