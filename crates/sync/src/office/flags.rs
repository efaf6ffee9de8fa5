//! What the office notices about a fact from its envelope and its receipt (SYNC 8, 32).

use crate::envelope::Times;
use tournee_domain::ReceiptNumber;

/// A clock further off than this is suspect (SYNC 8).
pub const CLOCK_SKEW_MAX_MS: i64 = 5 * 60 * 1000;

/// Whether the device's clock was off when it wrote the fact: it said so itself, it wrote from the future, or it went
/// back since the device's previous fact.
pub fn clock_is_suspect(
    times: &Times,
    received_at_ms: i64,
    previous_device_ms: Option<i64>,
) -> bool {
    let device_ms = times.device.timestamp_millis();
    let offset_ms = times.office_offset_ms.unwrap_or(0);
    let went_back = previous_device_ms
        .is_some_and(|previous_ms| previous_ms.saturating_sub(device_ms) > CLOCK_SKEW_MAX_MS);
    offset_ms.saturating_abs() > CLOCK_SKEW_MAX_MS
        || device_ms.saturating_sub(received_at_ms) > CLOCK_SKEW_MAX_MS
        || went_back
}

/// The series of receipts the office expects of one device and epoch.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptSeries<'a> {
    pub agency: &'a str,
    pub device_label: &'a str,
    pub epoch: u32,
    /// Number of the last receipt; 0 before the first.
    pub last: u32,
}

/// Whether `receipt` is anything but the next of its device's own series.
pub fn receipt_is_unexpected(series: ReceiptSeries<'_>, receipt: &ReceiptNumber) -> bool {
    receipt.agency != series.agency
        || receipt.device_label != series.device_label
        || receipt.epoch != series.epoch
        || Some(receipt.n) != series.last.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(device: &str, office_offset_ms: Option<i64>) -> Times {
        Times {
            device: device.parse().unwrap(),
            zone: String::new(),
            office_offset_ms,
            office_offset_age_s: None,
        }
    }

    #[test]
    fn clocks_more_than_five_minutes_off_are_suspect() {
        const NOON: i64 = 1_793_534_400_000; // 2026-11-01T12:00:00Z
        let cases = [
            ("on time", "2026-11-01T13:00:00+01:00", None, None, false),
            (
                "recorded days ago, offline",
                "2026-10-28T08:00:00+01:00",
                None,
                None,
                false,
            ),
            (
                "five minutes ahead",
                "2026-11-01T13:05:00+01:00",
                None,
                None,
                false,
            ),
            (
                "six minutes ahead",
                "2026-11-01T13:06:00+01:00",
                None,
                None,
                true,
            ),
            (
                "three years ahead",
                "2029-11-01T13:00:00+01:00",
                None,
                None,
                true,
            ),
            (
                "knows that it is off",
                "2026-11-01T12:50:00+01:00",
                Some(600_000),
                None,
                true,
            ),
            (
                "knows that it is off the other way",
                "2026-11-01T12:50:00+01:00",
                Some(-600_000),
                None,
                true,
            ),
            (
                "a day back",
                "2026-10-31T12:00:00+01:00",
                None,
                Some(NOON),
                true,
            ),
            (
                "a minute back",
                "2026-11-01T12:59:00+01:00",
                None,
                Some(NOON),
                false,
            ),
        ];
        for (name, device, offset, previous, expected) in cases {
            assert_eq!(
                clock_is_suspect(&times(device, offset), NOON, previous),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn the_next_receipt_of_the_own_series_is_expected() {
        let series = ReceiptSeries {
            agency: "ARL",
            device_label: "D03",
            epoch: 1,
            last: 126,
        };
        for (receipt, expected) in [
            ("ARL-D03-E1-000127", false),
            ("ARL-D03-E1-000128", true),
            ("ARL-D03-E1-000126", true),
            ("NIA-D03-E1-000127", true),
            ("ARL-D04-E1-000127", true),
            ("ARL-D03-E2-000127", true),
        ] {
            assert_eq!(
                receipt_is_unexpected(series, &receipt.parse().unwrap()),
                expected,
                "{receipt}"
            );
        }
    }
}
