//! Buckets of the aged balance (DOMAIN §2.1): how old each debt is.

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
