//! A statement goes into the dossiers (DOMAIN §2.6).

use crate::support::{
    Dossiers, Ledger, authored, cash, client, code, day, discharged, number, refused, row, rows,
    slip_return, visit,
};
use std::collections::BTreeMap;
use tournee_domain::dossier::{DischargeState, EventKind, SlipState};
use tournee_domain::id::PortfolioCode;
use tournee_domain::statement::{InvoiceRow, MergeError, StatementRows};
use tournee_domain::{Amount, Currency};

fn two_clients() -> Vec<InvoiceRow> {
    vec![
        row("F1", "C1", 1_000, 0),
        row("F2", "C1", 500, 100),
        row("F3", "C2", 300, 0),
        row("A1", "C2", -80, 0),
    ]
}

#[test]
fn the_first_statement_creates_and_the_same_again_changes_nothing() {
    let mut ledger = Ledger::default();
    let report = ledger.import("2026-10-31", &two_clients());
    assert_eq!(
        (report.created, report.updated, report.unchanged),
        (4, 0, 0)
    );
    assert_eq!(
        (
            report.clients_created,
            report.clients_updated,
            report.clients_unchanged
        ),
        (2, 0, 0)
    );
    assert_eq!(report.changed, [code("C1"), code("C2")].into());
    assert_eq!(ledger.dossier("C1").statement_date, Some(day("2026-10-31")));
    assert_eq!(
        ledger.dossier("C1").events[0].what,
        EventKind::Statement {
            date: day("2026-10-31"),
            invoices: 2
        }
    );

    let before = ledger.dossiers.clone();
    for complete in [false, true] {
        let report = ledger
            .try_import(
                "2026-10-31",
                &rows(&two_clients()),
                complete,
                &BTreeMap::new(),
            )
            .expect("good");
        assert_eq!(
            (report.created, report.updated, report.unchanged),
            (0, 0, 4)
        );
        assert_eq!((report.clients_unchanged, report.settled_missing), (2, 0));
        assert!(report.changed.is_empty(), "{report:?}");
        assert_eq!(ledger.dossiers, before);
    }
}

#[test]
fn a_later_statement_of_the_same_rows_only_carries_the_date() {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &two_clients());
    let report = ledger.import("2026-11-14", &two_clients());
    assert_eq!((report.updated, report.unchanged), (0, 4));
    assert_eq!(report.changed.len(), 2, "their dates are to be stored");
    assert_eq!(ledger.invoice("F1").settled_on, day("2026-11-14"));
    assert_eq!(
        ledger.dossier("C1").events.len(),
        1,
        "nothing happened to the client"
    );
}

#[test]
fn a_second_file_of_the_same_day_dates_what_the_first_did_not_list() {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &two_clients());
    ledger.import("2026-11-14", &two_clients()[..1]);
    let report = ledger.import("2026-11-14", &two_clients()[1..2]);
    assert_eq!((report.unchanged, report.changed), (1, [code("C1")].into()));
    assert_eq!(ledger.invoice("F2").settled_on, day("2026-11-14"));
}

#[test]
fn an_invoice_nobody_paid_in_the_field_may_change_its_currency() {
    let mut ledger = Ledger::with_one_invoice();
    let euros = InvoiceRow {
        currency: Currency::EUR,
        ..row("F1", "C1", 1_000, 0)
    };
    assert_eq!(ledger.import("2026-11-14", &[euros]).updated, 1);
    assert_eq!(ledger.invoice("F1").currency, Currency::EUR);
}

#[test]
fn known_numbers_are_updated_and_a_changed_gross_is_listed() {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &two_clients());
    let mut later = two_clients();
    later[0].gross = 1_100.into();
    later[1].due_date = day("2026-09-15");
    later.push(row("F4", "C2", 10, 0));
    let report = ledger.import("2026-11-14", &later);
    assert_eq!(
        (report.created, report.updated, report.unchanged),
        (1, 2, 2)
    );
    let [changed] = &report.changed_gross[..] else {
        panic!("{report:?}")
    };
    assert_eq!(
        (&changed.invoice, changed.from, changed.to),
        (&number("F1"), 1_000.into(), 1_100.into())
    );
    assert_eq!(ledger.invoice("F1").open(), Amount::from(1_100));
    let order: Vec<_> = ledger
        .dossier("C1")
        .invoices
        .iter()
        .map(|invoice| invoice.number.to_string())
        .collect();
    assert_eq!(order, ["F2", "F1"], "sorted by due date again");
}

#[test]
fn an_older_statement_is_refused_whole() {
    let mut ledger = Ledger::default();
    ledger.import("2026-11-14", &[row("F3", "C2", 300, 0)]);
    let before = ledger.dossiers.clone();
    let refused = ledger.try_import("2026-11-13", &rows(&two_clients()), false, &BTreeMap::new());
    assert_eq!(
        refused,
        Err(MergeError::OlderThanLatest {
            latest: day("2026-11-14")
        })
    );
    assert_eq!(ledger.dossiers, before);
}

#[test]
fn rows_that_cannot_go_in_leave_everything_as_it_was() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(100, "2026-11-02");
    let before = ledger.dossiers.clone();
    let mut check = |rows: StatementRows, expected: MergeError| {
        assert_eq!(
            ledger.try_import("2026-11-14", &rows, true, &BTreeMap::new()),
            Err(expected)
        );
        assert_eq!(ledger.dossiers, before);
    };
    let good = row("F1", "C1", 2_000, 0);
    let lost = StatementRows {
        clients: vec![],
        invoices: vec![good.clone(), row("F9", "C9", 1, 0)],
        ..StatementRows::default()
    };
    check(
        lost,
        MergeError::UnknownClient {
            invoice: number("F9"),
            client: code("C9"),
        },
    );
    check(
        rows(&[good.clone(), good.clone()]),
        MergeError::RepeatedInvoice {
            invoice: number("F1"),
        },
    );
    let twice = StatementRows {
        clients: vec![client("C1"), client("C1")],
        invoices: vec![good.clone()],
        ..StatementRows::default()
    };
    check(twice, MergeError::RepeatedClient { client: code("C1") });
    let mut euros = good;
    euros.currency = Currency::EUR;
    let changed = MergeError::CurrencyChanged {
        invoice: number("F1"),
        from: Currency::XOF,
        to: Currency::EUR,
    };
    check(rows(&[euros]), changed);
}

#[test]
fn what_is_missing_is_left_alone_unless_the_statement_is_complete() {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &two_clients());
    let n = ledger.next_fact();
    ledger.apply(n, &cash(n, "C1", 400, "2026-11-02", &[("F1", 400)]));
    ledger.export(&[authored(n).fact_id]);

    let report = ledger.clone().import("2026-11-14", &two_clients()[2..3]);
    assert_eq!(
        (report.settled_missing, report.changed),
        (0, [code("C2")].into())
    );

    let before = ledger.dossier("C2").statement_date;
    let report = ledger.import_complete("2026-11-14", &two_clients()[1..2]);
    assert_eq!((report.settled_missing, report.unchanged), (3, 1));
    assert_eq!(report.changed, [code("C1"), code("C2")].into());
    assert_ne!(ledger.dossier("C2").statement_date, before);
    let f1 = ledger.invoice("F1");
    assert_eq!(
        (f1.open(), f1.settled, f1.allocations[0].booked),
        (0.into(), 1_000.into(), 400.into())
    );
    assert_eq!(
        (f1.unexplained, f1.possible_double, f1.settled_on),
        (600.into(), false, day("2026-11-14"))
    );
    assert_eq!(
        (ledger.invoice("A1").open(), ledger.invoice("F3").open()),
        (Amount::ZERO, Amount::ZERO)
    );
    let again = ledger.import_complete("2026-11-14", &two_clients()[1..2]);
    assert_eq!((again.settled_missing, again.changed.len()), (0, 0));
    // Listed again by a later one, it is open again.
    ledger.import("2026-11-20", &[row("F1", "C1", 1_000, 400)]);
    assert_eq!(ledger.state("F1"), (600.into(), false));
}

/// A row the reader could not take is not missing: its invoice stays as it was.
#[test]
fn what_could_not_be_read_is_not_missing_from_a_complete_statement() {
    let mut ledger = Ledger::default();
    ledger.import(
        "2026-10-31",
        &[row("F1", "C1", 1_000, 0), row("F2", "C1", 500, 0)],
    );
    let statement = StatementRows {
        unread: [tournee_domain::InvoiceNumber::new("F1")].into(),
        ..rows(&[row("F3", "C1", 5, 0)])
    };
    let report = ledger
        .try_import("2026-11-14", &statement, true, &BTreeMap::new())
        .expect("a good statement");
    assert_eq!(report.settled_missing, 1);
    assert_eq!(ledger.state("F1"), (1_000.into(), false));
    assert_eq!(ledger.state("F2"), (0.into(), false));
}

#[test]
fn missing_from_a_complete_statement_beside_an_unexported_payment_is_flagged() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-02");
    let report = ledger.import_complete("2026-11-14", &[row("F2", "C1", 5, 0)]);
    assert_eq!(report.flagged_possible_double, [number("F1")]);
    assert_eq!(ledger.state("F1"), (Amount::from(-400), true));
}

#[test]
fn an_invoice_whose_client_changes_moves_with_its_allocations() {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &two_clients());
    let (paid, _) = ledger.pay(400, "2026-11-02");
    let report = ledger.import("2026-11-14", &[row("F1", "C2", 1_000, 0)]);
    assert_eq!(
        (report.created, report.updated, report.unchanged),
        (0, 1, 0)
    );
    assert_eq!(report.changed, [code("C1"), code("C2")].into());
    assert!(
        ledger
            .dossier("C1")
            .invoices
            .iter()
            .all(|invoice| invoice.number != number("F1"))
    );
    assert!(
        ledger
            .dossier("C2")
            .invoices
            .iter()
            .any(|invoice| invoice.number == number("F1"))
    );
    assert_eq!(ledger.state("F1"), (600.into(), false));
    // Its payment stays with who paid, and exporting it still reaches the allocation.
    ledger.export(&[paid]);
    ledger.import("2026-11-20", &[row("F1", "C2", 1_000, 400)]);
    assert_eq!(ledger.state("F1"), (600.into(), false));
    assert_eq!(
        ledger
            .import("2026-11-20", &[row("F1", "C2", 1_000, 400)])
            .changed
            .len(),
        0
    );
}

#[test]
fn a_client_row_updates_the_client_and_keeps_the_dossier() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.import("2026-10-31", &[row("F3", "C2", 300, 0)]);
    let mut renamed = client("C1");
    renamed.name = "Renommé".into();
    renamed.portfolio = Some(PortfolioCode::new("REC07"));
    let map: BTreeMap<_, _> = [(PortfolioCode::new("REC07"), PortfolioCode::new("REC02"))].into();
    let statement = StatementRows {
        clients: vec![renamed],
        invoices: vec![],
        ..StatementRows::default()
    };
    let report = ledger
        .try_import("2026-10-31", &statement, false, &map)
        .expect("a good statement");
    assert_eq!(
        (report.clients_updated, report.changed),
        (1, [code("C1")].into())
    );
    let dossier = ledger.dossier("C1");
    assert_eq!(
        (dossier.client.name.as_str(), dossier.invoices.len()),
        ("Renommé", 1)
    );
    assert_eq!(dossier.client.portfolio, Some(PortfolioCode::new("REC02")));
    let again = ledger
        .try_import("2026-10-31", &statement, false, &map)
        .expect("a good statement");
    assert!(
        again.changed.is_empty(),
        "the mapped code is compared, not the file's"
    );
}

#[test]
fn the_ledger_never_takes_back_a_discharge_of_the_field() {
    let listed = |discharged| InvoiceRow {
        discharged,
        ..row("F1", "C1", 1_000, 0)
    };
    let by_ledger = DischargeState::Discharged {
        fact: None,
        date: None,
        signer: None,
    };
    let mut ledger = Ledger::default();
    let mut check = |date: &str, says: Option<bool>, expected: &DischargeState| {
        ledger.import(date, &[listed(says)]);
        assert_eq!(ledger.invoice("F1").discharge, *expected, "{date} {says:?}");
        ledger.clone()
    };
    check("2026-10-31", Some(false), &DischargeState::ToDeposit);
    check("2026-11-01", Some(true), &by_ledger);
    check("2026-11-02", None, &by_ledger);
    let mut signed = check("2026-11-03", Some(false), &DischargeState::ToDeposit);
    let mut refusal = signed.clone();

    signed.apply(60, &discharged("F1", "2026-11-04"));
    let kept = signed.invoice("F1").discharge.clone();
    for (date, says) in [
        ("2026-11-05", Some(false)),
        ("2026-11-06", Some(true)),
        ("2026-11-07", None),
    ] {
        signed.import(date, &[listed(says)]);
        assert_eq!(signed.invoice("F1").discharge, kept);
    }

    refusal.apply(60, &refused("F1", "2026-11-10"));
    let kept = refusal.invoice("F1").discharge.clone();
    refusal.import("2026-11-09", &[listed(Some(true))]);
    assert_eq!(
        refusal.invoice("F1").discharge,
        kept,
        "the refusal is newer"
    );
    refusal.import("2026-11-10", &[listed(Some(true))]);
    assert_eq!(refusal.invoice("F1").discharge, by_ledger);
    refusal.apply(60, &refused("F1", "2026-11-10"));
    assert_eq!(
        refusal.invoice("F1").discharge,
        by_ledger,
        "the same fact again changes nothing"
    );
    refusal.apply(61, &refused("F1", "2026-11-11"));
    assert!(matches!(
        refusal.invoice("F1").discharge,
        DischargeState::Refused { .. }
    ));
}

#[test]
fn a_returned_slip_stays_returned_until_the_ledger_names_another() {
    let listed = |slip: &str| InvoiceRow {
        slip: slip.into(),
        ..row("F1", "C1", 1_000, 0)
    };
    let expected = |slip: &str| SlipState::Expected { slip: slip.into() };
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", &[listed("BL1")]);
    assert_eq!(ledger.invoice("F1").slip, expected("BL1"));
    ledger.apply(60, &slip_return("F1", "BL1", "2026-11-02"));
    for slip in ["BL1", ""] {
        ledger.import("2026-11-14", &[listed(slip)]);
        assert!(
            matches!(ledger.invoice("F1").slip, SlipState::Returned { .. }),
            "{slip}"
        );
    }
    ledger.import("2026-11-14", &[listed("BL2")]);
    assert_eq!(ledger.invoice("F1").slip, expected("BL2"));
    ledger.import("2026-11-14", &[listed("")]);
    assert_eq!(ledger.invoice("F1").slip, SlipState::None);
}

#[test]
fn dossiers_survive_their_json() {
    let mut ledger = Ledger::default();
    let mut listed = two_clients();
    listed[0].slip = "BL1".into();
    ledger.import("2026-10-31", &listed);
    ledger.pay(400, "2026-11-06");
    ledger.apply(60, &visit("C1", "Vu le comptable"));
    ledger.apply(61, &refused("F2", "2026-11-06"));
    listed[0].settled = 400.into();
    ledger.import("2026-11-14", &listed);
    let json = serde_json::to_string(&ledger.dossiers).expect("serialises");
    assert_eq!(
        serde_json::from_str::<Dossiers>(&json).expect("reads back"),
        ledger.dossiers
    );
}
