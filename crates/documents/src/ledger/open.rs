//! A file opened as a table: decoded, separated, its columns and styles known.

use super::bad::Why;
use super::columns::{Mapping, Styles, TableOptions};
use super::field::{Field, Headings};
use super::file::{FILE_ROWS_MAX, FileError};
use super::table::{Record, Separator, find_separator, records};
use super::text::{Encoding, decode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use tournee_domain::Currency;
use tournee_domain::parse::{DateStyle, DecimalStyle};

/// What was found in a file, for the preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    pub name: String,
    pub encoding: Encoding,
    pub separator: Separator,
    /// `None` when the number columns differ; each column has its own below.
    pub decimal_style: Option<DecimalStyle>,
    pub date_style: Option<DateStyle>,
    pub columns: Vec<ColumnReport>,
    /// Rows below the heading that hold anything.
    pub rows: u32,
    /// The first rows, as written.
    pub sample: Vec<Vec<String>>,
}

/// One column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// From 0.
    pub index: usize,
    pub heading: String,
    /// What the column is read as; `None` when it is left aside.
    pub field: Option<Field>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal_style: Option<DecimalStyle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_style: Option<DateStyle>,
}

/// Rows of the sample.
const SAMPLE_ROWS: usize = 5;

/// Letters of a sampled cell.
const SAMPLE_LETTERS: usize = 80;

/// What one kind of table has.
pub(super) struct Kind {
    pub headings: &'static Headings,
    /// Of each set one field is needed.
    pub required: &'static [&'static [Field]],
    pub numbers: &'static [Field],
    pub dates: &'static [Field],
}

pub(super) struct OpenTable<'f> {
    text: Cow<'f, str>,
    separator: Separator,
    pub mapping: Mapping,
    pub styles: Styles,
    pub report: FileReport,
}

impl<'f> OpenTable<'f> {
    pub fn open(
        bytes: &'f [u8],
        name: &str,
        kind: &Kind,
        options: &TableOptions,
        currency: Currency,
    ) -> Result<Self, FileError> {
        let (text, encoding) = decode(bytes, options.encoding)?;
        let separator = options.separator.unwrap_or_else(|| find_separator(&text));
        let mapping = Mapping::find(&text, separator, kind.headings, kind.required, options)?;
        let count = rows_below(&text, separator, mapping.line)
            .take(FILE_ROWS_MAX as usize + 1)
            .count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count > FILE_ROWS_MAX {
            return Err(FileError::TooManyRows { max: FILE_ROWS_MAX });
        }
        let rows = rows_below(&text, separator, mapping.line);
        let styles = Styles::find(rows, &mapping, kind.numbers, kind.dates, currency, options)?;
        let short = |cell: &Cow<str>| cell.trim().chars().take(SAMPLE_LETTERS).collect();
        let report = FileReport {
            name: name.to_owned(),
            encoding,
            separator,
            decimal_style: styles.decimal_style(),
            date_style: styles.date_style(),
            columns: columns(&mapping, &styles),
            rows: count,
            sample: rows_below(&text, separator, mapping.line)
                .take(SAMPLE_ROWS)
                .map(|row| row.cells.iter().map(short).collect())
                .collect(),
        };
        Ok(Self {
            text,
            separator,
            mapping,
            styles,
            report,
        })
    }

    /// The rows below the heading that hold anything.
    pub fn rows(&self) -> impl Iterator<Item = Record<'_>> {
        rows_below(&self.text, self.separator, self.mapping.line)
    }

    /// A column that is read but that the row cannot give: cut for its length, or beyond the row's end. A short row is
    /// reported under `key`, the column that names it.
    pub fn misshapen(&self, row: &Record, key: Field) -> Option<(Field, Why)> {
        let columns = &self.mapping.columns;
        let cut = columns.iter().find(|(_, index)| row.cut.contains(index));
        let short = columns.values().any(|index| *index >= row.cells.len());
        match cut {
            Some((field, _)) => Some((*field, Why::CellTooLong)),
            None => short.then_some((key, Why::TooFewColumns)),
        }
    }
}

fn rows_below(
    text: &str,
    separator: Separator,
    heading_line: u32,
) -> impl Iterator<Item = Record<'_>> {
    records(text, separator).skip_while(move |record| record.line <= heading_line)
}

fn columns(mapping: &Mapping, styles: &Styles) -> Vec<ColumnReport> {
    let field_of = |index: usize| {
        mapping
            .columns
            .iter()
            .find(|(_, column)| **column == index)
            .map(|(field, _)| *field)
    };
    let column = |(index, heading): (usize, &String)| {
        let field = field_of(index);
        ColumnReport {
            index,
            heading: heading.clone(),
            field,
            decimal_style: field.and_then(|field| styles.decimals.get(&field).copied()),
            date_style: field.and_then(|field| styles.dates.get(&field).copied()),
        }
    };
    mapping.headings.iter().enumerate().map(column).collect()
}
