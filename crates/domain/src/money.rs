//! Money: an amount in its currency, and the arithmetic of it (DOMAIN §7).

use crate::{Amount, Currency, Rate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A whole number of a currency's smallest units. Sums and differences exist within one currency only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Money {
    amount: Amount,
    currency: Currency,
}

/// What [`Money`] reads from and writes to.
#[derive(Serialize, Deserialize)]
struct Unchecked {
    amount: Amount,
    currency: Currency,
}

/// Arithmetic that would say nothing true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("{0} and {1} are never added up: keep one sum per currency")]
    CurrencyMismatch(Currency, Currency),
    #[error("{0} is finer than {1} allows: round it to {n} decimals first", n = .1.scale())]
    FinerThanCurrency(Amount, Currency),
    #[error("the result has more digits than an amount can hold")]
    Overflow,
    #[error("nothing to split by: give at least one weight above zero, and none below")]
    NoWeight,
}

/// Parts money can be split into: more instalments than that is a slip of the keyboard.
pub const PARTS_MAX: u32 = 1_000;

impl Money {
    /// # Errors
    /// [`MoneyError::FinerThanCurrency`] when `amount` is no whole number of the currency's smallest units.
    pub fn new(amount: Amount, currency: Currency) -> Result<Self, MoneyError> {
        match currency.fits(amount) {
            true => Ok(Self { amount, currency }),
            false => Err(MoneyError::FinerThanCurrency(amount, currency)),
        }
    }

    /// `amount` rounded to the currency's smallest unit, half away from zero (DOMAIN §7).
    pub fn rounded(amount: Amount, currency: Currency) -> Self {
        Self {
            amount: currency.round(amount),
            currency,
        }
    }

    pub fn zero(currency: Currency) -> Self {
        Self {
            amount: Amount::ZERO,
            currency,
        }
    }

    pub fn amount(self) -> Amount {
        self.amount
    }

    pub fn currency(self) -> Currency {
        self.currency
    }

    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let sum = self.amount.0.checked_add(other.amount.0);
        Ok(Self {
            amount: Amount(sum.ok_or(MoneyError::Overflow)?),
            ..self
        })
    }

    /// # Errors
    /// As [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(Self {
            amount: -other.amount,
            ..other
        })
    }

    /// The sum of `parts`, all of which have to be in `currency`; zero of none.
    ///
    /// # Errors
    /// As [`Money::plus`].
    pub fn sum(
        parts: impl IntoIterator<Item = Self>,
        currency: Currency,
    ) -> Result<Self, MoneyError> {
        let mut parts = parts.into_iter();
        parts.try_fold(Self::zero(currency), Self::plus)
    }

    /// `rate` of it, rounded half away from zero: the VAT on a net amount, a discount, a withheld tax.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn share(self, rate: Rate) -> Result<Self, MoneyError> {
        let share = self.amount.0.checked_mul(rate.fraction());
        let share = Amount(share.ok_or(MoneyError::Overflow)?);
        Ok(Self::rounded(share, self.currency))
    }

    /// Net amount and VAT of an amount that contains VAT at `rate`; they add up to it (DOMAIN §7).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], also for a rate of −100 %.
    pub fn without_vat(self, rate: Rate) -> Result<(Self, Self), MoneyError> {
        let divisor = Decimal::ONE.checked_add(rate.fraction());
        let net = divisor.and_then(|divisor| self.amount.0.checked_div(divisor));
        let net = Self::rounded(Amount(net.ok_or(MoneyError::Overflow)?), self.currency);
        Ok((net, self.minus(net)?))
    }

    /// Equal parts, and the rounding on the last (DOMAIN §4, plans); they add up to the whole.
    pub fn split(self, parts: NonZeroU32) -> Vec<Self> {
        let parts = parts.get().min(PARTS_MAX);
        let part = self.truncated(self.amount.0 / Decimal::from(parts));
        let first = part.amount.0 * Decimal::from(parts - 1);
        let last = Self {
            amount: self.amount - Amount(first),
            ..self
        };
        let mut split = vec![part; parts as usize];
        split[parts as usize - 1] = last;
        split
    }

    /// Parts in proportion to `weights`, each within one smallest unit of its exact share; they add up to the whole. The
    /// units that truncation leaves go to the largest remainders, the later part first where two are equal.
    ///
    /// # Errors
    /// [`MoneyError::NoWeight`] unless the weights are zero or more, some are more, and at most [`PARTS_MAX`] are given;
    /// [`MoneyError::Overflow`].
    pub fn split_by(self, weights: &[Decimal]) -> Result<Vec<Self>, MoneyError> {
        let total = weights
            .iter()
            .try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(*weight))
            .ok_or(MoneyError::Overflow)?;
        let negative = weights.iter().any(|weight| *weight < Decimal::ZERO);
        if total <= Decimal::ZERO || negative || weights.len() > PARTS_MAX as usize {
            return Err(MoneyError::NoWeight);
        }
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        for (place, weight) in weights.iter().enumerate() {
            let proportion = weight.checked_div(total);
            let exact = proportion.and_then(|proportion| self.amount.0.checked_mul(proportion));
            let exact = exact.ok_or(MoneyError::Overflow)?;
            let part = self.truncated(exact);
            remainders.push(((exact - part.amount.0).abs(), place));
            parts.push(part);
        }
        remainders.sort_unstable();
        let unit = Decimal::new(1, self.currency.scale());
        let unit = if self.amount.is_negative() {
            -unit
        } else {
            unit
        };
        let mut left = self.minus(Self::sum(parts.iter().copied(), self.currency)?)?;
        // Truncation loses less than a unit a part, so that each part takes one at most.
        for (_, place) in remainders.into_iter().rev() {
            if left.amount.is_zero() {
                break;
            }
            parts[place].amount.0 += unit;
            left.amount.0 -= unit;
        }
        Ok(parts)
    }

    fn truncated(self, exact: Decimal) -> Self {
        Self {
            amount: Amount(exact.trunc_with_scale(self.currency.scale())),
            ..self
        }
    }
}

/// A fixed exchange rate between two currencies: `into` for one `of` (DOMAIN §7: 655.957 XOF for one euro).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peg {
    pub of: Currency,
    pub into: Currency,
    pub rate: Rate,
}

impl Peg {
    /// `money` in the other of the two currencies, rounded half away from zero.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] when it is in neither; [`MoneyError::Overflow`], also for a rate of zero.
    pub fn convert(self, money: Money) -> Result<Money, MoneyError> {
        let (exact, currency) = if money.currency == self.of {
            let exact = money.amount.0.checked_mul(self.rate.fraction());
            (exact, self.into)
        } else if money.currency == self.into {
            let exact = money.amount.0.checked_div(self.rate.fraction());
            (exact, self.of)
        } else {
            return Err(MoneyError::CurrencyMismatch(money.currency, self.of));
        };
        let exact = exact.ok_or(MoneyError::Overflow)?;
        Ok(Money::rounded(Amount(exact), currency))
    }
}

impl TryFrom<Unchecked> for Money {
    type Error = MoneyError;
    fn try_from(read: Unchecked) -> Result<Self, MoneyError> {
        Self::new(read.amount, read.currency)
    }
}

impl From<Money> for Unchecked {
    fn from(Money { amount, currency }: Money) -> Self {
        Self { amount, currency }
    }
}
