//! The proposed *situation au* of an import (DOMAIN §2.6).

use chrono::NaiveDate;
use tournee_domain::parse::{DateStyle, date};

/// A date in the file's name (`2026-10-31`, `31-10-2026`, `20261031`), else the latest invoice date of the file, else today;
/// never after `today`.
pub fn propose_statement_date(
    file_name: &str,
    latest_invoice: Option<NaiveDate>,
    today: NaiveDate,
) -> NaiveDate {
    date_in_name(file_name)
        .filter(|date| *date <= today)
        .or(latest_invoice)
        .unwrap_or(today)
        .min(today)
}

fn date_in_name(name: &str) -> Option<NaiveDate> {
    let mut numbers: Vec<&str> = Vec::new();
    let mut separators: Vec<&str> = Vec::new();
    let mut rest = name;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        separators.push(&rest[..start]);
        rest = &rest[start..];
        let end = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(rest.len());
        numbers.push(&rest[..end]);
        rest = &rest[end..];
    }
    let compact = numbers
        .iter()
        .filter_map(|number| (number.len() == 8).then(|| eight_digits(number)).flatten());
    let joined = |at: usize| matches!(separators[at], "-" | "_" | "." | " " | "/");
    let spread = (0..numbers.len().saturating_sub(2))
        .filter(|at| joined(at + 1) && joined(at + 2))
        .filter_map(|at| {
            let parts = numbers[at..at + 3].join("-");
            match numbers[at].len() {
                4 => date(&parts, DateStyle::YearFirst).ok(),
                _ if numbers[at + 2].len() == 4 => date(&parts, DateStyle::DayFirst).ok(),
                _ => None,
            }
        });
    spread.chain(compact).next()
}

fn eight_digits(number: &str) -> Option<NaiveDate> {
    let day_first = format!("{}-{}-{}", &number[..2], &number[2..4], &number[4..]);
    date(number, DateStyle::YearFirst)
        .or_else(|_| date(&day_first, DateStyle::DayFirst))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, latest: Option<&str>, expected: &str) {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let found = propose_statement_date(name, latest.map(day), day("2026-11-21"));
        assert_eq!(found, day(expected), "{name}");
    }

    #[test]
    fn the_name_then_the_latest_invoice_then_today() {
        check("factures-2026-10-31.csv", Some("2026-10-30"), "2026-10-31");
        check("Situation au 31-10-2026 v2.csv", None, "2026-10-31");
        check("export_31_10_2026.txt", None, "2026-10-31");
        check("20261031_export.csv", None, "2026-10-31");
        check("31102026.csv", None, "2026-10-31");
        check("factures-2.csv", Some("2026-10-30"), "2026-10-30");
        check("factures.csv", None, "2026-11-21");
        check("factures-2027-01-31.csv", Some("2026-10-30"), "2026-10-30");
        check("factures.csv", Some("2027-01-01"), "2026-11-21");
        check("2026-13-45.csv", None, "2026-11-21");
        check("é1-2-3", None, "2026-11-21");
    }
}
