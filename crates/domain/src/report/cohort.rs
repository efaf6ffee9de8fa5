//! The monthly cohort curve: what share of what is still open is paid in the next month, by how many month ends the
//! invoice has seen (DOMAIN §2.3). Cohorts are the invoices issued in one month.

use super::ledger::{EntryKind, Ledger};
use super::period::ends_until;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Months of history a curve is learned from.
pub const CURVE_MONTHS: u32 = 12;
/// Older invoices are one age.
pub const AGE_MONTHS_MAX: usize = 24;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// By age in months, what was open at a month's start, and what of it was paid in that month. Age 0 is the month of
    /// the invoice itself, with what was issued in it.
    open: Vec<i64>,
    paid: Vec<i64>,
    /// Months with any history, at most [`CURVE_MONTHS`].
    months: u32,
}

impl Curve {
    /// What was paid in each of the [`CURVE_MONTHS`] until `as_of`. Months here end on the day of `as_of`.
    pub fn learn(ledger: &Ledger, as_of: NaiveDate) -> Self {
        let columns = &ledger.columns;
        let depth = CURVE_MONTHS + u32::try_from(AGE_MONTHS_MAX).unwrap_or(0);
        let ends = ends_until(as_of, depth);
        let first = columns.issued.iter().min().copied().unwrap_or(i32::MAX);
        let mut curve = Self {
            open: vec![0; AGE_MONTHS_MAX + 1],
            paid: vec![0; AGE_MONTHS_MAX + 1],
            months: 0,
        };
        let mut before = None;
        for month in AGE_MONTHS_MAX..ends.len() - 1 {
            let (start, end) = (ends[month], ends[month + 1]);
            // A month that began before the first invoice teaches as much as there was of it.
            if end < first {
                continue;
            }
            let opens_start = before.take().unwrap_or_else(|| ledger.opens(start));
            let opens_end = ledger.opens(end);
            for item in 0..opens_start.len() {
                let issued = columns.issued[item];
                if columns.kind[item] != EntryKind::Invoice || issued > end {
                    continue;
                }
                let (age, open) = match issued > start {
                    true => (0, columns.gross[item]),
                    false => (age(&ends, month, issued), opens_start[item]),
                };
                if open > 0 {
                    curve.open[age] += open;
                    curve.paid[age] += open - opens_end[item].clamp(0, open);
                }
            }
            curve.months += 1;
            before = Some(opens_end);
        }
        curve
    }

    /// The share of one that is paid within a month of what is open at `age`. An age without history takes that of the
    /// nearest younger age that has one, but age 0 stands for itself. `None` without such history.
    pub fn share(&self, age: usize) -> Option<Decimal> {
        let mut known = (age.min(1)..=age.min(AGE_MONTHS_MAX)).rev();
        let age = known.find(|age| self.open[*age] > 0)?;
        Decimal::from(self.paid[age]).checked_div(self.open[age].into())
    }

    /// What is expected in each of `months` months of what is open now, by age; and of what will be issued in them, if as
    /// much is issued as in an average month until now. Minor units, not rounded. `None` without history.
    pub(super) fn expect(&self, open_by_age: &[i64], months: usize) -> Option<Expected> {
        let mut of_open = vec![Decimal::ZERO; months];
        for (age, open) in open_by_age.iter().enumerate() {
            if *open != 0 {
                self.decay((*open).into(), age, &mut of_open)?;
            }
        }
        let mut of_new = vec![Decimal::ZERO; months];
        let a_month = Decimal::from(self.open[0]).checked_div(self.months.into())?;
        for month in 0..months {
            self.decay(a_month, 0, &mut of_new[month..])?;
        }
        Some(Expected { of_open, of_new })
    }

    fn decay(&self, open: Decimal, age: usize, months: &mut [Decimal]) -> Option<()> {
        let mut left = open;
        for (later, month) in months.iter_mut().enumerate() {
            let paid = left * self.share(age + later)?;
            left -= paid;
            *month += paid;
        }
        Some(())
    }

    /// What is open at `as_of` by age, as [`Curve::learn`] counts it for the same day.
    pub(super) fn ages(ledger: &Ledger, as_of: NaiveDate, opens: &[i64]) -> Vec<i64> {
        let ends = ends_until(as_of, u32::try_from(AGE_MONTHS_MAX).unwrap_or(0));
        let mut by_age = vec![0; AGE_MONTHS_MAX + 1];
        let last = ends.len() - 1;
        for (issued, open) in ledger.columns.issued.iter().zip(opens) {
            if *open > 0 {
                by_age[age(&ends, last, *issued)] += open;
            }
        }
        by_age
    }
}

/// What a curve expects, by month.
pub(super) struct Expected {
    pub of_open: Vec<Decimal>,
    pub of_new: Vec<Decimal>,
}

/// How many month ends until the one at `place` an invoice has seen, that one included.
fn age(ends: &[i32], place: usize, issued: i32) -> usize {
    let first = ends.partition_point(|end| *end < issued);
    (place + 1 - first.min(place)).min(AGE_MONTHS_MAX)
}
