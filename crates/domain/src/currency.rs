//! Currencies and their scales.

use crate::Amount;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency the app knows, by its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(usize);

/// Code and digits after the decimal point (DOMAIN §7: own table, since ICU and ISO differ on some).
const TABLE: [(&str, u32); 11] = [
    ("CDF", 2),
    ("DZD", 2),
    ("EUR", 2),
    ("GNF", 0),
    ("KMF", 0),
    ("MAD", 2),
    ("MGA", 2),
    ("TND", 3),
    ("USD", 2),
    ("XAF", 0),
    ("XOF", 0),
];

impl Currency {
    pub const EUR: Self = Self(2);
    pub const XOF: Self = Self(10);

    /// Every currency of the table, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(Self)
    }

    /// ISO 4217 code, `XOF`.
    pub fn code(self) -> &'static str {
        TABLE[self.0].0
    }

    /// Digits after the decimal point: 0 for XOF, 2 for EUR, 3 for TND.
    pub fn scale(self) -> u32 {
        TABLE[self.0].1
    }

    /// `amount` rounded to this currency's smallest unit, half away from zero (DOMAIN §7).
    pub fn round(self, amount: Amount) -> Amount {
        Amount(
            amount
                .0
                .round_dp_with_strategy(self.scale(), RoundingStrategy::MidpointAwayFromZero),
        )
    }

    /// Whether `amount` is a whole number of this currency's smallest units.
    pub fn fits(self, amount: Amount) -> bool {
        amount.0.normalize().scale() <= self.scale()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A code outside the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » is not a currency this version knows")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let position = TABLE
            .iter()
            .position(|(code, _)| code.eq_ignore_ascii_case(trimmed));
        position
            .map(Self)
            .ok_or_else(|| UnknownCurrency(text.chars().take(12).collect()))
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::parse(deserializer)
    }
}
