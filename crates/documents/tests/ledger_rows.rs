//! Each row's own fate: what makes one bad, how columns, numbers and dates are understood, which files are no tables.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its data is not as expected"
)]

mod common;

use common::{HEADING, known};
use std::collections::BTreeMap;
use tournee_documents::ledger::{
    Field, FileError, FileKind, TableOptions, Why, read_clients, read_invoices,
};
use tournee_domain::dossier::InvoiceKind;
use tournee_domain::parse::DecimalStyle;
use tournee_domain::terms::Terms;
use tournee_domain::{Amount, Currency};

/// Good rows, and line, number, column and reason of the bad ones.
type Rows<'a> = (usize, &'a [(u32, &'a str, &'a str, Why)]);

/// Rows below [`HEADING`], in euros.
fn check(rows: &str, expected: Result<Rows, FileError>) {
    check_with(
        &TableOptions::default(),
        &format!("{HEADING}\n{rows}"),
        expected,
    );
}

fn check_with(options: &TableOptions, text: &str, expected: Result<Rows, FileError>) {
    let found = read_invoices(text.as_bytes(), "f.csv", options, Currency::EUR, &known());
    let found = found.map(|table| {
        let bad = table
            .bad_rows
            .into_iter()
            .map(|bad| (bad.line, bad.piece, bad.column, bad.why))
            .collect::<Vec<_>>();
        (table.invoices.len(), bad)
    });
    let expected = expected.map(|(good, bad)| {
        let bad = bad.iter().map(|(line, piece, column, why)| {
            (*line, (*piece).to_owned(), (*column).to_owned(), *why)
        });
        (good, bad.collect::<Vec<_>>())
    });
    assert_eq!(found, expected, "{text}");
}

#[test]
fn every_bad_row_has_its_reason() {
    check(
        "\n\
         F1;C1;31/10/2026;30/11/2026;100,00;19,00;119,00;0\n\
         F2;C1;31/10/2026\n\
         ;C1;31/10/2026;30/11/2026;100;19;119;0\n\
         F3;;31/10/2026;30/11/2026;100;19;119;0\n\
         F4;C9;31/10/2026;30/11/2026;100;19;119;0\n\
         F5;C1;;30/11/2026;100;19;119;0\n\
         F6;C1;31/10/2026;30/02/2026;100;19;119;0\n\
         F7;C2;31/10/2026;;100;19;119;0\n\
         F8;C1;31/10/2026;30/11/2026;100;19;;0\n\
         F9;C1;31/10/2026;30/11/2026;100,001;19;119;0\n\
         F10;C1;31/10/2026;30/11/2026;1O0;19;119;0\n\
         F11;C1;31/10/2026;30/11/2026;100;19;120;0\n\
         F11;C1;31/10/2026;30/11/2026;100;19;119;0\n\
         \"F12\nbis\";C1;31/10/2026;30/11/2026;100;19;119;0\n\
         F13;C1;31/10/2026;30/11/2026;100;19;119;12345678901234567890\n\
         F14;C1;31/10/2026;;-100;-19;-119;\n\
         F15;C1;31/10/2026;;;19;119;(5,50)\n",
        Ok((
            4,
            &[
                (4, "F2", "N° pièce", Why::TooFewColumns),
                (5, "", "N° pièce", Why::Empty),
                (6, "F3", "Code client", Why::Empty),
                (7, "F4", "Code client", Why::UnknownClient),
                (8, "F5", "Date facture", Why::Empty),
                (9, "F6", "Date échéance", Why::InvalidDate),
                (10, "F7", "Date échéance", Why::UnknownTerms),
                (11, "F8", "Montant TTC", Why::Empty),
                (12, "F9", "Montant HT", Why::TooFine),
                (13, "F10", "Montant HT", Why::NotANumber),
                (14, "F11", "Montant TTC", Why::GrossNotNetPlusVat),
                (15, "F11", "N° pièce", Why::NumberRepeated),
                (18, "F13", "Réglé", Why::TooLong),
            ],
        )),
    );
}

#[test]
fn optional_columns_are_read() {
    let text = "Number,Type,Customer,Invoice date,Due date,Amount,Balance due,Currency,Receipts,Discharged\n\
                A1,Invoice,C1,2026-10-31,2026-11-30,\"1,000.50\",400.25,EUR,\"NIA-D03-E1-000001, NIA-D03-E1-000002 Q77\",Yes\n\
                A2,Credit note,C1,2026-10-31,2026-11-30,-50,-50,XOF,,no\n\
                A3,Invoice,C1,2026-10-31,2026-11-30,-50,-50,EUR,,\n\
                A4,Quote,C1,2026-10-31,2026-11-30,50,50,EUR,,\n\
                A5,Invoice,C1,2026-10-31,2026-11-30,50,50,ZZZ,,\n\
                A6,Invoice,C1,2026-10-31,2026-11-30,50,50,EUR,,maybe\n\
                A7,Invoice,C1,2026-10-31,2026-11-30,50.5,50,XOF,,\n";
    let table = read_invoices(
        text.as_bytes(),
        "f.csv",
        &TableOptions::default(),
        Currency::EUR,
        &known(),
    )
    .unwrap();
    let whys: Vec<_> = table
        .bad_rows
        .iter()
        .map(|bad| (bad.piece.as_str(), bad.why))
        .collect();
    assert_eq!(
        whys,
        [
            ("A3", Why::SignAgainstType),
            ("A4", Why::UnknownType),
            ("A5", Why::UnknownCurrency),
            ("A6", Why::NeitherYesNorNo),
            ("A7", Why::NoSubunit),
        ]
    );
    let [first, second] = table.invoices.as_slice() else {
        panic!("{:?}", table.invoices)
    };
    let amount = |text: &str| text.parse::<Amount>().unwrap();
    assert_eq!(
        (first.gross, first.settled),
        (amount("1000.5"), amount("600.25"))
    );
    let receipts: Vec<_> = first.receipts.iter().map(ToString::to_string).collect();
    assert_eq!(receipts, ["NIA-D03-E1-000001", "NIA-D03-E1-000002"]);
    assert_eq!(
        (first.kind, first.discharged),
        (InvoiceKind::Invoice, Some(true))
    );
    assert_eq!(
        (second.kind, second.currency, second.discharged),
        (InvoiceKind::CreditNote, Currency::XOF, Some(false))
    );
}

#[test]
fn a_number_column_that_reads_two_ways_asks() {
    let row = |gross: &str| format!("F1;C1;31/10/2026;30/11/2026;;;{gross};0");
    let asks = |examples: &[&str]| FileError::AmbiguousNumbers {
        field: Field::Gross,
        heading: "Montant TTC".into(),
        examples: examples.iter().map(|text| (*text).to_owned()).collect(),
    };
    check(&row("1.234"), Err(asks(&["1.234"])));
    check(&row("1,234"), Err(asks(&["1,234"])));
    check(&row("1234"), Ok((1, &[])));
    check(&row("1.234,50"), Ok((1, &[])));
    // Another row tells.
    check(
        &format!(
            "{}\nF2;C1;31/10/2026;30/11/2026;;;1.234.567;0",
            row("1.234")
        ),
        Ok((2, &[])),
    );
    // Half of the column one way, half the other.
    check(
        &format!("{}\nF2;C1;31/10/2026;30/11/2026;;;2,50;0", row("1.50")),
        Err(asks(&["1.50", "2,50"])),
    );
    // A person answers, for the file or the column.
    let text = format!("{HEADING}\n{}", row("1.234"));
    let dot = TableOptions {
        decimal_style: Some(DecimalStyle::Dot),
        ..Default::default()
    };
    check_with(
        &dot,
        &text,
        Ok((0, &[(2, "F1", "Montant TTC", Why::TooFine)])),
    );
    let styles = BTreeMap::from([(Field::Gross, DecimalStyle::Comma)]);
    check_with(
        &TableOptions {
            decimal_styles: styles,
            ..dot
        },
        &text,
        Ok((1, &[])),
    );
}

#[test]
fn styles_are_decided_for_each_column() {
    let text = format!("{HEADING}\nF1;C1;2026-10-31;11/30/2026;;;1.234,50;1,234.50");
    let table = read_invoices(
        text.as_bytes(),
        "f",
        &TableOptions::default(),
        Currency::EUR,
        &known(),
    )
    .unwrap();
    assert_eq!(table.invoices[0].gross, table.invoices[0].settled);
    assert_eq!(table.invoices[0].due_date.to_string(), "2026-11-30");
    assert_eq!(
        (table.report.decimal_style, table.report.date_style),
        (None, None)
    );
}

/// One ISO date among dates that read both ways used to make the whole column year-first, and every other row bad.
#[test]
fn a_date_of_another_order_spoils_only_itself() {
    let row = |number: &str, date: &str| format!("{number};C1;{date};05/10/2026;;;10,00;0,00");
    let rows = |dates: &[&str]| {
        let row = |(n, date): (usize, &&str)| row(&format!("F{n}"), date);
        dates
            .iter()
            .enumerate()
            .map(row)
            .collect::<Vec<_>>()
            .join("\n")
    };
    check(
        &rows(&["01/09/2026", "2026-09-30", "02/09/2026"]),
        Ok((3, &[])),
    );
    check(
        &rows(&["01/09/2026", "09/30/2026", "30/09/2026", "29/09/2026"]),
        Ok((3, &[(3, "F1", "Date facture", Why::InvalidDate)])),
    );
    let table = read_invoices(
        format!(
            "{HEADING}\n{}\n{}",
            row("F1", "2026-09-30"),
            row("F2", "2026-09-29")
        )
        .as_bytes(),
        "f.csv",
        &TableOptions::default(),
        Currency::EUR,
        &known(),
    )
    .unwrap();
    assert_eq!(table.invoices[0].due_date.to_string(), "2026-10-05");
}

#[test]
fn columns_are_found_by_heading_or_chosen() {
    let titled = "Balance clients;;;;\nSituation au 31/10/2026;;;;\n\nNuméro;CLIENT;Date;Montant T.T.C.;Payé\nF1;C1;31/10/2026;10;0";
    let missing = |field, headings: &[&str]| FileError::MissingColumn {
        field,
        headings: headings.iter().map(|text| (*text).to_owned()).collect(),
    };
    check_with(
        &TableOptions::default(),
        &titled.replace("T.T.C.", "TTC"),
        Ok((1, &[])),
    );
    check_with(
        &TableOptions::default(),
        "N°;Client;Date;Somme;Payé\nF1;C1;31/10/2026;10;0",
        Err(missing(
            Field::Gross,
            &["N°", "Client", "Date", "Somme", "Payé"],
        )),
    );
    let gross = TableOptions {
        columns: BTreeMap::from([(Field::Gross, 3)]),
        ..Default::default()
    };
    check_with(
        &gross,
        "N°;Client;Date;Somme;Payé\nF1;C1;31/10/2026;10;0",
        Ok((1, &[])),
    );
    let beyond = TableOptions {
        columns: BTreeMap::from([(Field::Gross, 9)]),
        ..Default::default()
    };
    check_with(
        &beyond,
        "N°;Client;Date;Somme;Payé\nF1;C1;31/10/2026;10;0",
        Err(FileError::NoSuchColumn {
            field: Field::Gross,
            index: 9,
            columns: 5,
        }),
    );
    // Without « Réglé » everything ever paid would be owed again: the column must be named.
    check_with(
        &TableOptions::default(),
        "N°;Client;Date;TTC\nF1;C1;31/10/2026;10",
        Err(missing(Field::Settled, &["N°", "Client", "Date", "TTC"])),
    );
    // Every needed column chosen: the row that names the others is the heading all the same.
    let chosen = [
        (Field::Number, 0),
        (Field::Client, 1),
        (Field::InvoiceDate, 2),
        (Field::Gross, 3),
        (Field::Settled, 4),
    ];
    let chosen = TableOptions {
        columns: chosen.into(),
        ..Default::default()
    };
    check_with(
        &chosen,
        "Balance;;;;;\nA;B;C;D;E;TVA\nF1;C1;31/10/2026;10;0;1",
        Ok((1, &[])),
    );
    // The row of a title is not offered as headings.
    check_with(
        &TableOptions::default(),
        "Balance clients\nN°;Client;Date;Somme;Payé",
        Err(missing(
            Field::Gross,
            &["N°", "Client", "Date", "Somme", "Payé"],
        )),
    );
    // A file without a table in it does not fill the screen with its first line.
    check_with(
        &TableOptions::default(),
        &"x".repeat(1_000_000),
        Err(missing(Field::Number, &["x".repeat(80).as_str()])),
    );
    // A cell too long matters in a column that is read only.
    let long = "x".repeat(3_000);
    check(&format!("F1;C1;31/10/2026;;;;10;0;{long}"), Ok((1, &[])));
    check(
        &format!("F1;C1;31/10/2026;;{long};;10;0"),
        Ok((0, &[(2, "F1", "Montant HT", Why::CellTooLong)])),
    );
    let without = TableOptions {
        without: [Field::Vat].into(),
        ..Default::default()
    };
    check_with(
        &without,
        &format!("{HEADING}\nF1;C1;31/10/2026;;10;TVA 19 %;12;0"),
        Ok((1, &[])),
    );
}

#[test]
fn files_that_are_no_tables_are_refused_by_name() {
    let read = |bytes: &[u8]| {
        read_invoices(
            bytes,
            "f",
            &TableOptions::default(),
            Currency::XOF,
            &known(),
        )
        .map(|table| table.invoices.len())
    };
    assert_eq!(read(b""), Err(FileError::Empty));
    assert_eq!(
        read(b"PK\x03\x04 xl/workbook.xml"),
        Err(FileError::NotText {
            kind: FileKind::Spreadsheet
        })
    );
    assert_eq!(
        read(b"<!doctype html><html>"),
        Err(FileError::NotText {
            kind: FileKind::Html
        })
    );
    assert!(matches!(
        read(b"just a line of text"),
        Err(FileError::MissingColumn {
            field: Field::Number,
            ..
        })
    ));
    let rows = "x;x;x;x;x\n".repeat(200_001);
    assert_eq!(
        read(format!("N°;Client;Date;TTC;Payé\n{rows}").as_bytes()),
        Err(FileError::TooManyRows { max: 200_000 })
    );
    assert!(matches!(
        read(&vec![b'a'; 50 * 1024 * 1024 + 1]),
        Err(FileError::TooLarge { .. })
    ));
}

#[test]
fn what_a_ledger_says_in_columns_of_its_own_is_kept() {
    let text = "Code;Nom;Adresse chantier;Ville;Comptable;;Étiquettes\nC1;Un; Tamgak ;Arlit;Rakia;perdu;\nC2;Deux;;;;;Grand compte";
    let options = TableOptions::default();
    let table = read_clients(text.as_bytes(), "c", &options, Currency::XOF).unwrap();
    let details: Vec<Vec<(&str, &str)>> = table
        .clients
        .iter()
        .map(|client| {
            let details = client.details.iter();
            details
                .map(|detail| (detail.name.as_str(), detail.value.as_str()))
                .collect()
        })
        .collect();
    assert_eq!(
        details,
        [
            vec![("Adresse chantier", "Tamgak"), ("Comptable", "Rakia")],
            vec![("Étiquettes", "Grand compte")],
        ]
    );
    assert_eq!(
        table.clients[0].city, "Arlit",
        "a field's column is no detail"
    );
}

#[test]
fn clients_have_their_reasons_too() {
    let text = "Code;Nom;Plafond;Conditions\nC1;Un;1 000;30 jours\n;Deux;;\nC3;;;\nC4;Quatre;1O0;\nC4;Encore;;\nC5;Cinq;;selon contrat\nC6;Six";
    let table = read_clients(
        text.as_bytes(),
        "c",
        &TableOptions::default(),
        Currency::XOF,
    )
    .unwrap();
    let bad: Vec<_> = table
        .bad_rows
        .iter()
        .map(|bad| (bad.line, bad.code.as_str(), bad.column.as_str(), bad.why))
        .collect();
    assert_eq!(
        bad,
        [
            (3, "", "Code", Why::Empty),
            (4, "C3", "Nom", Why::Empty),
            (5, "C4", "Plafond", Why::NotANumber),
            (6, "C4", "Code", Why::CodeRepeated),
            (8, "C6", "Code", Why::TooFewColumns),
        ]
    );
    assert_eq!(table.clients.len(), 2);
    assert_eq!(
        (table.clients[0].terms, table.clients[1].terms),
        (Some(Terms::Net { days: 30 }), None)
    );
}

#[test]
fn costs_and_interest_are_told_from_sales() {
    for (written, expected) in [
        ("Pénalités de retard", true),
        ("Intérêts", true),
        ("FRAIS", true),
        ("Facture", false),
        ("", false),
    ] {
        let text =
            format!("{HEADING};Type\nF1;C1;31/10/2026;30/11/2026;100,00;0,00;100,00;0;{written}\n");
        let options = TableOptions::default();
        let table = read_invoices(text.as_bytes(), "f.csv", &options, Currency::EUR, &known());
        let table = table.unwrap();
        let [row] = table.invoices.as_slice() else {
            panic!("{written}: {:?}", table.bad_rows)
        };
        assert_eq!(
            (row.kind, row.charges),
            (InvoiceKind::Invoice, expected),
            "{written}"
        );
    }
}
