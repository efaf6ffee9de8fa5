//! What every file for a spreadsheet needs.

use chrono::{Datelike, NaiveDate};
use tournee_domain::format::Language;
use tournee_domain::{Amount, Currency};

/// All the currency's decimals, and more where the amount has more: nothing is rounded away. With a decimal dot.
pub fn all_decimals(amount: Amount, currency: Currency) -> String {
    let mut value = amount.0.normalize();
    value.rescale(value.scale().max(currency.scale()));
    value.to_string()
}

/// `31/10/2026` in French, `2026-10-31` in English.
pub fn date(date: NaiveDate, language: Language) -> String {
    match language {
        Language::Fr => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
        Language::En => date.to_string(),
    }
}

/// What people typed, so that no spreadsheet runs it: a cell that begins like a formula gets an apostrophe before it.
pub fn disarmed(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        ["'", text].concat()
    } else {
        text.to_owned()
    }
}
