//! Every text of the screens, in both languages, checked when compiled: `fr.json` and `en.json` become the methods of
//! [`Texts`] (docs/decisions/0003-texts.md). Numbers, dates and amounts come from `domain`'s own formatter.

use chrono::{DateTime, FixedOffset, NaiveDate};
use leptos::prelude::*;
use tournee_domain::format::{self, Language};
use tournee_domain::{Amount, Currency, Rate, words};

/// The texts of one language. Small enough to be copied everywhere; changing the language draws the screens anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Texts(pub Language);

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The texts of the screen being drawn.
pub fn use_texts() -> Texts {
    expect_context::<Texts>()
}

impl Texts {
    pub fn language(self) -> Language {
        self.0
    }

    /// `fr` or `en`, for the `lang` attribute.
    pub fn code(self) -> &'static str {
        match self.0 {
            Language::Fr => "fr",
            Language::En => "en",
        }
    }

    /// Digits only, grouped: the currency stands beside it.
    pub fn amount(self, amount: Amount, currency: Currency) -> String {
        format::amount(amount, currency, self.0)
    }

    pub fn money(self, amount: Amount, currency: Currency) -> String {
        format::amount_with_currency(amount, currency, self.0)
    }

    pub fn words(self, amount: Amount, currency: Currency) -> String {
        words::amount_in_words(amount, currency, self.0)
    }

    /// `F CFA`, `€`: what stands beside an amount.
    pub fn symbol(self, currency: Currency) -> &'static str {
        format::symbol(currency, self.0)
    }

    /// A count, grouped like an amount without decimals.
    pub fn integer(self, n: usize) -> String {
        format::amount(
            Amount::from(i64::try_from(n).unwrap_or(i64::MAX)),
            Currency::XOF,
            self.0,
        )
    }

    /// A plain number with the language's decimal sign.
    pub fn decimal(self, value: impl ToString) -> String {
        let text = value.to_string();
        match self.0 {
            Language::Fr => text.replace('.', ","),
            Language::En => text,
        }
    }

    /// `2,5 %` or `2.5%`.
    pub fn rate(self, rate: Rate) -> String {
        self.percent(&self.decimal(rate.percent()))
    }

    pub fn date(self, date: NaiveDate) -> String {
        format::date(date, self.0)
    }

    pub fn date_long(self, date: NaiveDate) -> String {
        format::date_long(date, self.0)
    }

    /// `06:42`
    pub fn time(self, at: DateTime<FixedOffset>) -> String {
        format::time(at.time(), self.0)
    }

    /// `24/11/2026 06:42`
    pub fn date_time(self, at: DateTime<FixedOffset>) -> String {
        format::date_time(&at, self.0)
    }

    /// The time alone when it is today, the date too when it is not.
    pub fn when(self, at: DateTime<FixedOffset>, today: NaiveDate) -> String {
        if at.date_naive() == today {
            self.time(at)
        } else {
            self.date_time(at)
        }
    }
}
