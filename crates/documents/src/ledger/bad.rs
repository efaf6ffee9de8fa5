//! Rows that cannot go in, each with one reason.

use serde::{Deserialize, Serialize};
use tournee_domain::parse::ParseAmountError;

/// A row of the invoices' table left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// Physical line in the file on which the row begins; the first line is 1.
    pub line: u32,
    /// The number the row carries, as written.
    pub piece: String,
    /// Heading of the column at fault, as written.
    pub column: String,
    pub why: Why,
}

/// A row of the clients' table left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadClientRow {
    pub line: u32,
    pub code: String,
    pub column: String,
    pub why: Why,
}

/// Why a row is bad. Serialised as the words of the ledger's truth; a page translates by variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Why {
    #[serde(rename = "too few columns")]
    TooFewColumns,
    #[serde(rename = "cell too long")]
    CellTooLong,
    /// A number, code, name, date or amount that every row needs.
    #[serde(rename = "empty")]
    Empty,
    #[serde(rename = "number repeated in the file")]
    NumberRepeated,
    #[serde(rename = "code repeated in the file")]
    CodeRepeated,
    #[serde(rename = "unknown client")]
    UnknownClient,
    #[serde(rename = "unknown type")]
    UnknownType,
    #[serde(rename = "unknown currency")]
    UnknownCurrency,
    #[serde(rename = "invalid date")]
    InvalidDate,
    /// No due date, and the client's terms are not known.
    #[serde(rename = "unknown terms and no due date")]
    UnknownTerms,
    #[serde(rename = "not a number")]
    NotANumber,
    #[serde(rename = "the currency has no subunit")]
    NoSubunit,
    #[serde(rename = "finer than the currency's smallest unit")]
    TooFine,
    #[serde(rename = "number too long")]
    TooLong,
    #[serde(rename = "gross is not net plus VAT")]
    GrossNotNetPlusVat,
    /// An invoice below zero, or a credit note above.
    #[serde(rename = "sign against the type")]
    SignAgainstType,
    #[serde(rename = "neither yes nor no")]
    NeitherYesNorNo,
}

impl From<ParseAmountError> for Why {
    fn from(error: ParseAmountError) -> Self {
        match error {
            ParseAmountError::Empty => Self::Empty,
            ParseAmountError::NotANumber | ParseAmountError::Unclear => Self::NotANumber,
            ParseAmountError::NoSubunit => Self::NoSubunit,
            ParseAmountError::TooFine => Self::TooFine,
            ParseAmountError::TooLong => Self::TooLong,
        }
    }
}
