//! An import, prepared: files read, merged into the dossiers given, and told as a preview.

use super::bad::{BadClientRow, BadRow};
use super::clients::{ClientsTable, read_clients};
use super::columns::TableOptions;
use super::file::FileError;
use super::invoices::{InvoicesTable, KnownClients, read_invoices};
use super::open::FileReport;
use super::statement_date::propose_statement_date;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::Authored;
use tournee_domain::id::PortfolioCode;
use tournee_domain::statement::{
    ChangedGross, MergeError, MergeReport, Statement, StatementRows, merge,
};
use tournee_domain::{Amount, ClientCode, Currency, Dossier, InvoiceNumber};

/// What a person decided about an import; an empty object lets everything be found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// *Situation au*; left out, one is proposed and used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement_date: Option<NaiveDate>,
    /// The invoices' file lists every open item: what is missing from it is settled (DOMAIN §2.6).
    pub complete: bool,
    pub clients: TableOptions,
    pub invoices: TableOptions,
    /// Collector codes of the file that no user carries, and the portfolio each stands for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub portfolio_map: BTreeMap<PortfolioCode, PortfolioCode>,
}

/// What an import will do, or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreview {
    pub statement_date: NaiveDate,
    /// From the file's name, else its latest invoice; not before the office's latest statement, not after today.
    pub proposed_statement_date: NaiveDate,
    pub bad_rows: Vec<BadRow>,
    pub bad_client_rows: Vec<BadClientRow>,
    pub clients_good: u32,
    pub invoices_good: u32,
    /// Due dates the file did not give, from the client's terms.
    pub derived_due: BTreeMap<InvoiceNumber, NaiveDate>,
    /// Open amounts after the merge, in the organisation's currency, of every client with an invoice in it.
    pub open_by_client: BTreeMap<ClientCode, Amount>,
    pub open_total: Amount,
    /// The same in every other currency: never added up across (DOMAIN §2.6).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_in_other_currencies: BTreeMap<Currency, OpenInCurrency>,
    pub flagged_possible_double: Vec<InvoiceNumber>,
    pub changed_gross: Vec<ChangedGross>,
    /// Invoices treated as settled because a complete statement does not list them.
    pub settled_missing: u32,
    pub created: u32,
    pub updated: u32,
    pub unchanged: u32,
    pub clients_created: u32,
    pub clients_updated: u32,
    pub clients_unchanged: u32,
    /// Collector codes of the file that neither a user carries nor the options map.
    pub unknown_portfolios: Vec<UnknownPortfolio>,
    pub files: FilesReport,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInCurrency {
    pub open_by_client: BTreeMap<ClientCode, Amount>,
    pub open_total: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownPortfolio {
    pub code: PortfolioCode,
    /// Clients of the file under this code.
    pub clients: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilesReport {
    pub clients: Option<FileReport>,
    pub invoices: Option<FileReport>,
}

/// A file as it was uploaded.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// The files of one import: either or both.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    pub clients: Option<File<'a>>,
    pub invoices: Option<File<'a>>,
}

/// What the office knows that the files do not say.
#[derive(Clone, Copy, Debug)]
pub struct Office<'a> {
    pub currency: Currency,
    /// Business date in the organisation's time zone.
    pub today: NaiveDate,
    /// Every portfolio some user carries.
    pub portfolios: &'a BTreeSet<PortfolioCode>,
    /// The import's fact, or for a preview what it would be.
    pub authored: &'a Authored,
}

/// An import read and merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    pub preview: ImportPreview,
    /// To be stored beside the fact.
    pub rows: StatementRows,
    pub report: MergeReport,
    /// Whether the merge treated missing invoices as settled: never without a file of invoices.
    pub complete: bool,
}

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedTable {
    Clients,
    Invoices,
}

impl std::fmt::Display for ImportedTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Clients => "clients",
            Self::Invoices => "invoices",
        })
    }
}

/// Nothing was imported; the dossiers are as they were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("no file was given: choose the clients' file, the invoices' file or both")]
    NoFile,
    #[error("{table}: {error}")]
    File {
        table: ImportedTable,
        error: FileError,
    },
    #[error(
        "the statement is of {date}, {} days after today: correct its date",
        (*date - *today).num_days()
    )]
    FutureStatement { date: NaiveDate, today: NaiveDate },
    /// Everything owed would be settled at once: a wrong file, not a good month.
    #[error(
        "the list of open items is declared complete but holds no good row, so everything would be settled: correct the file, or import it as not complete"
    )]
    NothingListed,
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// Days a statement may be ahead: month-end statements are printed before the month ends. One dated by a slip of the keyboard
/// would refuse every right one after it.
pub const STATEMENT_DAYS_AHEAD_MAX: u64 = 31;

/// Reads the files and merges their good rows into `dossiers`, all of the organisation's. For a preview pass a copy.
///
/// # Errors
/// [`ImportError`]; the dossiers are then as they were.
pub fn prepare(
    dossiers: &mut BTreeMap<ClientCode, Dossier>,
    files: Files,
    options: &ImportOptions,
    office: &Office,
) -> Result<Prepared, ImportError> {
    let (clients, invoices) = read(dossiers, files, options, office.currency)?;
    let proposed = proposed_date(dossiers, files, invoices.as_ref(), office.today);
    let statement_date = options.statement_date.unwrap_or(proposed);
    if statement_date > office.today + Days::new(STATEMENT_DAYS_AHEAD_MAX) {
        return Err(ImportError::FutureStatement {
            date: statement_date,
            today: office.today,
        });
    }
    let complete = options.complete && invoices.is_some();

    let mut rows = StatementRows::default();
    let mut reports = FilesReport::default();
    let (mut bad_client_rows, mut bad_rows, mut derived_due) =
        (Vec::new(), Vec::new(), BTreeMap::new());
    if let Some(table) = clients {
        (rows.clients, bad_client_rows) = (table.clients, table.bad_rows);
        reports.clients = Some(table.report);
    }
    if let Some(table) = invoices {
        (rows.invoices, bad_rows, derived_due) =
            (table.invoices, table.bad_rows, table.derived_due);
        reports.invoices = Some(table.report);
    }
    if complete {
        if rows.invoices.is_empty() {
            return Err(ImportError::NothingListed);
        }
        let numbers = bad_rows.iter().map(|row| row.piece.as_str());
        let named = numbers.filter(|number| !number.is_empty());
        rows.unread = named.map(InvoiceNumber::new).collect();
    }
    let statement = Statement {
        authored: office.authored,
        date: statement_date,
        complete,
        portfolio_map: &options.portfolio_map,
    };
    let report = merge(dossiers, &rows, &statement)?;

    let mut open = open_by_currency(dossiers);
    let own = open.remove(&office.currency).unwrap_or_default();
    let preview = ImportPreview {
        statement_date,
        proposed_statement_date: proposed,
        bad_rows,
        bad_client_rows,
        clients_good: count(&rows.clients),
        invoices_good: count(&rows.invoices),
        derived_due,
        open_by_client: own.open_by_client,
        open_total: own.open_total,
        open_in_other_currencies: open,
        flagged_possible_double: report.flagged_possible_double.clone(),
        changed_gross: report.changed_gross.clone(),
        settled_missing: report.settled_missing,
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        clients_created: report.clients_created,
        clients_updated: report.clients_updated,
        clients_unchanged: report.clients_unchanged,
        unknown_portfolios: unknown_portfolios(&rows, options, office),
        files: reports,
    };
    Ok(Prepared {
        preview,
        rows,
        report,
        complete,
    })
}

fn read(
    dossiers: &BTreeMap<ClientCode, Dossier>,
    files: Files,
    options: &ImportOptions,
    currency: Currency,
) -> Result<(Option<ClientsTable>, Option<InvoicesTable>), ImportError> {
    if files.clients.is_none() && files.invoices.is_none() {
        return Err(ImportError::NoFile);
    }
    let at_fault = |table| move |error| ImportError::File { table, error };
    let clients = files
        .clients
        .map(|file| read_clients(file.bytes, file.name, &options.clients, currency))
        .transpose()
        .map_err(at_fault(ImportedTable::Clients))?;
    let mut known: KnownClients = dossiers
        .iter()
        .map(|(code, dossier)| (code.clone(), dossier.client.terms))
        .collect();
    // The file's own terms are newer than the office's.
    let from_file = clients.iter().flat_map(|table| &table.clients);
    known.extend(from_file.map(|client| (client.code.clone(), client.terms)));
    let invoices = files
        .invoices
        .map(|file| read_invoices(file.bytes, file.name, &options.invoices, currency, &known))
        .transpose()
        .map_err(at_fault(ImportedTable::Invoices))?;
    Ok((clients, invoices))
}

fn proposed_date(
    dossiers: &BTreeMap<ClientCode, Dossier>,
    files: Files,
    invoices: Option<&InvoicesTable>,
    today: NaiveDate,
) -> NaiveDate {
    let name = files
        .invoices
        .or(files.clients)
        .map_or("", |file| file.name);
    let latest_invoice =
        invoices.and_then(|table| table.invoices.iter().map(|row| row.invoice_date).max());
    let proposed = propose_statement_date(name, latest_invoice, today);
    // A statement older than the office's latest would be refused.
    let latest_statement = dossiers
        .values()
        .filter_map(|dossier| dossier.statement_date)
        .max();
    latest_statement.map_or(proposed, |latest| proposed.max(latest))
}

fn open_by_currency(
    dossiers: &BTreeMap<ClientCode, Dossier>,
) -> BTreeMap<Currency, OpenInCurrency> {
    let mut open: BTreeMap<Currency, OpenInCurrency> = BTreeMap::new();
    for (code, dossier) in dossiers {
        for invoice in &dossier.invoices {
            let of_currency = open.entry(invoice.currency).or_default();
            let amount = invoice.open();
            of_currency.open_total += amount;
            *of_currency.open_by_client.entry(code.clone()).or_default() += amount;
        }
    }
    open
}

fn unknown_portfolios(
    rows: &StatementRows,
    options: &ImportOptions,
    office: &Office,
) -> Vec<UnknownPortfolio> {
    let mut clients: BTreeMap<&PortfolioCode, u32> = BTreeMap::new();
    for code in rows
        .clients
        .iter()
        .filter_map(|client| client.portfolio.as_ref())
    {
        if !office.portfolios.contains(code) && !options.portfolio_map.contains_key(code) {
            *clients.entry(code).or_default() += 1;
        }
    }
    clients
        .into_iter()
        .map(|(code, clients)| UnknownPortfolio {
            code: code.clone(),
            clients,
        })
        .collect()
}

fn count<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}
