//! Working days of a country.

use super::{Holiday, Pack, in_force};
use chrono::{Datelike, Days, NaiveDate};

impl Pack {
    /// The feast on `day`, if it is one.
    pub fn holiday(&self, day: NaiveDate) -> Option<&Holiday> {
        in_force(&self.rules.holiday, day).find(|holiday| holiday.is_on(day))
    }

    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !self.weekend.contains(&day.weekday()) && self.holiday(day).is_none()
    }

    /// `day`, or the first working day after it: what falls due on a day nobody works is due then.
    pub fn next_working_day(&self, day: NaiveDate) -> NaiveDate {
        // No country rests for a month: a pack of nothing but feasts gives the day back.
        let days = (0..31).filter_map(|n| day.checked_add_days(Days::new(n)));
        let mut working = days.filter(|day| self.is_working_day(*day));
        working.next().unwrap_or(day)
    }
}

impl Holiday {
    fn is_on(&self, day: NaiveDate) -> bool {
        match (self.month, self.day, self.easter_plus) {
            (Some(month), Some(of_month), _) => {
                (day.month(), day.day()) == (month.into(), of_month.into())
            }
            (_, _, Some(plus)) => easter(day.year())
                .is_some_and(|easter| (day - easter).num_days() == i64::from(plus)),
            _ => false,
        }
    }
}

/// Easter Sunday of the Gregorian calendar, by the algorithm known as *anonymous Gregorian*.
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let moon_shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(days / 31).ok()?,
        u32::try_from(days % 31 + 1).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_the_calendar_has_it() {
        for expected in [
            "1961-04-02",
            "2000-04-23",
            "2008-03-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2038-04-25",
        ] {
            let year = expected[..4].parse().unwrap();
            assert_eq!(easter(year).unwrap().to_string(), expected);
        }
    }
}
