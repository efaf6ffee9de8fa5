//! A whole ledger as a statement: taken in the first time, with other figures, and again.

use crate::book::{self, Book};
use crate::samples::{Row, Sampler};
use std::collections::BTreeMap;
use tournee_domain::dossier::{Client, Dossier, InvoiceKind};
use tournee_domain::fact::Authored;
use tournee_domain::statement::{InvoiceRow, Statement, StatementRows, merge};
use tournee_domain::{Amount, ClientCode, Currency, InvoiceNumber};

type Dossiers = BTreeMap<ClientCode, Dossier>;

fn client_of(number: usize) -> ClientCode {
    ClientCode::new(&format!("C{number:05}"))
}

/// Every invoice of the book, and of those that are debts this share in hundredths as *Réglé*.
fn rows(book: &Book, settled_percent: i64) -> StatementRows {
    let row = |(n, invoice): (usize, &book::Invoice)| InvoiceRow {
        number: InvoiceNumber::new(&format!("F{n:06}")),
        kind: match invoice.gross < 0 {
            true => InvoiceKind::CreditNote,
            false => InvoiceKind::Invoice,
        },
        client: client_of(invoice.client),
        activity: invoice.activity.to_owned(),
        currency: Currency::XOF,
        invoice_date: invoice.issued,
        due_date: invoice.due,
        net: invoice.gross.into(),
        vat: Amount::ZERO,
        gross: invoice.gross.into(),
        settled: (invoice.gross.max(0) * settled_percent / 100).into(),
        purchase_order: String::new(),
        charges: false,
        slip: String::new(),
        discharged: None,
        instalments: Vec::new(),
        receipts: Vec::new(),
    };
    StatementRows {
        clients: (0..book::CLIENTS)
            .map(|number| Client::new(client_of(number), "A client".to_owned()))
            .collect(),
        invoices: book.0.iter().enumerate().map(row).collect(),
        ..StatementRows::default()
    }
}

fn merged(mut dossiers: Dossiers, rows: &StatementRows, date: &str) -> Dossiers {
    let authored = Authored {
        fact_id: "00000000-0000-0000-0000-000000000001".parse().unwrap(),
        at: "2026-11-02T09:00:00+01:00".parse().unwrap(),
        author: "The office".to_owned(),
        device_label: "D01".to_owned(),
    };
    let statement = Statement {
        authored: &authored,
        date: date.parse().unwrap(),
        complete: true,
        portfolio_map: &BTreeMap::new(),
    };
    merge(&mut dossiers, rows, &statement).unwrap();
    dossiers
}

pub fn rows_of(sampler: &mut Sampler, book: &Book) -> Vec<Row> {
    let (first, second) = (rows(book, 0), rows(book, 40));
    let imported = merged(Dossiers::new(), &first, "2026-10-31");
    let updated = merged(imported.clone(), &second, "2026-11-14");
    let mut measure = |what, before: &Dossiers, rows: &StatementRows| {
        let take = |dossiers| merged(dossiers, rows, "2026-11-14");
        sampler.measure_on(what, None, || before.clone(), take)
    };
    vec![
        measure("a statement, every invoice new", &Dossiers::new(), &first),
        measure(
            "a statement, every invoice paid in part",
            &imported,
            &second,
        ),
        measure("the same statement again", &updated, &second),
    ]
}
