//! The sample export goes in as it is and gives exactly what is true of it, before and after the field's payments.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its data is not as expected"
)]

mod common;

use chrono::Days;
use common::{authored, data, day, fact_id, files, office, portfolios, situation, truth};
use serde_json::{Value, to_value};
use std::collections::{BTreeMap, BTreeSet};
use tournee_documents::ledger::{
    ImportError, ImportOptions, ImportPreview, KnownClients, Prepared, STATEMENT_DAYS_AHEAD_MAX,
    prepare, read_clients, read_invoices,
};
use tournee_domain::fact::{Allocation, FactBody, Payment, PaymentMethod};
use tournee_domain::{Amount, ClientCode, Currency, Dossier, FactId, ReceiptNumber};

type Dossiers = BTreeMap<ClientCode, Dossier>;

#[test]
fn the_tables_alone_agree_with_the_truth() {
    let first = &truth()["first"];
    let clients = read_clients(
        &data("clients.csv"),
        "clients.csv",
        &Default::default(),
        Currency::XOF,
    )
    .unwrap();
    let known: KnownClients = clients
        .clients
        .iter()
        .map(|client| (client.code.clone(), client.terms))
        .collect();
    let invoices = read_invoices(
        &data("factures.csv"),
        "factures.csv",
        &Default::default(),
        Currency::XOF,
        &known,
    )
    .unwrap();

    assert_eq!(to_value(&invoices.bad_rows).unwrap(), first["bad_rows"]);
    assert_eq!(
        to_value(&clients.bad_rows).unwrap(),
        first["bad_client_rows"]
    );
    assert_eq!(
        to_value(&invoices.derived_due).unwrap(),
        first["derived_due"]
    );
    assert_eq!(clients.clients.len(), 420);
    assert_eq!(
        to_value(invoices.invoices.len()).unwrap(),
        first["invoices_good"]
    );
    let mut open: BTreeMap<&ClientCode, Amount> = BTreeMap::new();
    for row in &invoices.invoices {
        *open.entry(&row.client).or_default() += row.gross - row.settled;
    }
    assert_eq!(to_value(&open).unwrap(), first["open_by_client"]);
    assert_eq!(
        to_value(open.values().copied().sum::<Amount>()).unwrap(),
        first["open_total"]
    );

    // What was found is shown.
    let report = to_value(&invoices.report).unwrap();
    assert_eq!(report["encoding"], "windows-1252");
    assert_eq!(report["separator"], ";");
    assert_eq!(report["decimal_style"], "comma");
    assert_eq!(report["date_style"], "day_first");
    assert_eq!(report["rows"], 4205);
    let fields: Vec<_> = report["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["field"].clone())
        .collect();
    assert_eq!(
        fields,
        [
            "number",
            "kind",
            "client",
            "activity",
            "invoice_date",
            "due_date",
            "net",
            "vat",
            "gross",
            "settled",
            "purchase_order",
            "slip",
            "discharge"
        ]
    );
    assert!(
        clients
            .report
            .columns
            .iter()
            .all(|column| column.field.is_some())
    );
    assert!(clients.clients.iter().all(|client| client.terms.is_some()));
}

#[test]
fn the_first_statement_agrees_with_the_truth() {
    let mut dossiers = Dossiers::new();
    let preview = import_first(&mut dossiers).preview;
    let first = &truth()["first"];
    check(&preview, first, "open_by_client", "open_total");
    assert_eq!(
        to_value(&preview.derived_due).unwrap(),
        first["derived_due"]
    );
    assert_eq!(
        to_value(preview.clients_good).unwrap(),
        first["clients_good"]
    );
    assert_eq!(
        to_value(&preview.bad_client_rows).unwrap(),
        first["bad_client_rows"]
    );
    assert_eq!(
        (preview.created, preview.updated, preview.unchanged),
        (4169, 0, 0)
    );
    assert!(preview.unknown_portfolios.is_empty());
}

/// Invoices whose file comes without clients name those already at the office.
#[test]
fn the_second_statement_without_the_field_agrees_with_the_truth() {
    let mut dossiers = Dossiers::new();
    import_first(&mut dossiers);
    let preview = import_second(&mut dossiers).preview;
    let second = &truth()["second"];
    check(&preview, second, "open_by_client", "open_total");
    assert_eq!(
        to_value(&preview.derived_due).unwrap(),
        second["derived_due"]
    );
    assert!(preview.flagged_possible_double.is_empty());
}

#[test]
fn the_second_statement_after_the_field_agrees_with_the_truth() {
    let mut dossiers = Dossiers::new();
    import_first(&mut dossiers);
    let exported = take_field_payments(&mut dossiers);
    assert!(!exported.is_empty());
    for dossier in dossiers.values_mut() {
        dossier.mark_exported(&exported);
    }

    let preview = import_second(&mut dossiers).preview;
    let second = &truth()["second"];
    check(
        &preview,
        second,
        "open_by_client_with_field_payments",
        "open_total_with_field_payments",
    );
    assert_eq!(
        to_value(&preview.flagged_possible_double).unwrap(),
        second["flagged_possible_double"]
    );

    // Again: nothing changes, nothing is flagged twice.
    let before = dossiers.clone();
    let again = import_second(&mut dossiers);
    assert_eq!(dossiers, before);
    assert!(again.report.changed.is_empty());
    assert!(again.preview.flagged_possible_double.is_empty());
    assert_eq!((again.preview.created, again.preview.updated), (0, 0));
    check(
        &again.preview,
        second,
        "open_by_client_with_field_payments",
        "open_total_with_field_payments",
    );
}

#[test]
fn the_first_statement_again_changes_nothing() {
    let mut dossiers = Dossiers::new();
    import_first(&mut dossiers);
    let before = dossiers.clone();
    let again = import_first(&mut dossiers);
    assert_eq!(dossiers, before);
    assert!(again.report.changed.is_empty());
    assert_eq!(
        (
            again.preview.created,
            again.preview.updated,
            again.preview.clients_updated
        ),
        (0, 0, 0)
    );
}

/// The preview of the small file, imported as complete on top of the truth's first statement.
fn complete(rows: &str, date: &str) -> Result<Prepared, ImportError> {
    let mut dossiers = Dossiers::new();
    import_first(&mut dossiers);
    let heading = "N° pièce;Code client;Date facture;Date échéance;Montant TTC;Réglé";
    let file = format!("{heading}\n{rows}");
    let (portfolios, authored) = (portfolios(), authored(2));
    let options = ImportOptions {
        complete: true,
        ..situation(date)
    };
    let files = files(None, Some(file.as_bytes()));
    prepare(
        &mut dossiers,
        files,
        &options,
        &office(&portfolios, &authored),
    )
}

/// FA26000001 is in the file, on a row that cannot be read: it must not be taken for missing, thus settled.
#[test]
fn a_complete_list_settles_what_it_does_not_name_and_nothing_else() {
    let settled = |rows: &str| {
        complete(rows, "2026-11-14")
            .unwrap()
            .preview
            .settled_missing
    };
    let good = "FA26000003;C00113;05/01/2026;06/03/2026;1405002;0";
    let unreadable = "FA26000001;C00095;27/10/2026;31/12/2026;12O OOO;0";
    assert_eq!(settled(good), settled(&format!("{good}\n{unreadable}")) + 1);
    for nothing in ["", unreadable, ";;;;;"] {
        assert_eq!(
            complete(nothing, "2026-11-14").unwrap_err(),
            ImportError::NothingListed
        );
    }
}

#[test]
fn a_date_far_ahead_is_a_slip_of_the_keyboard() {
    let good = "FA26000003;C00113;05/01/2026;06/03/2026;1405002;0";
    let (today, ahead) = (day("2026-11-21"), Days::new(STATEMENT_DAYS_AHEAD_MAX));
    assert!(complete(good, &(today + ahead).to_string()).is_ok());
    let date = today + ahead + Days::new(1);
    assert_eq!(
        complete(good, &date.to_string()).unwrap_err(),
        ImportError::FutureStatement { date, today }
    );
}

fn import_first(dossiers: &mut Dossiers) -> Prepared {
    let (clients, invoices) = (data("clients.csv"), data("factures.csv"));
    let (portfolios, authored) = (portfolios(), authored(1));
    let files = files(Some(&clients), Some(&invoices));
    prepare(
        dossiers,
        files,
        &situation("2026-10-31"),
        &office(&portfolios, &authored),
    )
    .unwrap()
}

fn import_second(dossiers: &mut Dossiers) -> Prepared {
    let invoices = data("factures-2.csv");
    let (portfolios, authored) = (portfolios(), authored(2));
    prepare(
        dossiers,
        files(None, Some(&invoices)),
        &situation("2026-11-14"),
        &office(&portfolios, &authored),
    )
    .unwrap()
}

/// Takes the truth's field payments, each in cash on one invoice; returns the exported ones.
fn take_field_payments(dossiers: &mut Dossiers) -> BTreeSet<FactId> {
    let mut exported = BTreeSet::new();
    for (n, payment) in truth()["field_payments"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let text = |key: &str| payment[key].as_str().unwrap();
        let amount: Amount = text("amount").parse().unwrap();
        let id = 1_000 + n as u128;
        let client = ClientCode::new(text("client"));
        let body = FactBody::Payment(Payment {
            client: client.clone(),
            visit: None,
            date: day(text("date")),
            receipt: ReceiptNumber {
                agency: "NIA".into(),
                device_label: "D03".into(),
                epoch: 1,
                n: n as u32 + 1,
            },
            currency: Currency::XOF,
            amount,
            method: PaymentMethod::Cash {
                denominations: Vec::new(),
            },
            payer: None,
            allocations: vec![Allocation {
                invoice: text("invoice").into(),
                amount,
            }],
            withheld: Vec::new(),
            down_payment: None,
            note: String::new(),
            attachments: Vec::new(),
        });
        let flags = dossiers
            .get_mut(&client)
            .expect("a client of the truth")
            .apply(&authored(id), &body);
        assert!(flags.is_empty(), "{flags:?} {payment}");
        if payment["exported"] == true {
            exported.insert(fact_id(id));
        }
    }
    exported
}

fn check(preview: &ImportPreview, truth: &Value, by_client: &str, total: &str) {
    assert_eq!(to_value(&preview.bad_rows).unwrap(), truth["bad_rows"]);
    assert_eq!(
        to_value(preview.invoices_good).unwrap(),
        truth["invoices_good"]
    );
    assert_eq!(
        to_value(preview.statement_date).unwrap(),
        truth["statement_date"]
    );
    assert_eq!(to_value(&preview.open_by_client).unwrap(), truth[by_client]);
    assert_eq!(to_value(preview.open_total).unwrap(), truth[total]);
}
