//! A rate, exact.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A share of one: `0.19` is nineteen percent. Also the units of one currency for one of another.
///
/// Written and read as a decimal string, never a JSON number, as amounts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

/// Digits a rate may have in all: an amount times a rate then stays exact.
pub const RATE_DIGITS_MAX: usize = 9;

/// Not a plain decimal string of at most [`RATE_DIGITS_MAX`] digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » is not a rate: write the share of one as a decimal string, \"0.19\" for 19 %")]
pub struct InvalidRate(pub String);

impl Rate {
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The share of one.
    pub fn fraction(self) -> Decimal {
        self.0
    }

    /// In percent, `0.3` for three thousandths: as it is typed.
    pub fn percent(self) -> String {
        let percent = self.0.checked_mul(Decimal::ONE_HUNDRED);
        percent.unwrap_or_default().normalize().to_string()
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidRate(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || whole.len() + fraction.len() > RATE_DIGITS_MAX {
            return Err(invalid());
        }
        text.parse().map(Self).map_err(|_| invalid())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::parse(deserializer)
    }
}
