//! What a client need not pay: the discount for paying early, and the small difference nobody collects.

use crate::{Amount, Money, MoneyError, Rate};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// The discount (*escompte*) a client may take for paying within some days of the invoice's date (PRODUCT C11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyPayment {
    pub rate: Rate,
    /// Days after the invoice's date in which payment earns the discount; that last day included.
    pub within_days: u16,
    /// Whether VAT falls with the price (by a credit note), or the discount is a charge alone (DOMAIN §1.2, entry 9).
    pub vat_adjusted: bool,
}

/// A discount on one invoice: `cash`, `discount` and `vat_reduction` add up to its gross.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount {
    /// What the client still pays.
    pub cash: Money,
    /// The charge (account *escomptes accordés*): without VAT when VAT is adjusted, else the whole reduction.
    pub discount: Money,
    /// What VAT falls by; zero when it is not adjusted.
    pub vat_reduction: Money,
}

impl EarlyPayment {
    /// Whether a payment on `paid` earns it.
    pub fn is_earned(&self, invoice_date: NaiveDate, paid: NaiveDate) -> bool {
        let last = invoice_date.checked_add_days(Days::new(self.within_days.into()));
        last.is_none_or(|last| paid <= last)
    }

    /// The discount on an invoice of `net` and `vat` (DOMAIN §1.2, entry 9); each part is rounded on its own.
    ///
    /// # Errors
    /// [`MoneyError`] when net and VAT are in two currencies.
    pub fn on(&self, net: Money, vat: Money) -> Result<Discount, MoneyError> {
        let gross = net.plus(vat)?;
        let (discount, vat_reduction) = if self.vat_adjusted {
            (net.share(self.rate)?, vat.share(self.rate)?)
        } else {
            (gross.share(self.rate)?, Money::zero(gross.currency()))
        };
        Ok(Discount {
            cash: gross.minus(discount)?.minus(vat_reduction)?,
            discount,
            vat_reduction,
        })
    }
}

/// How much may be given up without asking: rounding of the payer, bank charges taken on the way. Both limits hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallDifference {
    /// The most, in the currency of the organisation.
    pub at_most: Amount,
    /// The most as a share of the invoice's gross.
    pub share_at_most: Rate,
}

impl SmallDifference {
    /// What of `open`, left of an invoice of `gross`, the policy lets go: all of it or, when it is zero or too much,
    /// nothing. Negative when the client paid that much too much.
    pub fn lets_go(&self, open: Amount, gross: Amount) -> Option<Amount> {
        let size = Amount(open.0.abs());
        let share = gross.0.abs().checked_mul(self.share_at_most.fraction())?;
        let small = size <= self.at_most && size.0 <= share;
        (small && !size.is_zero() && size.0 < gross.0.abs()).then_some(open)
    }
}
