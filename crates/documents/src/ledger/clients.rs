//! The clients' table.

use super::bad::{BadClientRow, Why};
use super::columns::TableOptions;
use super::field::{CLIENT_HEADINGS, Field};
use super::file::FileError;
use super::open::{FileReport, Kind, OpenTable};
use super::table::Record;
use std::collections::HashSet;
use tournee_domain::dossier::{Client, Detail};
use tournee_domain::id::PortfolioCode;
use tournee_domain::parse::styled_amount;
use tournee_domain::terms::Terms;
use tournee_domain::{ClientCode, Currency};

/// Columns of the ledger's own kept for a client, and characters of each.
const DETAILS_MAX: usize = 40;
const DETAIL_CHARS_MAX: usize = 300;

/// A clients' file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientsTable {
    pub report: FileReport,
    /// Good rows in the file's order.
    pub clients: Vec<Client>,
    pub bad_rows: Vec<BadClientRow>,
}

const KIND: Kind = Kind {
    headings: CLIENT_HEADINGS,
    required: &[&[Field::Code], &[Field::Name]],
    numbers: &[Field::CreditLimit],
    dates: &[],
};

/// Reads a clients' export. Credit limits are in `currency`, the organisation's. Terms that are not understood are left
/// out: only an invoice without due date needs them.
///
/// # Errors
/// [`FileError`] when the file as a whole cannot be read; single rows go to `bad_rows`.
pub fn read_clients(
    bytes: &[u8],
    name: &str,
    options: &TableOptions,
    currency: Currency,
) -> Result<ClientsTable, FileError> {
    let table = OpenTable::open(bytes, name, &KIND, options, currency)?;
    let mut seen = HashSet::new();
    let (mut clients, mut bad_rows) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let code = table.mapping.cell(&row, Field::Code);
        let repeated = !code.is_empty() && !seen.insert(code.to_owned());
        match client(&table, &row, repeated, currency) {
            Ok(client) => clients.push(client),
            Err((field, why)) => bad_rows.push(BadClientRow {
                line: row.line,
                code: code.to_owned(),
                column: table.mapping.heading(field).to_owned(),
                why,
            }),
        }
    }
    Ok(ClientsTable {
        report: table.report,
        clients,
        bad_rows,
    })
}

/// What the file says in columns of its own: nothing of a client's file is dropped (PRODUCT A4).
fn details(table: &OpenTable, row: &Record) -> Vec<Detail> {
    let shortened = |text: &str| text.chars().take(DETAIL_CHARS_MAX).collect();
    let others = table.mapping.others(row).take(DETAILS_MAX);
    let detail = others.map(|(name, value)| Detail {
        name: shortened(name),
        value: shortened(value),
    });
    detail.collect()
}

fn client(
    table: &OpenTable,
    row: &Record,
    repeated: bool,
    currency: Currency,
) -> Result<Client, (Field, Why)> {
    let cell = |field| table.mapping.cell(row, field);
    let text = |field| cell(field).to_owned();
    if cell(Field::Code).is_empty() {
        return Err((Field::Code, Why::Empty));
    }
    // The first row of a code wins, even a bad one (DOMAIN §2.6).
    if repeated {
        return Err((Field::Code, Why::CodeRepeated));
    }
    if let Some(fault) = table.misshapen(row, Field::Code) {
        return Err(fault);
    }
    if cell(Field::Name).is_empty() {
        return Err((Field::Name, Why::Empty));
    }
    let credit_limit = match (
        cell(Field::CreditLimit),
        table.styles.decimals.get(&Field::CreditLimit),
    ) {
        ("", _) | (_, None) => None,
        (limit, Some(style)) => Some(
            styled_amount(limit, *style, currency)
                .map_err(|error| (Field::CreditLimit, error.into()))?,
        ),
    };
    let portfolio = cell(Field::Portfolio);
    Ok(Client {
        code: ClientCode::new(cell(Field::Code)),
        name: text(Field::Name),
        tax_id: text(Field::TaxId),
        city: text(Field::City),
        phone: text(Field::Phone),
        email: text(Field::Email),
        terms: Terms::parse(cell(Field::Terms)),
        credit_limit,
        portfolio: (!portfolio.is_empty()).then(|| PortfolioCode::new(portfolio)),
        details: details(table, row),
        corrections: Vec::new(),
    })
}
