//! Exports of the accounting package: clients and open items as delimited text, in any encoding, separator, number and date
//! style (PRODUCT L1, L2). What a file is, is found and shown; every bad row is listed with its line, column and reason;
//! the good ones go in.

mod bad;
mod clients;
mod columns;
mod field;
mod file;
mod invoices;
mod open;
mod prepare;
mod statement_date;
mod table;
mod text;

pub use bad::{BadClientRow, BadRow, Why};
pub use clients::{ClientsTable, read_clients};
pub use columns::TableOptions;
pub use field::Field;
pub use file::{CELL_BYTES_MAX, COLUMNS_MAX, FILE_BYTES_MAX, FILE_ROWS_MAX, FileError, FileKind};
pub use invoices::{InvoicesTable, KnownClients, read_invoices};
pub use open::{ColumnReport, FileReport};
pub use prepare::{
    File, Files, FilesReport, ImportError, ImportOptions, ImportPreview, ImportedTable, Office,
    OpenInCurrency, Prepared, STATEMENT_DAYS_AHEAD_MAX, UnknownPortfolio, prepare,
};
pub use statement_date::propose_statement_date;
pub use table::Separator;
pub use text::Encoding;
