//! An exact amount of money, without its currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An exact decimal amount. The currency stands beside it in the structure that holds it; amounts of several
/// currencies are never added up (DOMAIN §2.6).
///
/// Serialised as a decimal string (`"1500000"`, `"12.345"`), never a JSON number: SYNC 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub Decimal);

impl Amount {
    pub const ZERO: Self = Self(Decimal::ZERO);

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// For serde's `skip_serializing_if`, which passes a reference.
    pub fn is_zero_ref(&self) -> bool {
        self.is_zero()
    }

    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    pub fn min(self, other: Self) -> Self {
        Ord::min(self, other)
    }

    pub fn max(self, other: Self) -> Self {
        Ord::max(self, other)
    }
}

impl From<i64> for Amount {
    fn from(units: i64) -> Self {
        Self(Decimal::from(units))
    }
}

impl fmt::Display for Amount {
    /// The plain form of the wire, `1234567.5`; for people, see [`crate::format`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        // A decimal keeps the sign of a negated zero and would be written "-0".
        if self.is_zero() { self } else { Self(-self.0) }
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// Digits an amount may have in all; beyond it a sum could overflow, so such text is refused where it enters.
pub const AMOUNT_DIGITS_MAX: usize = 18;

/// Not a plain decimal string of at most [`AMOUNT_DIGITS_MAX`] digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » is not an amount written as a decimal string such as \"1500000\" or \"12.345\"")]
pub struct InvalidAmount(pub String);

impl std::str::FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidAmount(text.chars().take(40).collect());
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || whole.len() + fraction.len() > AMOUNT_DIGITS_MAX {
            return Err(invalid());
        }
        // A device reads a hundred thousand of them: so many digits fit, and need no general reader.
        let number = |units: i64, digit: u8| units * 10 + i64::from(digit - b'0');
        let digits = digits.bytes().filter(u8::is_ascii_digit);
        let units = digits.fold(0, number);
        let units = if text.starts_with('-') { -units } else { units };
        let scale = text
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        Ok(Self(Decimal::new(
            units,
            u32::try_from(scale).map_err(|_| invalid())?,
        )))
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::parse(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_no_sign() {
        assert_eq!((-Amount::ZERO).to_string(), "0");
        assert_eq!((-Amount::from(5)).to_string(), "-5");
    }

    #[test]
    fn amounts_read_as_the_decimal_they_are() {
        for text in [
            "0",
            "-0.00",
            "7",
            "-7.50",
            "0.001",
            "99999999999999999",
            "-1234567.8901234567",
        ] {
            let amount: Amount = text.parse().unwrap();
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(
                (amount.0, amount.0.scale()),
                (decimal, decimal.scale()),
                "{text}"
            );
        }
    }

    #[test]
    fn amounts_travel_as_strings_only() {
        assert_eq!(
            serde_json::to_string(&"12.340".parse::<Amount>().unwrap()).unwrap(),
            "\"12.340\""
        );
        assert!(serde_json::from_str::<Amount>("12.34").is_err());
        for bad in [
            "",
            "-",
            "1e5",
            "1 000",
            "+1",
            ".5",
            "5.",
            "NaN",
            "1234567890123456789",
        ] {
            assert!(bad.parse::<Amount>().is_err(), "{bad}");
        }
    }
}
