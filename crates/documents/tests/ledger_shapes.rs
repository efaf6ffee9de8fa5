//! The same export in other encodings, separators and styles gives the same rows; damaged and random files do no harm.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where its data is not as expected"
)]

mod common;

use common::{HEADING, data, known};
use proptest::prelude::*;
use tournee_documents::ledger::{
    ClientsTable, Encoding, Field, InvoicesTable, Separator, TableOptions, read_clients,
    read_invoices,
};
use tournee_domain::Currency;
use tournee_domain::parse::{DateStyle, DecimalStyle};

#[test]
fn the_same_rows_come_out_of_every_shape() {
    let clients = text("clients.csv");
    let invoices = text("factures.csv");
    let expected = read(&data("clients.csv"), &data("factures.csv"));
    let utf8 = |text: &str| text.as_bytes().to_vec();
    let with_mark = |text: &str| format!("\u{feff}{text}").into_bytes();
    let utf16 = |text: &str| {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    let utf16_be = |text: &str| {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect::<Vec<_>>()
    };
    let unix = |text: &str| text.replace("\r\n", "\n").into_bytes();
    let old_mac = |text: &str| text.replace("\r\n", "\r").into_bytes();
    let comma = |text: &str| reshaped(text, ',', str::to_owned).into_bytes();
    let tab_dot_iso = |text: &str| reshaped(text, '\t', dot_iso).into_bytes();
    let comma_dot_iso = |text: &str| reshaped(text, ',', dot_iso).into_bytes();
    let pipe_narrow =
        |text: &str| reshaped(text, '|', |cell| cell.replace('\u{a0}', "\u{202f}")).into_bytes();
    let dots_group = |text: &str| reshaped(text, ';', dots_group_cell).into_bytes();
    let american = |text: &str| reshaped(text, ',', american_cell).into_bytes();
    let shapes: [(&str, Shape); 12] = [
        ("UTF-8", &utf8),
        ("UTF-8 with its mark", &with_mark),
        ("UTF-16LE", &utf16),
        ("UTF-16BE", &utf16_be),
        ("lines of Unix", &unix),
        ("lines of old Macs", &old_mac),
        ("commas", &comma),
        ("tabs, dots, ISO dates", &tab_dot_iso),
        ("commas, dots, ISO dates", &comma_dot_iso),
        ("pipes, narrow blanks", &pipe_narrow),
        ("dots group", &dots_group),
        ("month first, commas group", &american),
    ];
    for (name, shape) in shapes {
        let found = read(&shape(&clients), &shape(&invoices));
        assert_eq!(found.0.clients, expected.0.clients, "{name}");
        assert_eq!(found.0.bad_rows, expected.0.bad_rows, "{name}");
        assert_eq!(found.1.invoices, expected.1.invoices, "{name}");
        assert_eq!(found.1.bad_rows, expected.1.bad_rows, "{name}");
        assert_eq!(found.1.derived_due, expected.1.derived_due, "{name}");
    }
    let report = read(&comma_dot_iso(&clients), &american(&invoices))
        .1
        .report;
    assert_eq!(
        (
            report.encoding,
            report.separator,
            report.decimal_style,
            report.date_style
        ),
        (
            Encoding::Utf8,
            Separator::Comma,
            Some(DecimalStyle::Dot),
            Some(DateStyle::MonthFirst)
        )
    );
}

#[test]
fn every_prefix_of_a_file_does_no_harm() {
    for name in ["clients.csv", "factures.csv"] {
        let bytes = data(name);
        let utf8 = text(name).into_bytes();
        // Every length of the first rows, then a few: each reads the whole prefix.
        for length in (0..900).chain((900..bytes.len()).step_by(60_013)) {
            for bytes in [&bytes, &utf8] {
                let prefix = &bytes[..length.min(bytes.len())];
                let _ = read_clients(prefix, name, &TableOptions::default(), Currency::XOF);
                let _ = read_invoices(
                    prefix,
                    name,
                    &TableOptions::default(),
                    Currency::XOF,
                    &known(),
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        harmless(&bytes);
    }

    /// Text of the signs that matter to a table, below a good heading.
    #[test]
    fn random_tables_do_no_harm(rows in "[\"; ,.\\-0-9/a\r\n\u{a0}é()]{0,400}") {
        harmless(format!("{HEADING}\r\n{rows}").as_bytes());
        harmless(rows.as_bytes());
    }

    /// A few damaged bytes in a real file: the rows they do not touch stay the same.
    #[test]
    fn damage_stays_in_its_row(position in 0..8_000_usize, byte in b' '..=b'~') {
        let original = &data("factures.csv")[..8_000];
        let mut damaged = original.to_vec();
        prop_assume!(position > 200 && !matches!(damaged[position], b'\r' | b'\n'));
        damaged[position] = byte;
        let numbers = |bytes: &[u8]| {
            let table = read_invoices(bytes, "f", &TableOptions::default(), Currency::XOF, &known()).unwrap();
            let bad = table.bad_rows.iter().map(|row| row.line);
            (table.report.rows, table.invoices.len() + bad.count())
        };
        prop_assert_eq!(numbers(original), numbers(&damaged));
    }
}

/// Another way of writing the sample.
type Shape<'a> = &'a dyn Fn(&str) -> Vec<u8>;

fn harmless(bytes: &[u8]) {
    for encoding in Encoding::ALL.map(Some).into_iter().chain([None]) {
        let options = TableOptions {
            encoding,
            ..TableOptions::default()
        };
        let _ = read_clients(bytes, "x", &options, Currency::EUR);
        let _ = read_invoices(bytes, "x", &options, Currency::EUR, &known());
    }
    let columns = [
        Field::Number,
        Field::Client,
        Field::InvoiceDate,
        Field::Gross,
        Field::Settled,
    ];
    let columns = columns.into_iter().zip(0..).collect();
    let _ = read_invoices(
        bytes,
        "x",
        &TableOptions {
            columns,
            ..Default::default()
        },
        Currency::XOF,
        &known(),
    );
}

fn read(clients: &[u8], invoices: &[u8]) -> (ClientsTable, InvoicesTable) {
    let clients = read_clients(
        clients,
        "clients.csv",
        &TableOptions::default(),
        Currency::XOF,
    )
    .unwrap();
    let known = clients
        .clients
        .iter()
        .map(|client| (client.code.clone(), client.terms))
        .collect();
    let invoices = read_invoices(
        invoices,
        "factures.csv",
        &TableOptions::default(),
        Currency::XOF,
        &known,
    )
    .unwrap();
    (clients, invoices)
}

fn text(name: &str) -> String {
    data(name)
        .iter()
        .map(|byte| {
            if *byte == 0x80 {
                '€'
            } else {
                char::from(*byte)
            }
        })
        .collect()
}

/// The sample with another separator and other cells; it has no quotes but around a name with a semicolon.
fn reshaped(text: &str, separator: char, cell: impl Fn(&str) -> String) -> String {
    let line = |line: &str| {
        let mut cells: Vec<String> = Vec::new();
        let mut rest = line;
        loop {
            let (one, after) = match rest
                .strip_prefix('"')
                .and_then(|inside| inside.split_once('"'))
            {
                Some((quoted, after)) => (quoted, after.strip_prefix(';')),
                None => rest
                    .split_once(';')
                    .map_or((rest, None), |(one, after)| (one, Some(after))),
            };
            cells.push(cell(one));
            match after {
                Some(after) => rest = after,
                None => break,
            }
        }
        let quote = |cell: &String| {
            if cell.contains([separator, '"']) {
                format!("\"{cell}\"")
            } else {
                cell.clone()
            }
        };
        cells
            .iter()
            .map(quote)
            .collect::<Vec<_>>()
            .join(&separator.to_string())
    };
    text.split("\r\n")
        .map(line)
        .collect::<Vec<_>>()
        .join("\r\n")
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
        && cell
            .chars()
            .all(|letter| letter.is_ascii_digit() || "-,\u{a0}".contains(letter))
}

fn is_date(cell: &str) -> bool {
    cell.len() == 10 && cell.as_bytes()[2] == b'/' && cell.as_bytes()[5] == b'/'
}

fn dot_iso(cell: &str) -> String {
    if is_date(cell) {
        return format!("{}-{}-{}", &cell[6..], &cell[3..5], &cell[..2]);
    }
    if is_number(cell) {
        cell.replace(',', ".").replace('\u{a0}', "")
    } else {
        cell.to_owned()
    }
}

fn dots_group_cell(cell: &str) -> String {
    // With decimals everywhere, as a ledger that groups by dots writes them: a column of « 1.234 » would ask.
    match (is_number(cell), cell.contains(',')) {
        (true, true) => cell.replace('\u{a0}', "."),
        (true, false) => format!("{},00", cell.replace('\u{a0}', ".")),
        (false, _) => cell.to_owned(),
    }
}

fn american_cell(cell: &str) -> String {
    if is_date(cell) {
        return format!("{}/{}/{}", &cell[3..5], &cell[..2], &cell[6..]);
    }
    match (is_number(cell), cell.contains(',')) {
        (true, true) => cell.replace(',', ".").replace('\u{a0}', ","),
        (true, false) => format!("{}.00", cell.replace('\u{a0}', ",")),
        (false, _) => cell.to_owned(),
    }
}
