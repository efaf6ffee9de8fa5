//! What lists show of a client.

use crate::support::{
    Ledger, bounced, cash, cheque, code, day, discharged, fact_id, row, slip_return, visit,
};
use tournee_domain::report::exposure::{CreditLimit, ExposureParts, exposure};
use tournee_domain::statement::InvoiceRow;
use tournee_domain::summary::{SUMMARY_FORM, Summary};
use tournee_domain::{Amount, Currency};

/// A client with one of most things.
fn varied() -> Ledger {
    let mut ledger = Ledger::default();
    let listed = |n: &str, gross, due: &str, slip: &str| InvoiceRow {
        due_date: day(due),
        slip: slip.into(),
        ..row(n, "C1", gross, 0)
    };
    let mut future = listed("F9", 9_000, "2026-12-31", "BL9");
    future.invoice_date = day("2026-11-30");
    ledger.import(
        "2026-10-31",
        &[
            listed("F1", 1_000, "2026-08-01", "BL1"),
            listed("F2", 500, "2026-10-15", "BL2"),
            listed("F3", 200, "2026-11-30", ""),
            listed("F4", 50, "2026-10-15", "BL4"),
            listed("A1", -80, "2026-09-01", ""),
            future,
        ],
    );
    ledger.apply(50, &cash(50, "C1", 70, "2026-11-01", &[("F4", 50)]));
    ledger.apply(51, &discharged("F1", "2026-11-01"));
    ledger.apply(52, &slip_return("F2", "BL2", "2026-11-01"));
    ledger.apply(53, &visit("C1", "Vu"));
    ledger
        .dossiers
        .values_mut()
        .for_each(|dossier| dossier.client.credit_limit = Some(1_599.into()));
    ledger
}

/// Devices and offices of one `SUMMARY_FORM` read each other's summaries unread (`tournee-sync`, pull).
#[test]
fn the_form_is_the_reviewed_one() {
    let ledger = varied();
    let dossier = ledger.dossier("C1");
    let both = (dossier, Summary::of(dossier));
    let found = serde_json::to_string_pretty(&both).expect("serialises");
    let name = format!("record-form-{SUMMARY_FORM}.json");
    let path = format!("{}/../../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("TOURNEE_UPDATE").is_some() {
        std::fs::write(&path, &found).expect("the file is written");
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == found,
        "{name} says otherwise: raise SUMMARY_FORM, then TOURNEE_UPDATE=1 cargo test -p tournee-domain the_form"
    );
}

#[test]
fn a_summary_gives_the_balances_figures() {
    let ledger = varied();
    let summary = Summary::of(ledger.dossier("C1"));
    assert_eq!(summary.items.len(), 5, "what is paid has no item");
    assert_eq!(summary.last_visit, Some(day("2026-11-01")));
    let today = day("2026-11-02");
    let totals = summary.totals(today, Currency::XOF);
    let balance = &ledger.dossier("C1").balances(today)[&Currency::XOF];
    assert_eq!((totals.net, totals.overdue), (balance.net, balance.overdue));
    assert_eq!(totals.ageing, balance.ageing);
    assert_eq!(
        (totals.net, totals.overdue),
        (Amount::from(1_600), Amount::from(1_500))
    );
    assert_eq!(totals.ageing, [200, 500, 0, 0, 1_000].map(Amount::from));
    assert_eq!((totals.oldest_days, totals.over_limit), (93, true));
    assert_eq!((totals.discharges_missing, totals.slips_missing), (2, 1));
    assert_eq!(summary.totals(today, Currency::EUR).net, Amount::ZERO);

    let json = serde_json::to_string(&summary).expect("serialises");
    assert_eq!(
        serde_json::from_str::<Summary>(&json).expect("reads back"),
        summary
    );
}

#[test]
fn a_client_without_a_limit_is_never_over_it() {
    let mut ledger = Ledger::with_one_invoice();
    let over = |ledger: &Ledger| {
        Summary::of(ledger.dossier("C1"))
            .totals(day("2026-11-02"), Currency::XOF)
            .over_limit
    };
    assert!(!over(&ledger));
    ledger
        .dossiers
        .values_mut()
        .for_each(|dossier| dossier.client.credit_limit = Some(Amount::ZERO));
    assert!(over(&ledger), "a limit of zero is a limit");
    ledger.pay(1_000, "2026-11-01");
    assert!(!over(&ledger));
}

#[test]
fn a_flagged_invoice_shows_on_its_client() {
    let mut ledger = Ledger::with_one_invoice();
    ledger.pay(400, "2026-11-06");
    assert!(!Summary::of(ledger.dossier("C1")).possible_double);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 400)]);
    assert!(Summary::of(ledger.dossier("C1")).possible_double);
}

#[test]
fn a_summary_names_the_activities_with_something_open() {
    let mut ledger = Ledger::default();
    let listed = |n: &str, gross, settled, activity: &str| InvoiceRow {
        activity: activity.into(),
        ..row(n, "C1", gross, settled)
    };
    ledger.import(
        "2026-10-31",
        &[
            listed("F1", 1_000, 0, "Location"),
            listed("F2", 500, 500, "Atelier"),
            listed("F3", 200, 0, "Pièces"),
            listed("F4", 300, 0, "Location"),
        ],
    );
    let summary = Summary::of(ledger.dossier("C1"));
    let named: Vec<&str> = summary.activities.iter().map(String::as_str).collect();
    assert_eq!(named, ["Location", "Pièces"]);
}

/// A cheque may come back until the ledger has it (DOMAIN §2.5): the list and the client's file say the same.
#[test]
fn a_cheque_counts_against_the_limit_until_the_ledger_has_booked_it() {
    let mut ledger = Ledger::with_one_invoice();
    let limit = |ledger: &mut Ledger| {
        let dossier = ledger.dossiers.get_mut(&code("C1")).expect("C1");
        dossier.client.credit_limit = Some(900.into());
    };
    limit(&mut ledger);
    let today = day("2026-11-20");
    let exposed = |ledger: &Ledger| {
        let dossier = ledger.dossier("C1");
        let parts = ExposureParts::of(dossier, Currency::XOF, today);
        let limit = dossier.client.credit_limit.map(|amount| CreditLimit {
            amount,
            valid_until: None,
        });
        let exposure = exposure(&parts, limit, today);
        let over = Summary::of(dossier).totals(today, Currency::XOF).over_limit;
        assert_eq!(over, exposure.excess.is_positive());
        [parts.open, parts.uncleared, parts.credits, exposure.excess]
    };
    let francs = |amounts: [i64; 4]| amounts.map(Amount::from);
    assert_eq!(exposed(&ledger), francs([1_000, 0, 0, 100]));
    // Paid by cheque, with 50 beyond the invoice: still as exposed as before.
    ledger.apply(1, &cheque(1, "C1", 1_050, "2026-11-02", &[("F1", 1_000)]));
    assert_eq!(exposed(&ledger), francs([0, 1_050, 50, 100]));
    // The ledger books 700 of it.
    ledger.export(&[fact_id(1)]);
    ledger.import("2026-11-14", &[row("F1", "C1", 1_000, 700)]);
    limit(&mut ledger);
    assert_eq!(exposed(&ledger), francs([0, 350, 50, 0]));
    // It comes back: a debt again, and no cheque.
    ledger.apply(2, &bounced(1, "2026-11-16"));
    let [open, uncleared, ..] = exposed(&ledger);
    assert_eq!((open, uncleared), (1_000.into(), Amount::ZERO));
}
