//! Amounts, dates and times as people read them (DOMAIN §7).

use crate::{Amount, Currency};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

/// A language the product speaks. French is the default; English is complete too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Fr,
    En,
}

const NARROW_NO_BREAK_SPACE: char = '\u{202f}';
const NO_BREAK_SPACE: char = '\u{a0}';

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `amount` grouped by thousands, with as many decimals as `currency` has, rounded half away from zero:
/// `1 234 567` (U+202F) or `1,234,567`; in euros `1 234,50` or `1,234.50`. The minus sign is U+002D.
pub fn amount(amount: Amount, currency: Currency, language: Language) -> String {
    let (group, point) = match language {
        Language::Fr => (NARROW_NO_BREAK_SPACE, ','),
        Language::En => (',', '.'),
    };
    let mut rounded = currency.round(amount).0;
    rounded.rescale(currency.scale());
    let plain = rounded.abs().to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));

    let mut text = String::with_capacity(plain.len() * 2);
    if rounded.is_sign_negative() && !rounded.is_zero() {
        text.push('-');
    }
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position) % 3 == 0 {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// `amount` with its currency: `1 234 F CFA` in French (U+00A0 before the symbol, U+202F within), `XOF 1,234` in English.
pub fn amount_with_currency(value: Amount, currency: Currency, language: Language) -> String {
    let digits = amount(value, currency, language);
    match language {
        Language::Fr => format!("{digits}{NO_BREAK_SPACE}{}", symbol(currency, language)),
        Language::En => match digits.strip_prefix('-') {
            Some(positive) => format!("-{}{NO_BREAK_SPACE}{positive}", symbol(currency, language)),
            None => format!("{}{NO_BREAK_SPACE}{digits}", symbol(currency, language)),
        },
    }
}

/// What stands beside an amount: `F CFA`, `€`… in French, the ISO code in English.
pub fn symbol(currency: Currency, language: Language) -> &'static str {
    match (language, currency.code()) {
        (Language::Fr, "XOF") => "F\u{202f}CFA",
        (Language::Fr, "XAF") => "FCFA",
        (Language::Fr, "EUR") => "€",
        (Language::Fr, "USD") => "$US",
        (_, code) => code,
    }
}

/// `31/10/2026` or `31 Oct 2026`.
pub fn date(date: NaiveDate, language: Language) -> String {
    match language {
        Language::Fr => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
        Language::En => {
            let month = &MONTHS_EN[date.month0() as usize][..3];
            format!("{} {month} {:04}", date.day(), date.year())
        }
    }
}

/// `31 octobre 2026`, `1er novembre 2026` or `31 October 2026`.
pub fn date_long(date: NaiveDate, language: Language) -> String {
    let month = date.month0() as usize;
    match language {
        Language::Fr => {
            let ordinal = if date.day() == 1 { "er" } else { "" };
            format!(
                "{}{ordinal} {} {:04}",
                date.day(),
                MONTHS_FR[month],
                date.year()
            )
        }
        Language::En => format!("{} {} {:04}", date.day(), MONTHS_EN[month], date.year()),
    }
}

/// `14:05` in both languages; seconds are not shown.
pub fn time(time: NaiveTime, _language: Language) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `31/10/2026 14:05` or `31 Oct 2026, 14:05`, in the offset of `at`.
pub fn date_time(at: &DateTime<FixedOffset>, language: Language) -> String {
    let comma = if language == Language::En { "," } else { "" };
    format!(
        "{}{comma} {}",
        date(at.date_naive(), language),
        time(at.time(), language)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, currency: &str, fr: &str, en: &str) {
        let (value, currency) = (value.parse().unwrap(), currency.parse().unwrap());
        assert_eq!(amount_with_currency(value, currency, Language::Fr), fr);
        assert_eq!(amount_with_currency(value, currency, Language::En), en);
    }

    /// French forms as ICU 78 writes them (DOMAIN §7).
    #[test]
    fn amounts_have_the_scale_and_signs_of_their_currency() {
        check(
            "1234567",
            "XOF",
            "1\u{202f}234\u{202f}567\u{a0}F\u{202f}CFA",
            "XOF\u{a0}1,234,567",
        );
        check(
            "-605135",
            "XAF",
            "-605\u{202f}135\u{a0}FCFA",
            "-XAF\u{a0}605,135",
        );
        check(
            "1234.5",
            "EUR",
            "1\u{202f}234,50\u{a0}€",
            "EUR\u{a0}1,234.50",
        );
        check("12.345", "TND", "12,345\u{a0}TND", "TND\u{a0}12.345");
        check("999", "XOF", "999\u{a0}F\u{202f}CFA", "XOF\u{a0}999");
        check("-0.4", "XOF", "0\u{a0}F\u{202f}CFA", "XOF\u{a0}0");
        check("2.005", "EUR", "2,01\u{a0}€", "EUR\u{a0}2.01");
    }

    #[test]
    fn dates_and_times_are_written_as_read() {
        let day = |d: &str| d.parse::<NaiveDate>().unwrap();
        assert_eq!(date(day("2026-10-31"), Language::Fr), "31/10/2026");
        assert_eq!(date(day("2026-10-01"), Language::En), "1 Oct 2026");
        assert_eq!(
            date_long(day("2026-11-01"), Language::Fr),
            "1er novembre 2026"
        );
        assert_eq!(
            date_long(day("2026-10-31"), Language::Fr),
            "31 octobre 2026"
        );
        assert_eq!(
            date_long(day("2026-10-31"), Language::En),
            "31 October 2026"
        );
        let at = "2026-10-31T14:05:59+01:00"
            .parse::<DateTime<FixedOffset>>()
            .unwrap();
        assert_eq!(date_time(&at, Language::Fr), "31/10/2026 14:05");
        assert_eq!(date_time(&at, Language::En), "31 Oct 2026, 14:05");
    }
}
