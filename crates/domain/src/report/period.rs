//! Months counted from any day.

use super::ledger::day_number;
use chrono::{Datelike, Months, NaiveDate};

/// The day `months` months after `date`, before it when negative. From the last day of a month to the last day of a month;
/// otherwise the same day, or the last one of a month that lacks it.
pub fn months_from(date: NaiveDate, months: i32) -> NaiveDate {
    let is_last = date.succ_opt().is_none_or(|next| next.day() == 1);
    let by = Months::new(months.unsigned_abs());
    let moved = match months < 0 {
        true => date.checked_sub_months(by),
        false => date.checked_add_months(by),
    };
    match moved {
        Some(moved) if is_last => end_of_month(moved),
        Some(moved) => moved,
        None => date,
    }
}

pub(super) fn end_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(u32::from(date.num_days_in_month()))
        .unwrap_or(date)
}

/// Day numbers that end `months` periods of a month each, oldest first; the last is `as_of`. The first period begins after
/// the first number, so that there is one number more than periods.
pub(super) fn ends_until(as_of: NaiveDate, months: u32) -> Vec<i32> {
    let months = i32::try_from(months).unwrap_or(i32::MAX);
    (0..=months)
        .rev()
        .map(|back| day_number(months_from(as_of, -back)))
        .collect()
}
