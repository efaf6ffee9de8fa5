//! What a client may cost, against the credit limit (DOMAIN §2.5, PRODUCT H1, H2).

use crate::dossier::Dossier;
use crate::fact::PaymentMethod;
use crate::{Amount, Currency};
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// What exposure is made of, VAT included; which parts count is the organisation's choice, by leaving others at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExposureParts {
    /// Open debts.
    pub open: Amount,
    pub accrued: Amount,
    /// Cheques received that the bank has not credited.
    pub uncleared: Amount,
    /// Returned cheques and bills that stand outside the invoices.
    pub returned: Amount,
    /// Orders not delivered yet.
    pub orders: Amount,
    /// Down payments, credit notes and money on account, as a positive number.
    pub credits: Amount,
}

impl ExposureParts {
    /// What the client's file knows: open debts, cheques, credits. Orders and accrued invoices are not in it.
    pub fn of(dossier: &Dossier, currency: Currency, today: NaiveDate) -> Self {
        let balance = dossier.balances(today).remove(&currency);
        let (open, credits) = balance.map_or_else(Default::default, |balance| {
            (balance.ageing.iter().copied().sum(), balance.credits)
        });
        let uncleared = dossier.uncleared_cheques();
        Self {
            open,
            uncleared: uncleared.get(&currency).copied().unwrap_or_default(),
            credits,
            ..Self::default()
        }
    }
}

impl Dossier {
    /// Cheques taken that may still come back, by currency: what of them the ledger has not booked. When the bank credits a
    /// cheque, nobody tells the file otherwise.
    pub fn uncleared_cheques(&self) -> BTreeMap<Currency, Amount> {
        let mut uncleared = BTreeMap::new();
        let taken = self.payments.iter().filter(|payment| {
            matches!(payment.method, PaymentMethod::Cheque { .. })
                && payment.bounced.is_none()
                && payment.reversed.is_none()
        });
        for payment in taken {
            let links = self
                .invoices
                .iter()
                .flat_map(|invoice| &invoice.allocations);
            let booked: Amount = links
                .filter(|link| link.payment == payment.id)
                .map(|link| link.booked)
                .sum();
            *uncleared.entry(payment.currency).or_insert(Amount::ZERO) += payment.amount - booked;
        }
        uncleared.retain(|_, amount| amount.is_positive());
        uncleared
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditLimit {
    pub amount: Amount,
    /// The last day it stands; `None` without an end.
    pub valid_until: Option<NaiveDate>,
}

/// Percentages of the limit at which people are warned (PRODUCT H2), increasing.
pub const THRESHOLDS_PERCENT: [u8; 3] = [50, 70, 90];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    pub total: Amount,
    /// The limit that stands: zero once it has expired; `None` where none was ever set.
    pub limit: Option<Amount>,
    /// What exceeds the limit (*dépassement*); zero without one.
    pub excess: Amount,
    /// The total in percent of the limit, one decimal; `None` without a limit above zero.
    pub used_percent: Option<Decimal>,
    /// The highest of [`THRESHOLDS_PERCENT`] reached.
    pub threshold: Option<u8>,
}

/// Exposure on `today`.
pub fn exposure(parts: &ExposureParts, limit: Option<CreditLimit>, today: NaiveDate) -> Exposure {
    let total = parts.open + parts.accrued + parts.uncleared + parts.returned + parts.orders
        - parts.credits;
    let limit = limit.map(|limit| match limit.valid_until {
        Some(last) if last < today => Amount::ZERO,
        _ => limit.amount,
    });
    let used = limit
        .filter(|limit| limit.is_positive())
        .and_then(|limit| total.0.checked_div(limit.0))
        .map(|used| used * Decimal::ONE_HUNDRED);
    let reached = |threshold: &&u8| match used {
        Some(used) => used >= Decimal::from(**threshold),
        None => limit.is_some() && total.is_positive(),
    };
    Exposure {
        total,
        limit,
        excess: limit.map_or(Amount::ZERO, |limit| (total - limit).max(Amount::ZERO)),
        used_percent: used
            .map(|used| used.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero)),
        threshold: THRESHOLDS_PERCENT.iter().rev().find(reached).copied(),
    }
}
