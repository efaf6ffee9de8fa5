//! Payment terms, and the due date they give.

use crate::fold::fold;
use crate::format::Language;
use crate::order;
use crate::{Amount, Money, MoneyError, Rate};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Payment terms of a client or an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Terms {
    OnReceipt,
    Net {
        days: u16,
    },
    /// Net days first, then the end of that month: the default reading of *fin de mois* (DOMAIN §2.6).
    NetThenEndOfMonth {
        days: u16,
    },
    /// End of the invoice's month first, then net days.
    EndOfMonthThenNet {
        days: u16,
    },
    /// Net days, end of that month, then the given day of the next month (*30 jours fin de mois le 10*).
    NetThenEndOfMonthThe {
        days: u16,
        day: u8,
    },
}

/// Part of an invoice and the day it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    pub due_date: NaiveDate,
    pub amount: Amount,
}

impl Instalment {
    /// Calendar days since the due date; zero or negative when not due (DOMAIN §2.1).
    pub fn days_overdue(&self, as_of: NaiveDate) -> i64 {
        as_of.signed_duration_since(self.due_date).num_days()
    }
}

/// An invoice of `gross` due in parts, each a share on terms of its own (*30 % à la commande, le solde à 30 jours*), the
/// earliest first. The parts add up to `gross`.
///
/// # Errors
/// [`MoneyError::NoWeight`] when the shares are no weights.
pub fn instalments(
    gross: Money,
    invoice_date: NaiveDate,
    shares: &[(Rate, Terms)],
) -> Result<Vec<Instalment>, MoneyError> {
    let weights: Vec<_> = shares.iter().map(|(share, _)| share.fraction()).collect();
    let parts = gross.split_by(&weights)?.into_iter();
    let mut instalments: Vec<_> = parts
        .zip(shares)
        .map(|(part, (_, terms))| Instalment {
            due_date: terms.due_date(invoice_date),
            amount: part.amount(),
        })
        .collect();
    order::sort_by_key(&mut instalments, |instalment| instalment.due_date);
    Ok(instalments)
}

/// How *45 jours fin de mois* is read (DOMAIN §2.6): a setting of the client or of the country.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndOfMonth {
    /// The days first, then the end of that month.
    #[default]
    AfterDays,
    /// The end of the invoice's month first, then the days.
    BeforeDays,
}

/// More days than any contract gives: a larger number in a terms column is something else.
pub const TERMS_DAYS_MAX: u16 = 999;

impl Terms {
    /// These terms as a client with the setting reads them. Only what *fin de mois* alone leaves open changes.
    #[must_use]
    pub fn read_as(self, end_of_month: EndOfMonth) -> Self {
        match (self, end_of_month) {
            (Self::NetThenEndOfMonth { days }, EndOfMonth::BeforeDays) if days > 0 => {
                Self::EndOfMonthThenNet { days }
            }
            (terms, _) => terms,
        }
    }

    /// The day payment is due (DOMAIN §3). A day the month does not have becomes its last day.
    pub fn due_date(self, invoice_date: NaiveDate) -> NaiveDate {
        match self {
            Self::OnReceipt => invoice_date,
            Self::Net { days } => after(invoice_date, days),
            Self::NetThenEndOfMonth { days } => end_of_month(after(invoice_date, days)),
            Self::EndOfMonthThenNet { days } => after(end_of_month(invoice_date), days),
            Self::NetThenEndOfMonthThe { days, day } => {
                let next = end_of_month(after(invoice_date, days))
                    .succ_opt()
                    .unwrap_or(NaiveDate::MAX);
                next.with_day(u32::from(day).max(1))
                    .unwrap_or_else(|| end_of_month(next))
            }
        }
    }

    /// Reads terms as ledgers write them, in French or English: *30 jours*, *45 j FDM*, *Comptant*, *30 days end of
    /// month*, *fin de mois + 45 jours*, *30 jours fin de mois le 10*. `None` when any word is not understood, since
    /// terms half understood would give a wrong due date.
    pub fn parse(text: &str) -> Option<Self> {
        let mut found = Words::default();
        let folded = fold(text);
        let words = split_words(&folded);
        let mut rest = words.as_slice();
        while let Some((&word, after_word)) = rest.split_first() {
            rest = after_word;
            match word {
                "comptant" | "reception" | "receipt" | "cash" | "immediat" | "immediate"
                | "immediately" | "cod" => {
                    found.on_receipt = true;
                }
                "fin" | "end" => {
                    let (&last, after_month) = rest
                        .iter()
                        .position(|word| !matches!(*word, "de" | "du" | "of" | "the"))
                        .and_then(|skip| rest[skip..].split_first())?;
                    if !matches!(last, "mois" | "month") {
                        return None;
                    }
                    rest = after_month;
                    found.end_of_month(word)?;
                }
                "fdm" | "eom" => found.end_of_month(word)?,
                "le" | "the" => {
                    let (&day, after_day) = rest.split_first()?;
                    rest = after_day;
                    found.day = Some(day.parse().ok().filter(|day| (1..=31).contains(day))?);
                    if let Some(("th" | "st" | "nd" | "rd" | "er", after_suffix)) =
                        rest.split_first().map(|(word, rest)| (*word, rest))
                    {
                        rest = after_suffix;
                    }
                }
                "jours" | "jour" | "jrs" | "j" | "days" | "day" | "d" | "net" | "nets" | "date"
                | "de" | "facture" | "factures" | "facturation" | "invoice" | "from" | "of"
                | "after" | "a" | "la" | "on" | "due" | "payable" | "paiement" | "reglement"
                | "upon" | "plus" => {}
                number => {
                    let days = number
                        .parse::<u16>()
                        .ok()
                        .filter(|days| *days <= TERMS_DAYS_MAX)?;
                    if found.days.replace(days).is_some() {
                        return None;
                    }
                }
            }
        }
        found.terms()
    }

    /// The terms in words; [`Terms::parse`] reads them back.
    pub fn label(self, language: Language) -> String {
        let count = |days: u16| match (language, days) {
            (Language::Fr, 0 | 1) => format!("{days} jour"),
            (Language::Fr, _) => format!("{days} jours"),
            (Language::En, 1) => format!("{days} day"),
            (Language::En, _) => format!("{days} days"),
        };
        let (receipt, end, capital_end) = match language {
            Language::Fr => ("Comptant", "fin de mois", "Fin de mois"),
            Language::En => ("Due on receipt", "end of month", "End of month"),
        };
        match self {
            Self::OnReceipt => receipt.to_owned(),
            Self::Net { days } => count(days),
            Self::NetThenEndOfMonth { days: 0 } => capital_end.to_owned(),
            Self::NetThenEndOfMonth { days } => format!("{} {end}", count(days)),
            Self::EndOfMonthThenNet { days } => format!("{capital_end} + {}", count(days)),
            Self::NetThenEndOfMonthThe { days, day } => {
                let the = match language {
                    Language::Fr => format!("le {day}"),
                    Language::En => format!("the {day}{}", english_ordinal(day)),
                };
                format!("{} {end} {the}", count(days))
            }
        }
    }
}

/// What the words of a terms text said.
#[derive(Default)]
struct Words {
    on_receipt: bool,
    days: Option<u16>,
    /// *Fin de mois* was said, and whether the days came before it.
    end_of_month: Option<DaysFirst>,
    day: Option<u8>,
}

struct DaysFirst(bool);

impl Words {
    fn end_of_month(&mut self, _word: &str) -> Option<()> {
        let days_first = DaysFirst(self.days.is_some());
        self.end_of_month
            .replace(days_first)
            .is_none()
            .then_some(())
    }

    fn terms(self) -> Option<Terms> {
        let days = self.days;
        match (self.on_receipt, self.end_of_month, self.day) {
            (true, None, None) => (days.unwrap_or(0) == 0).then_some(Terms::OnReceipt),
            (true, ..) | (false, None, Some(_)) => None,
            (false, None, None) => days.map(|days| {
                if days == 0 {
                    Terms::OnReceipt
                } else {
                    Terms::Net { days }
                }
            }),
            (false, Some(DaysFirst(false)), None) if days.is_some_and(|days| days > 0) => {
                Some(Terms::EndOfMonthThenNet { days: days? })
            }
            (false, Some(_), None) => Some(Terms::NetThenEndOfMonth {
                days: days.unwrap_or(0),
            }),
            (false, Some(DaysFirst(days_first)), Some(day)) => {
                // « Fin de mois 30 jours le 10 » says the month end first and then a day: nobody agrees what it means.
                (days_first || days.is_none()).then_some(Terms::NetThenEndOfMonthThe {
                    days: days.unwrap_or(0),
                    day,
                })
            }
        }
    }
}

/// Runs of letters and runs of digits: `30j` gives `30` and `j`.
fn split_words(folded: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for run in folded.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let end = rest
                .find(|letter: char| letter.is_ascii_digit() != first.is_ascii_digit())
                .unwrap_or(rest.len());
            words.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
    words
}

fn english_ordinal(day: u8) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

fn after(date: NaiveDate, days: u16) -> NaiveDate {
    date.checked_add_days(Days::new(days.into()))
        .unwrap_or(NaiveDate::MAX)
}

fn end_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.pred_opt())
        .unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, Terms); 6] = [
        ("net_60", Terms::Net { days: 60 }),
        (
            "net_45_then_end_of_month",
            Terms::NetThenEndOfMonth { days: 45 },
        ),
        (
            "end_of_month_then_45",
            Terms::EndOfMonthThenNet { days: 45 },
        ),
        (
            "30_days_end_of_month_the_10th",
            Terms::NetThenEndOfMonthThe { days: 30, day: 10 },
        ),
        ("on_receipt", Terms::OnReceipt),
        (
            "net_30_then_end_of_month",
            Terms::NetThenEndOfMonth { days: 30 },
        ),
    ];

    #[test]
    fn due_dates_agree_with_the_vectors() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/data/domain-vectors.json"
        );
        let vectors: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let invoice_date = vectors["terms"]["invoice_date"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let cases = vectors["terms"]["cases"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let name = case["terms"].as_str().unwrap();
            let (_, terms) = ALL
                .iter()
                .find(|(known, _)| *known == name)
                .expect("a case of the vectors");
            assert_eq!(
                terms.due_date(invoice_date).to_string(),
                case["expected_due"],
                "{name}"
            );
        }
    }

    #[test]
    fn a_day_the_month_lacks_is_its_last() {
        let due = Terms::NetThenEndOfMonthThe { days: 0, day: 31 }
            .due_date("2026-01-10".parse().unwrap());
        assert_eq!(due.to_string(), "2026-02-28");
    }

    #[test]
    fn terms_are_read_as_ledgers_write_them() {
        for (text, expected) in [
            ("30 jours", Terms::Net { days: 30 }),
            ("60 j", Terms::Net { days: 60 }),
            ("Net 30", Terms::Net { days: 30 }),
            ("30 days from invoice date", Terms::Net { days: 30 }),
            ("60 jours date de facture", Terms::Net { days: 60 }),
            ("30j nets", Terms::Net { days: 30 }),
            (
                "45 jours fin de mois",
                Terms::NetThenEndOfMonth { days: 45 },
            ),
            (
                "45 JOURS\u{a0}FIN DE MOIS",
                Terms::NetThenEndOfMonth { days: 45 },
            ),
            (
                "30 days end of month",
                Terms::NetThenEndOfMonth { days: 30 },
            ),
            ("30j FDM", Terms::NetThenEndOfMonth { days: 30 }),
            ("Fin de mois", Terms::NetThenEndOfMonth { days: 0 }),
            (
                "fin de mois + 45 jours",
                Terms::EndOfMonthThenNet { days: 45 },
            ),
            (
                "30 jours fin de mois le 10",
                Terms::NetThenEndOfMonthThe { days: 30, day: 10 },
            ),
            (
                "30 days end of month the 10th",
                Terms::NetThenEndOfMonthThe { days: 30, day: 10 },
            ),
            ("Comptant", Terms::OnReceipt),
            ("à réception", Terms::OnReceipt),
            ("A réception de facture", Terms::OnReceipt),
            ("Due on receipt", Terms::OnReceipt),
            ("0 jour", Terms::OnReceipt),
        ] {
            assert_eq!(Terms::parse(text), Some(expected), "{text}");
        }
        for unknown in [
            "",
            "?",
            "n/a",
            "selon contrat",
            "30 ou 60 jours",
            "30 60",
            "2000 jours",
            "jours",
            "le 10",
            "fin d'année",
        ] {
            assert_eq!(Terms::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn labels_are_read_back() {
        for terms in ALL.map(|(_, terms)| terms).into_iter().chain([
            Terms::Net { days: 1 },
            Terms::NetThenEndOfMonth { days: 0 },
            Terms::NetThenEndOfMonthThe { days: 1, day: 21 },
        ]) {
            for language in [Language::Fr, Language::En] {
                assert_eq!(
                    Terms::parse(&terms.label(language)),
                    Some(terms),
                    "{}",
                    terms.label(language)
                );
            }
        }
    }
}
