//! How clients pay (DOMAIN §2.3, PRODUCT H4).

use crate::support::{Paper, amount, day, decimal, ledger, vectors};
use tournee_domain::Currency;
use tournee_domain::report::payer::{Promises, paid_by_all, profile, weighted_delay};
use tournee_domain::report::{Account, Commitment, CommitmentKind, LedgerBuilder};

#[test]
fn the_vector_of_the_weighted_delay() {
    let vectors = vectors();
    let vector = &vectors["weighted_delay"];
    let payments = vector["payments"].as_array().expect("payments");
    let payments = payments.iter().map(|payment| {
        let days = payment["days_after_due"].as_i64().expect("days");
        (amount(&payment["amount"]), days)
    });
    assert_eq!(
        weighted_delay(payments),
        Some(decimal(&vector["expected_days"]))
    );
    assert_eq!(weighted_delay([]), None);
}

#[test]
fn a_profile_weighs_a_years_payments_and_the_recent_ones_apart() {
    let papers = vec![
        Paper::invoice("F1", "2025-01-01", "2025-01-31", 900).paid("2025-03-31", 900), // too long ago
        Paper::invoice("F2", "2025-05-01", "2025-06-01", 300).paid("2025-05-22", 300), // 10 days early
        Paper::invoice("F3", "2025-12-01", "2026-01-01", 100)
            .paid("2026-01-01", 20) // on the day
            .paid("2026-02-10", 80) // 40 late
            .paid("2026-02-10", 5) // and paid too much: bounced since
            .paid("2026-03-01", -5),
        Paper::invoice("F4", "2026-03-01", "2026-03-02", 50).paid("2026-04-02", 50), // later than asked
    ];
    let ledger = ledger(&[papers, vec![]], Currency::XOF);
    let found = profile(&ledger, 0, day("2026-03-31"), 0);
    let tenths = |text: &str| text.parse().ok();
    assert_eq!(found.paid, 400.into());
    assert_eq!(found.weighted_delay, tenths("0.5")); // (−3 000 + 0 + 3 200) ÷ 400
    assert_eq!(found.late_share, tenths("0.200"));
    assert_eq!(found.recent_delay, tenths("32.0")); // 3 200 ÷ 100
    assert_eq!(found.trend, tenths("31.5"));
    let nobody = profile(&ledger, 1, day("2026-03-31"), 0);
    assert_eq!((nobody.weighted_delay, nobody.late_share), (None, None));
    assert_eq!(
        paid_by_all(&ledger, day("2026-03-31")).weighted_delay(),
        tenths("0.5")
    );
}

#[test]
fn promises_are_kept_partly_kept_or_broken_within_grace() {
    let promise = |made, date, francs: i64| Commitment {
        kind: CommitmentKind::Promise,
        reference: None,
        made: day(made),
        until: None,
        date: day(date),
        amount: francs.into(),
    };
    let mut builder = LedgerBuilder::new(Currency::XOF);
    builder.account(&Account {
        code: "C1",
        ..Account::default()
    });
    let papers = [
        Paper::invoice("F1", "2025-12-01", "2026-01-01", 100).paid("2026-02-03", 100),
        Paper::invoice("F2", "2025-12-01", "2026-01-02", 200).paid("2026-02-03", 50),
    ];
    for paper in &papers {
        paper
            .add(&mut builder, Currency::XOF)
            .expect("a good paper");
    }
    let made = [
        promise("2026-01-10", "2026-02-01", 150), // over both invoices; it came two days late
        promise("2026-02-04", "2026-03-01", 40),  // nothing came
        promise("2026-01-20", "2026-04-30", 10),  // not yet
    ];
    builder.commitments(&made).expect("good promises");
    let ledger = builder.finish();
    let outcome = |grace| profile(&ledger, 0, day("2026-03-31"), grace).promises;
    assert_eq!(
        outcome(2),
        Promises {
            kept: 1,
            partly: 0,
            broken: 1
        }
    );
    assert_eq!(
        outcome(1),
        Promises {
            kept: 0,
            partly: 0,
            broken: 2
        }
    );
    let partly = [promise("2026-01-10", "2026-02-03", 190)];
    let mut builder = LedgerBuilder::new(Currency::XOF);
    for paper in &papers {
        paper
            .add(&mut builder, Currency::XOF)
            .expect("a good paper");
    }
    builder.commitments(&partly).expect("a good promise");
    let found = profile(&builder.finish(), 0, day("2026-03-31"), 0).promises;
    assert_eq!(
        found,
        Promises {
            kept: 0,
            partly: 1,
            broken: 0
        }
    );
}
