//! The one place that reads the clock.

use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc};
use std::time::Instant;

/// Now, in UTC.
#[expect(clippy::disallowed_methods, reason = "this is the server's clock port")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Milliseconds since 1970 UTC.
pub fn now_ms() -> i64 {
    now().timestamp_millis()
}

/// For measuring how long something took; it never goes back.
#[expect(clippy::disallowed_methods, reason = "this is the server's clock port")]
pub fn instant() -> Instant {
    Instant::now()
}

/// Minutes east of UTC in `zone` at `at`.
pub fn offset_minutes(zone: chrono_tz::Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc())
        .fix()
        .local_minus_utc()
        / 60
}

/// The business date in `zone` at `at` (SYNC 8).
pub fn business_date(zone: chrono_tz::Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
