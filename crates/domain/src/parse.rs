//! Amounts and dates as people type them and as files write them (DOMAIN §7).

use crate::amount::AMOUNT_DIGITS_MAX;
use crate::fold::fold;
use crate::format::{Language, symbol};
use crate::{Amount, Currency};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Which sign separates the fraction. In a file it is decided for a whole column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalStyle {
    /// `1 234,50`, `1.234,50`
    Comma,
    /// `1,234.50`, `1 234.50`
    Dot,
}

/// In which order a date's parts stand. In a file it is decided for a whole column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    /// `31/10/2026`
    DayFirst,
    /// `10/31/2026`
    MonthFirst,
    /// `2026-10-31`, `20261031`
    YearFirst,
}

/// Why a text is no amount of the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    #[error("no amount is written")]
    Empty,
    #[error("not a number: write digits, for example 1 250 000")]
    NotANumber,
    /// `1.234` in euros: one thousand two hundred and thirty-four, or a fraction finer than cents?
    #[error("unclear: write the amount without thousands separators")]
    Unclear,
    #[error("the currency has no subunit: write a whole number")]
    NoSubunit,
    #[error("finer than the currency's smallest unit")]
    TooFine,
    #[error("the number is too long: amounts have fewer than {AMOUNT_DIGITS_MAX} digits")]
    TooLong,
}

/// Why a text is no date of the style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date of the calendar: write it as 31/10/2026")]
pub struct ParseDateError;

/// Years outside are slips of the keyboard, not business dates.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// Reads an amount a person typed. Blanks (space, U+00A0, U+202F…) group; of dot and comma the one that can only be the
/// decimal sign is. One sign before exactly three digits groups when the currency has no subunit, is the decimal sign when
/// it has three, and is unclear otherwise. The currency's symbol or code may stand before or after.
///
/// # Errors
/// [`ParseAmountError`] says why; nothing is guessed.
pub fn amount(text: &str, currency: Currency) -> Result<Amount, ParseAmountError> {
    let cell = Cell::read(text, currency)?;
    let dots = cell.digits.matches('.').count();
    let commas = cell.digits.matches(',').count();
    let style = match (dots, commas) {
        (0, 0) => DecimalStyle::Comma,
        (0, 2..) => DecimalStyle::Dot,
        (2.., 0) => DecimalStyle::Comma,
        (1.., 1..) => {
            if cell.digits.rfind(',') > cell.digits.rfind('.') {
                DecimalStyle::Comma
            } else {
                DecimalStyle::Dot
            }
        }
        (1, 0) => single_separator(&cell.digits, '.', currency)?,
        (0, 1) => single_separator(&cell.digits, ',', currency)?,
    };
    cell.amount(style, currency)
}

/// Reads a file's cell whose column is of `style`: the other sign, blanks and apostrophes group by three. A trailing minus
/// and parentheses make it negative, as ledgers print it.
///
/// # Errors
/// [`ParseAmountError`]; never [`ParseAmountError::Unclear`].
pub fn styled_amount(
    text: &str,
    style: DecimalStyle,
    currency: Currency,
) -> Result<Amount, ParseAmountError> {
    Cell::read(text, currency)?.amount(style, currency)
}

/// What a cell alone says about its column's style: `Ok(Some)` when only one reading is possible, `Ok(None)` when both styles
/// give the same amount or none, `Err(Unclear)` when they give two different ones (`1.234` in euros).
///
/// # Errors
/// Only [`ParseAmountError::Unclear`].
pub fn decimal_style_of(
    text: &str,
    currency: Currency,
) -> Result<Option<DecimalStyle>, ParseAmountError> {
    if !text.contains(['.', ',']) {
        return Ok(None);
    }
    let plain = |error| {
        matches!(
            error,
            ParseAmountError::NoSubunit | ParseAmountError::TooFine
        )
    };
    let comma = styled_amount(text, DecimalStyle::Comma, currency);
    let dot = styled_amount(text, DecimalStyle::Dot, currency);
    match (comma, dot) {
        (Ok(comma), Ok(dot)) if comma == dot => Ok(None),
        (Ok(_), Ok(_)) => Err(ParseAmountError::Unclear),
        // A well-formed number in one style, merely finer than the currency, and another number in the other style.
        (Ok(_), Err(error)) | (Err(error), Ok(_)) if plain(error) => Err(ParseAmountError::Unclear),
        (Ok(_), Err(_)) => Ok(Some(DecimalStyle::Comma)),
        (Err(_), Ok(_)) => Ok(Some(DecimalStyle::Dot)),
        (Err(comma), Err(dot)) if plain(comma) && !plain(dot) => Ok(Some(DecimalStyle::Comma)),
        (Err(comma), Err(dot)) if plain(dot) && !plain(comma) => Ok(Some(DecimalStyle::Dot)),
        (Err(_), Err(_)) => Ok(None),
    }
}

/// Reads a date of the given style; parts are separated by `/`, `-`, `.` or a blank, a time of day after it is ignored.
/// Years of two digits are those of 1980 to 2079. A year of four digits in front (`2026-10-31`) says its order itself, in
/// every style.
///
/// # Errors
/// [`ParseDateError`] when the parts are no day of the calendar between 1900 and 2199.
pub fn date(text: &str, style: DateStyle) -> Result<NaiveDate, ParseDateError> {
    let parts = date_parts(text).ok_or(ParseDateError)?;
    let [a, b, c] = parts;
    let style = if a.len() == 4 {
        DateStyle::YearFirst
    } else {
        style
    };
    let (year, month, day) = match style {
        DateStyle::DayFirst => (c, b, a),
        DateStyle::MonthFirst => (c, a, b),
        DateStyle::YearFirst => (a, b, c),
    };
    let number = |part: &str| part.parse::<u32>().map_err(|_| ParseDateError);
    let year = match year.len() {
        4 => number(year)?,
        2 if style != DateStyle::YearFirst => match number(year)? {
            short @ 80.. => 1900 + short,
            short => 2000 + short,
        },
        _ => return Err(ParseDateError),
    };
    if month.len() > 2 || day.len() > 2 {
        return Err(ParseDateError);
    }
    let year = i32::try_from(year)
        .ok()
        .filter(|year| YEARS.contains(year))
        .ok_or(ParseDateError)?;
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?).ok_or(ParseDateError)
}

/// A number's text without its sign, symbol and blanks.
struct Cell {
    negative: bool,
    /// Digits, dots and commas only; blanks and apostrophes became [`Cell::GROUP`].
    digits: String,
}

impl Cell {
    const GROUP: char = ' ';

    fn read(text: &str, currency: Currency) -> Result<Self, ParseAmountError> {
        let mut rest = text.trim_matches(is_blank);
        if rest.is_empty() {
            return Err(ParseAmountError::Empty);
        }
        let mut negative = false;
        if let Some(inside) = rest
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            (negative, rest) = (true, inside.trim_matches(is_blank));
        }
        rest = without_symbol(rest, currency);
        let minus = |letter: char| matches!(letter, '-' | '\u{2212}' | '\u{2011}');
        if let Some(positive) = rest
            .strip_prefix(minus)
            .or_else(|| rest.strip_suffix(minus))
        {
            if negative {
                return Err(ParseAmountError::NotANumber);
            }
            (negative, rest) = (
                true,
                without_symbol(positive.trim_matches(is_blank), currency),
            );
        } else if let Some(positive) = rest.strip_prefix('+') {
            rest = positive.trim_matches(is_blank);
        }
        let mut digits = String::with_capacity(rest.len());
        for letter in rest.chars() {
            match letter {
                '0'..='9' | '.' | ',' => digits.push(letter),
                '\'' | '’' => digits.push(Self::GROUP),
                blank if is_blank(blank) => digits.push(Self::GROUP),
                _ => return Err(ParseAmountError::NotANumber),
            }
        }
        Ok(Self { negative, digits })
    }

    fn amount(&self, style: DecimalStyle, currency: Currency) -> Result<Amount, ParseAmountError> {
        let (point, group) = match style {
            DecimalStyle::Comma => (',', '.'),
            DecimalStyle::Dot => ('.', ','),
        };
        let (whole, fraction) = match self.digits.split_once(point) {
            Some((whole, fraction)) => (whole, fraction),
            None => (self.digits.as_str(), "0"),
        };
        let all_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(fraction) || !grouped(whole, group) {
            return Err(ParseAmountError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        if fraction.len() > currency.scale() as usize {
            return Err(if currency.scale() == 0 {
                ParseAmountError::NoSubunit
            } else {
                ParseAmountError::TooFine
            });
        }
        let mut plain = match digits.trim_start_matches('0') {
            "" => "0".to_owned(),
            digits => digits.to_owned(),
        };
        if !fraction.is_empty() {
            plain.push('.');
            plain.push_str(fraction);
        }
        // Only what the wire can carry is an amount: the one rule of its length is there.
        let value: Amount = plain.parse().map_err(|_| ParseAmountError::TooLong)?;
        Ok(if self.negative && !value.is_zero() {
            -value
        } else {
            value
        })
    }
}

/// Whether `whole` is plain digits, or digits in groups of three by blanks or by `sign`, not by both.
fn grouped(whole: &str, sign: char) -> bool {
    let separator = match (whole.contains(Cell::GROUP), whole.contains(sign)) {
        (true, true) => return false,
        (_, true) => sign,
        _ => Cell::GROUP,
    };
    let mut groups = whole.split(separator);
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    // « 0.500 » is a fraction: nobody writes five hundred so.
    let heads_groups = first.len() <= 3 && !first.starts_with('0');
    digits(first)
        && (rest.peek().is_none() || heads_groups)
        && rest.all(|group| group.len() == 3 && digits(group))
}

/// The style in which a number with a single dot or comma is meant.
fn single_separator(
    digits: &str,
    sign: char,
    currency: Currency,
) -> Result<DecimalStyle, ParseAmountError> {
    let (decimal, grouping) = match sign {
        ',' => (DecimalStyle::Comma, DecimalStyle::Dot),
        _ => (DecimalStyle::Dot, DecimalStyle::Comma),
    };
    let (whole, fraction) = digits.split_once(sign).unwrap_or((digits, ""));
    let could_group = fraction.len() == 3 && grouped(digits, sign) && !whole.starts_with('0');
    match currency.scale() {
        _ if !could_group => Ok(decimal),
        0 => Ok(grouping),
        3 => Ok(decimal),
        _ => Err(ParseAmountError::Unclear),
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200b}' | '\u{feff}')
}

/// `text` without the currency's symbol or code before or after it.
fn without_symbol(text: &str, currency: Currency) -> &str {
    // Most cells of a file: nothing to take away.
    let bare = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    if bare(text.chars().next_back())
        && bare(
            text.trim_start_matches(['-', '+', '\u{2212}'])
                .chars()
                .next(),
        )
    {
        return text;
    }
    let marks: &[&str] = match currency.code() {
        "XOF" | "XAF" => &["f cfa", "fcfa", "cfa", "f"],
        "EUR" => &["€"],
        "USD" => &["$us", "us$", "$"],
        _ => &[],
    };
    let shown = symbol(currency, Language::Fr);
    for mark in marks.iter().copied().chain([currency.code(), shown]) {
        let mark = fold(mark);
        // Folding keeps the number of characters of these marks, so that a cut by characters is right.
        let count = mark.chars().count();
        let length = text.chars().count();
        if length <= count {
            continue;
        }
        let cut = |skip: usize| {
            text.char_indices()
                .nth(skip)
                .map_or(text.len(), |(position, _)| position)
        };
        let (head, tail) = text.split_at(cut(length - count));
        if fold(tail) == mark {
            return head.trim_matches(is_blank);
        }
        let (head, tail) = text.split_at(cut(count));
        if fold(head) == mark {
            return tail.trim_matches(is_blank);
        }
    }
    text
}

/// The three runs of digits of a date, without a time of day behind it.
fn date_parts(text: &str) -> Option<[&str; 3]> {
    let text = text.trim_matches(is_blank);
    let time = |rest: &str| {
        let rest = rest.trim_matches(is_blank);
        rest.contains(':')
            && rest
                .chars()
                .all(|letter| letter.is_ascii_digit() || ":.,+-Z".contains(letter))
    };
    let day = match text.split_once(['T', ' ', '\u{a0}']) {
        Some((day, rest)) if time(rest) => day,
        _ => text,
    };
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some([&day[..4], &day[4..6], &day[6..]]);
    }
    let mut parts = day.split(['/', '-', '.', ' ']);
    let mut next = || {
        parts
            .next()
            .filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParseAmountError::*;

    fn check_typed(text: &str, currency: &str, expected: Result<&str, ParseAmountError>) {
        let found = amount(text, currency.parse().unwrap());
        assert_eq!(
            found,
            expected.map(|plain| plain.parse().unwrap()),
            "{text} {currency}"
        );
    }

    #[test]
    fn people_type_amounts_in_many_ways() {
        for (text, plain) in [
            ("1500000", "1500000"),
            ("1 500 000", "1500000"),
            ("1\u{a0}500\u{a0}000", "1500000"),
            ("1\u{202f}500\u{202f}000", "1500000"),
            ("1.500.000", "1500000"),
            ("1,500,000", "1500000"),
            ("150.000", "150000"),
            ("150,000", "150000"),
            ("150 000 F", "150000"),
            ("150\u{202f}000\u{a0}F\u{202f}CFA", "150000"),
            ("XOF 150,000", "150000"),
            ("2 000,00", "2000"),
            ("0,00", "0"),
            ("-500", "-500"),
            ("007", "7"),
        ] {
            check_typed(text, "XOF", Ok(plain));
        }
        for (text, plain) in [
            ("1234,5", "1234.5"),
            ("1234.56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1,234.56 €", "1234.56"),
            ("1 234,56", "1234.56"),
            ("12 345", "12345"),
            ("1.234.567", "1234567"),
        ] {
            check_typed(text, "EUR", Ok(plain));
        }
        check_typed("12,345", "TND", Ok("12.345"));
        check_typed("12.345", "TND", Ok("12.345"));
        check_typed("1.012,345", "TND", Ok("1012.345"));
    }

    #[test]
    fn what_is_unclear_or_wrong_is_refused() {
        for (text, currency, why) in [
            ("", "XOF", Empty),
            ("  \u{a0}", "XOF", Empty),
            ("12O OOO", "XOF", NotANumber),
            ("abc", "XOF", NotANumber),
            ("F", "XOF", NotANumber),
            ("-", "XOF", NotANumber),
            ("15 0000", "XOF", NotANumber),
            ("1.23.456", "XOF", NotANumber),
            ("1,2,3", "EUR", NotANumber),
            ("5.", "EUR", NotANumber),
            (".5", "EUR", NotANumber),
            ("1e5", "XOF", NotANumber),
            ("(-5)", "XOF", NotANumber),
            ("0,50", "XOF", NoSubunit),
            ("1234,567", "XOF", NoSubunit),
            ("1.234", "EUR", Unclear),
            ("1,234", "EUR", Unclear),
            ("1234,567", "EUR", TooFine),
            ("0.123", "EUR", TooFine),
            ("1 234,567", "EUR", TooFine),
            ("12,3456", "TND", TooFine),
            ("1234567890123456789", "XOF", TooLong),
        ] {
            check_typed(text, currency, Err(why));
        }
    }

    #[test]
    fn what_is_formatted_is_read_back() {
        for (plain, currency) in [
            ("1234567", "XOF"),
            ("-605135", "XAF"),
            ("1234.5", "EUR"),
            ("12.345", "TND"),
            ("1000", "EUR"),
            ("1012.3", "TND"),
        ] {
            let (value, currency) = (plain.parse().unwrap(), currency.parse().unwrap());
            for language in [Language::Fr, Language::En] {
                for text in [
                    crate::format::amount(value, currency, language),
                    crate::format::amount_with_currency(value, currency, language),
                ] {
                    assert_eq!(amount(&text, currency), Ok(value), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_column_of_a_style_is_read_strictly() {
        let comma = |text| {
            styled_amount(text, DecimalStyle::Comma, Currency::EUR).map(|amount| amount.to_string())
        };
        let dot = |text| {
            styled_amount(text, DecimalStyle::Dot, Currency::EUR).map(|amount| amount.to_string())
        };
        assert_eq!(comma("1.234"), Ok("1234".to_owned()));
        assert_eq!(dot("1.234"), Err(TooFine));
        assert_eq!(comma("-321\u{a0}891,10"), Ok("-321891.1".to_owned()));
        assert_eq!(comma("(1 234,50)"), Ok("-1234.5".to_owned()));
        assert_eq!(comma("1 234,50-"), Ok("-1234.5".to_owned()));
        assert_eq!(dot("1'234.50"), Ok("1234.5".to_owned()));
        assert_eq!(dot("1,234.50"), Ok("1234.5".to_owned()));
        assert_eq!(comma("12.34"), Err(NotANumber));
        assert_eq!(dot("1 234,5"), Err(NotANumber));
    }

    #[test]
    fn a_cell_tells_its_columns_style_or_that_it_cannot() {
        use DecimalStyle::*;
        for (text, expected) in [
            ("1234", Ok(None)),
            ("1 234", Ok(None)),
            ("1 234,50", Ok(Some(Comma))),
            ("1.234,50", Ok(Some(Comma))),
            ("0.50", Ok(Some(Dot))),
            ("0.500", Ok(Some(Dot))),
            ("1.234.567", Ok(Some(Comma))),
            ("1.234", Err(Unclear)),
            ("1,234", Err(Unclear)),
            ("1234,567", Ok(Some(Comma))),
            ("12O OOO", Ok(None)),
        ] {
            assert_eq!(decimal_style_of(text, Currency::EUR), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_read_by_their_style() {
        use DateStyle::*;
        for (text, style, expected) in [
            ("31/10/2026", DayFirst, "2026-10-31"),
            ("1/9/2026", DayFirst, "2026-09-01"),
            ("31.10.26", DayFirst, "2026-10-31"),
            ("31-10-2026", DayFirst, "2026-10-31"),
            ("31/10/2026 00:00:00", DayFirst, "2026-10-31"),
            ("10/31/2026", MonthFirst, "2026-10-31"),
            ("2026-10-31", YearFirst, "2026-10-31"),
            ("2026-10-31", DayFirst, "2026-10-31"),
            ("20261031", MonthFirst, "2026-10-31"),
            ("20261031", YearFirst, "2026-10-31"),
            ("2026-10-31T12:30:00Z", YearFirst, "2026-10-31"),
            ("01/02/99", DayFirst, "1999-02-01"),
        ] {
            assert_eq!(date(text, style), Ok(expected.parse().unwrap()), "{text}");
        }
        for (text, style) in [
            ("31/02/2026", DayFirst),
            ("10/31/2026", DayFirst),
            ("2026-31-10", DayFirst),
            ("31/10/2026", YearFirst),
            ("", DayFirst),
            ("31/10", DayFirst),
            ("31/10/12026", DayFirst),
            ("31/10/1026", DayFirst),
            ("31/10/2026/1", DayFirst),
            ("31/10/2026 abc", DayFirst),
            ("é1/10/2026", DayFirst),
        ] {
            assert_eq!(date(text, style), Err(ParseDateError), "{text}");
        }
    }
}
