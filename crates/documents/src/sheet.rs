//! A table as people take it into a spreadsheet: the same cells as CSV and as XLSX (PRODUCT I9).

mod csv;
mod xlsx;

pub use csv::CSV_MEDIA_TYPE;
pub use xlsx::XLSX_MEDIA_TYPE;

use crate::spreadsheet::all_decimals;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use tournee_domain::{Amount, Currency};

/// One value of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing is known, or it does not apply.
    Empty,
    Text(String),
    /// In the sheet's currency.
    Amount(Amount),
    /// Days, percents.
    Number(Decimal),
    Date(NaiveDate),
}

/// A table with its headings. Every row has as many cells as there are headings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The name of the page in a workbook.
    pub name: String,
    pub currency: Currency,
    pub head: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// The line at the foot; empty when there is none.
    pub total: Vec<Cell>,
}

impl Sheet {
    fn lines(&self) -> impl Iterator<Item = &Vec<Cell>> {
        let total = (!self.total.is_empty()).then_some(&self.total);
        self.rows.iter().chain(total)
    }

    /// A number as it is, with a decimal dot; `None` for what is no number.
    fn plain(&self, cell: &Cell) -> Option<String> {
        match cell {
            Cell::Empty | Cell::Text(_) | Cell::Date(_) => None,
            Cell::Amount(amount) => Some(all_decimals(*amount, self.currency)),
            Cell::Number(number) => Some(number.to_string()),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Amount> for Cell {
    fn from(amount: Amount) -> Self {
        Self::Amount(amount)
    }
}

impl From<Option<Decimal>> for Cell {
    fn from(number: Option<Decimal>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

#[cfg(test)]
mod tests;
