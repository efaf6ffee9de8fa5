//! Exposure against the credit limit (DOMAIN §2.5, PRODUCT H1, H2).

use crate::support::day;
use tournee_domain::Amount;
use tournee_domain::report::exposure::{CreditLimit, ExposureParts, exposure};

#[test]
fn exposure_is_the_sum_of_its_parts_less_credits() {
    let francs = Amount::from;
    let parts = ExposureParts {
        open: francs(500),
        accrued: francs(100),
        uncleared: francs(50),
        returned: francs(30),
        orders: francs(20),
        credits: francs(90),
    };
    // The limit, its last day, and then: limit that stands, excess, percent, threshold.
    for (limit, until, stands, excess, percent, threshold) in [
        (Some(1_300), None, Some(1_300), 0, Some("46.9"), None),
        (Some(1_220), None, Some(1_220), 0, Some("50.0"), Some(50)),
        (
            Some(700),
            Some("2026-03-31"),
            Some(700),
            0,
            Some("87.1"),
            Some(70),
        ),
        (Some(600), None, Some(600), 10, Some("101.7"), Some(90)),
        (Some(700), Some("2026-03-30"), Some(0), 610, None, Some(90)),
        (Some(0), None, Some(0), 610, None, Some(90)),
        (None, None, None, 0, None, None),
    ] {
        let limit = limit.map(|amount: i64| CreditLimit {
            amount: amount.into(),
            valid_until: until.map(day),
        });
        let found = exposure(&parts, limit, day("2026-03-31"));
        assert_eq!(found.total, francs(610));
        assert_eq!(
            (found.limit, found.excess),
            (stands.map(|it: i64| it.into()), francs(excess)),
            "{limit:?}"
        );
        assert_eq!(
            found
                .used_percent
                .map(|percent| percent.to_string())
                .as_deref(),
            percent,
            "{limit:?}"
        );
        assert_eq!(found.threshold, threshold, "{limit:?}");
    }
}
