//! The aged balance (DOMAIN §2.1): how old each debt is, on a chosen day.

use crate::dossier::Dossier;
use crate::id::PortfolioCode;
use crate::{Amount, ClientCode, Currency};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The last day overdue of every bucket but the one without end, increasing: `[0, 30, 60, 90]` reads *not due*,
/// 1–30, 31–60, 61–90, more than 90.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u16>", into = "Vec<u16>")]
pub struct Bounds(Vec<u16>);

/// The bounds are empty, too many, or do not increase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "ageing bounds {0:?}: give 1 to {BOUNDS_MAX} numbers of days, each larger than the one before"
)]
pub struct InvalidBounds(pub Vec<u16>);

/// Bounds an aged balance can have: more columns than that cannot be read.
pub const BOUNDS_MAX: usize = 12;

impl Bounds {
    /// # Errors
    /// [`InvalidBounds`] unless there are 1 to [`BOUNDS_MAX`] increasing numbers.
    pub fn new(days: Vec<u16>) -> Result<Self, InvalidBounds> {
        let increasing = days.windows(2).all(|pair| pair[0] < pair[1]);
        if days.is_empty() || days.len() > BOUNDS_MAX || !increasing {
            Err(InvalidBounds(days))
        } else {
            Ok(Self(days))
        }
    }

    /// Which bucket a debt falls in, counted from 0, the least overdue.
    pub fn bucket(&self, days_overdue: i64) -> usize {
        self.0
            .partition_point(|last| i64::from(*last) < days_overdue)
    }

    /// How many buckets there are: one more than bounds.
    #[expect(clippy::len_without_is_empty, reason = "there is always a bucket")]
    pub fn len(&self) -> usize {
        self.0.len() + 1
    }

    /// The last day overdue of each bucket but the last, for the columns' headings.
    pub fn last_days(&self) -> &[u16] {
        &self.0
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self(vec![0, 30, 60, 90])
    }
}

impl TryFrom<Vec<u16>> for Bounds {
    type Error = InvalidBounds;
    fn try_from(days: Vec<u16>) -> Result<Self, Self::Error> {
        Self::new(days)
    }
}

impl From<Bounds> for Vec<u16> {
    fn from(bounds: Bounds) -> Self {
        bounds.0
    }
}

/// One client's line. Credits stand in their own column and never in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgedRow {
    pub client: ClientCode,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<PortfolioCode>,
    pub buckets: Vec<Amount>,
    /// Credit notes, overpaid invoices and money on account, as a positive number.
    pub credits: Amount,
    /// The buckets less the credits.
    pub total: Amount,
}

/// Every client's line, and their sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgedBalance {
    pub as_of: NaiveDate,
    pub currency: Currency,
    /// Clients with something open, in the order their dossiers came in.
    pub rows: Vec<AgedRow>,
    pub buckets: Vec<Amount>,
    pub credits: Amount,
    pub total: Amount,
    /// *Réglé* is known only as of a statement later than `as_of` (DOMAIN §2.6).
    pub rests_on_later_statement: bool,
}

/// The aged balance on the due date's basis, at the end of `as_of`, of everything in `currency`.
pub fn aged_balance<'a>(
    dossiers: impl Iterator<Item = &'a Dossier>,
    as_of: NaiveDate,
    currency: Currency,
    bounds: &Bounds,
) -> AgedBalance {
    let mut balance = AgedBalance {
        as_of,
        currency,
        rows: Vec::new(),
        buckets: vec![Amount::ZERO; bounds.len()],
        credits: Amount::ZERO,
        total: Amount::ZERO,
        rests_on_later_statement: false,
    };
    for dossier in dossiers {
        balance.rests_on_later_statement |= dossier
            .invoices
            .iter()
            .any(|invoice| invoice.currency == currency && invoice.settled_on > as_of);
        let Some(row) = aged_row(dossier, as_of, currency, bounds) else {
            continue;
        };
        for (sum, bucket) in balance.buckets.iter_mut().zip(&row.buckets) {
            *sum += *bucket;
        }
        balance.credits += row.credits;
        balance.total += row.total;
        balance.rows.push(row);
    }
    balance
}

/// `None` when nothing is open, credits included.
fn aged_row(
    dossier: &Dossier,
    as_of: NaiveDate,
    currency: Currency,
    bounds: &Bounds,
) -> Option<AgedRow> {
    let mut buckets = vec![Amount::ZERO; bounds.len()];
    let mut credits = Amount::ZERO;
    for invoice in dossier
        .invoices
        .iter()
        .filter(|invoice| invoice.currency == currency)
    {
        for line in invoice.open_lines(as_of) {
            if line.amount.is_negative() {
                credits -= line.amount;
            } else {
                buckets[bounds.bucket(line.days_overdue(as_of))] += line.amount;
            }
        }
    }
    for payment in &dossier.payments {
        if payment.currency == currency {
            credits += payment.on_account_as_of(as_of);
        }
    }
    if credits.is_zero() && buckets.iter().all(|bucket| bucket.is_zero()) {
        return None;
    }
    let total = buckets.iter().copied().sum::<Amount>() - credits;
    Some(AgedRow {
        client: dossier.client.code.clone(),
        name: dossier.client.name.clone(),
        portfolio: dossier.client.portfolio.clone(),
        buckets,
        credits,
        total,
    })
}
