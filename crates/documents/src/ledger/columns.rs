//! Which column holds which field, and in what style its numbers and dates are written.

use super::field::{Field, Headings, heading_key, synonyms};
use super::file::FileError;
use super::table::{Record, Separator, records};
use super::text::Encoding;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::Currency;
use tournee_domain::parse::{DateStyle, DecimalStyle, ParseAmountError, decimal_style_of};

/// What a person chose instead of what was found. Everything left out is found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
    /// Column of a field, from 0, whatever its heading says.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<Field, usize>,
    /// Fields the file does not have, whatever its headings say.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub without: BTreeSet<Field>,
    /// Style of every date column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_style: Option<DateStyle>,
    /// Style of every number column, except those of `decimal_styles`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_style: Option<DecimalStyle>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub decimal_styles: BTreeMap<Field, DecimalStyle>,
}

/// Letters of a heading that are shown.
const HEADING_LETTERS_MAX: usize = 80;

/// Rows among which the heading is looked for: titles may stand above it.
const HEADING_ROWS_MAX: usize = 10;

/// The heading row and the column of each field found.
pub struct Mapping {
    /// Physical line of the heading.
    pub line: u32,
    pub headings: Vec<String>,
    pub columns: BTreeMap<Field, usize>,
}

impl Mapping {
    /// Takes as heading the row, among the first few, of which most cells name a field. Of each set of `required` one field
    /// must then have a column.
    ///
    /// # Errors
    /// [`FileError::MissingColumn`] with the headings of that row, [`FileError::NoSuchColumn`], [`FileError::NoHeading`].
    pub fn find(
        text: &str,
        separator: Separator,
        headings: &Headings,
        required: &[&[Field]],
        options: &TableOptions,
    ) -> Result<Self, FileError> {
        let mapping = records(text, separator)
            .take(HEADING_ROWS_MAX)
            .map(|record| Self::of(&record, headings, options))
            .min_by_key(|mapping| Reverse(mapping.columns.len()))
            .ok_or(FileError::NoHeading)?;
        let columns = mapping.headings.len();
        let beyond = mapping.columns.iter().find(|(_, index)| **index >= columns);
        if let Some((&field, &index)) = beyond {
            return Err(FileError::NoSuchColumn {
                field,
                index,
                columns,
            });
        }
        let has_one = |fields: &[Field]| {
            fields
                .iter()
                .any(|field| mapping.columns.contains_key(field))
        };
        match required.iter().find(|fields| !has_one(fields)) {
            Some(missing) => Err(FileError::MissingColumn {
                field: missing[0],
                headings: mapping.headings,
            }),
            None => Ok(mapping),
        }
    }

    fn of(record: &Record, headings: &Headings, options: &TableOptions) -> Self {
        let names: Vec<String> = record
            .cells
            .iter()
            .map(|cell| cell.trim().chars().take(HEADING_LETTERS_MAX).collect())
            .collect();
        let keys: Vec<String> = names.iter().map(|name| heading_key(name)).collect();
        let mut columns = options.columns.clone();
        for (field, list) in headings {
            if columns.contains_key(field) || options.without.contains(field) {
                continue;
            }
            let free = |index: &usize| !columns.values().any(|taken| taken == index);
            let named = |synonym| {
                (0..keys.len())
                    .filter(free)
                    .find(|index| keys[*index] == synonym)
            };
            if let Some(column) = synonyms(list).find_map(named) {
                columns.insert(*field, column);
            }
        }
        Self {
            line: record.line,
            headings: names,
            columns,
        }
    }

    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(&field).copied()
    }

    /// The heading of the field's column; empty when there is none.
    pub fn heading(&self, field: Field) -> &str {
        self.column(field)
            .map_or("", |index| self.headings[index].as_str())
    }

    /// Headings and cells of the columns that hold no field, without empty ones.
    pub fn others<'r>(&'r self, record: &'r Record) -> impl Iterator<Item = (&'r str, &'r str)> {
        let headings = self.headings.iter().enumerate();
        let others = headings.filter(|(index, _)| !self.columns.values().any(|used| used == index));
        others
            .map(|(index, heading)| (heading.trim(), record.cell(index)))
            .filter(|(heading, cell)| !heading.is_empty() && !cell.is_empty())
    }

    /// The field's cell without blanks around; empty when there is no such column.
    pub fn cell<'r>(&self, record: &'r Record, field: Field) -> &'r str {
        self.column(field).map_or("", |index| record.cell(index))
    }
}

/// The styles of the columns that hold numbers and dates.
pub struct Styles {
    pub decimals: BTreeMap<Field, DecimalStyle>,
    pub dates: BTreeMap<Field, DateStyle>,
}

/// Of a column's telling numbers, one in this many may be of the other style before the column asks.
const OTHER_STYLE_ONE_IN: usize = 20;

/// Examples of unclear numbers shown.
const EXAMPLES_MAX: usize = 3;

impl Styles {
    /// Decides each column's style from all its cells (DOMAIN §2.6), unless it was chosen.
    ///
    /// # Errors
    /// [`FileError::AmbiguousNumbers`] for a column whose numbers read two ways.
    pub fn find<'t>(
        rows: impl Iterator<Item = Record<'t>>,
        mapping: &Mapping,
        numbers: &[Field],
        dates: &[Field],
        currency: Currency,
        options: &TableOptions,
    ) -> Result<Self, FileError> {
        let present = |field: &&Field| mapping.columns.contains_key(*field);
        let mut number_votes: Vec<_> = numbers
            .iter()
            .filter(present)
            .map(|f| (*f, NumberVotes::default()))
            .collect();
        let mut date_votes: Vec<_> = dates
            .iter()
            .filter(present)
            .map(|f| (*f, DateVotes::default()))
            .collect();
        for row in rows {
            let named = mapping.cell(&row, Field::Currency);
            let currency = named.parse().unwrap_or(currency);
            for (field, votes) in &mut number_votes {
                votes.add(mapping.cell(&row, *field), currency);
            }
            for (field, votes) in &mut date_votes {
                votes.add(mapping.cell(&row, *field));
            }
        }
        let chosen = |field: &Field| {
            options
                .decimal_styles
                .get(field)
                .copied()
                .or(options.decimal_style)
        };
        let mut decimals = BTreeMap::new();
        for (field, votes) in number_votes {
            let style = match (chosen(&field), votes.style()) {
                (Some(style), _) | (None, Some(style)) => style,
                (None, None) => {
                    let heading = mapping.heading(field).to_owned();
                    return Err(FileError::AmbiguousNumbers {
                        field,
                        heading,
                        examples: votes.unclear_examples,
                    });
                }
            };
            decimals.insert(field, style);
        }
        // A date column that could be either follows the file's other dates, else the custom of most of the world.
        let told = date_votes
            .iter()
            .filter_map(|(_, votes)| votes.style())
            .find(|style| *style != DateStyle::YearFirst)
            .unwrap_or(DateStyle::DayFirst);
        let date_style = |votes: &DateVotes| options.date_style.or(votes.style()).unwrap_or(told);
        let dates = date_votes
            .iter()
            .map(|(field, votes)| (*field, date_style(votes)))
            .collect();
        Ok(Self { decimals, dates })
    }

    /// The one style of all number columns, if they agree.
    pub fn decimal_style(&self) -> Option<DecimalStyle> {
        one(self.decimals.values())
    }

    /// The one style of all date columns, if they agree.
    pub fn date_style(&self) -> Option<DateStyle> {
        one(self.dates.values())
    }
}

fn one<'s, S: Copy + PartialEq + 's>(mut styles: impl Iterator<Item = &'s S>) -> Option<S> {
    let first = *styles.next()?;
    styles.all(|style| *style == first).then_some(first)
}

#[derive(Default)]
struct NumberVotes {
    comma: usize,
    dot: usize,
    unclear: usize,
    unclear_examples: Vec<String>,
}

impl NumberVotes {
    fn add(&mut self, cell: &str, currency: Currency) {
        match decimal_style_of(cell, currency) {
            Ok(Some(DecimalStyle::Comma)) => self.comma += 1,
            Ok(Some(DecimalStyle::Dot)) => self.dot += 1,
            Ok(None) => return,
            Err(ParseAmountError::Unclear) => self.unclear += 1,
            Err(_) => return,
        }
        if self.unclear_examples.len() < EXAMPLES_MAX
            && !self.unclear_examples.iter().any(|known| known == cell)
        {
            self.unclear_examples.push(cell.to_owned());
        }
    }

    /// `None`: the column asks.
    fn style(&self) -> Option<DecimalStyle> {
        let (style, votes, against) = if self.comma >= self.dot {
            (DecimalStyle::Comma, self.comma, self.dot)
        } else {
            (DecimalStyle::Dot, self.dot, self.comma)
        };
        // Numbers without any sign read alike in both styles.
        let silent = votes == 0 && self.unclear == 0;
        let clear = votes > 0 && against * OTHER_STYLE_ONE_IN <= votes;
        (silent || clear).then_some(style)
    }
}

/// Dates that stand with their year first read alike in every style; the others say which of day and month comes first,
/// or leave it open.
#[derive(Default)]
struct DateVotes {
    day_first: usize,
    month_first: usize,
    either: usize,
    year_first: usize,
}

impl DateVotes {
    fn add(&mut self, cell: &str) {
        use tournee_domain::parse::date;
        let reads = |style| date(cell, style).is_ok();
        match (
            reads(DateStyle::YearFirst),
            reads(DateStyle::DayFirst),
            reads(DateStyle::MonthFirst),
        ) {
            (true, _, _) => self.year_first += 1,
            (_, true, true) => self.either += 1,
            (_, true, false) => self.day_first += 1,
            (_, false, true) => self.month_first += 1,
            (false, false, false) => {}
        }
    }

    /// `None` when nothing of the column tells.
    fn style(&self) -> Option<DateStyle> {
        match (self.day_first, self.month_first) {
            (0, 0) => (self.either == 0 && self.year_first > 0).then_some(DateStyle::YearFirst),
            (day, month) if day >= month => Some(DateStyle::DayFirst),
            _ => Some(DateStyle::MonthFirst),
        }
    }
}
