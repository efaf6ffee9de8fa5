//! Interest and indemnity for late payment (DOMAIN §3).

use crate::support::{amount, day, rate, vectors};
use chrono::NaiveDate;
use tournee_domain::report::interest::{
    AfterJudgment, DatedRate, InterestError, Late, Regime, RunsFrom, late_interest,
};
use tournee_domain::{Amount, Currency};

fn dated(rates: &[(&str, &str)]) -> Vec<DatedRate> {
    let rate = |(from, rate): &(&str, &str)| DatedRate {
        from: day(from),
        rate: rate.parse().expect("a rate"),
    };
    rates.iter().map(rate).collect()
}

fn france() -> Regime {
    Regime {
        runs_from: RunsFrom::DueDate,
        default_rates: dated(&[
            ("2024-07-01", "0.1425"),
            ("2025-01-01", "0.1315"),
            ("2026-01-01", "0.1215"),
        ]),
        clause_floors: dated(&[
            ("2024-07-01", "0.1476"),
            ("2025-01-01", "0.1113"),
            ("2026-01-01", "0.0786"),
        ]),
        clause_ceiling: None,
        indemnity: 40.into(),
        after_judgment: None,
    }
}

fn ohada() -> Regime {
    Regime {
        runs_from: RunsFrom::FormalNotice,
        default_rates: dated(&[("2024-01-01", "0.050336"), ("2025-01-01", "0.055")]),
        clause_floors: Vec::new(),
        clause_ceiling: "0.24".parse().ok(),
        indemnity: Amount::ZERO,
        after_judgment: Some(AfterJudgment {
            months: 2,
            factor: "1.5".parse().expect("a factor"),
        }),
    }
}

fn late(principal: i64, due: &str) -> Late<'static> {
    Late {
        principal: principal.into(),
        due: day(due),
        formal_notice: None,
        contract_rate: None,
        enforceable: None,
        payments: &[],
    }
}

#[test]
fn the_vectors_of_both_regimes() {
    let vectors = vectors();
    let cases = vectors["late_payment"].as_array().expect("cases");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let date = |name: &str| case[name].as_str().map(day);
        if case["semester"].is_string() {
            let due = late(1, "2024-12-01");
            let found = france().rate(&due, day("2024-12-31")).expect("a rate");
            assert_eq!(found, rate(&case["expected_rate"]).fraction(), "{case}");
            continue;
        }
        let rates = case["annual_rates"].as_array().expect("rates");
        let is_french = case["regime"] == "FR";
        let judged = case["days"] == 30;
        let default_rates = rates.iter().map(|dated| DatedRate {
            from: dated["from"].as_str().map_or(NaiveDate::MIN, day),
            // The vector gives the rate after the judgment.
            rate: if judged {
                "0.055".parse().expect("a rate")
            } else {
                rate(&dated["rate"])
            },
        });
        let regime = Regime {
            default_rates: default_rates.collect(),
            clause_floors: Vec::new(),
            indemnity: case["fixed_indemnity"]
                .as_str()
                .map_or(Amount::ZERO, |it| it.parse().expect("an amount")),
            ..if is_french { france() } else { ohada() }
        };
        let late = Late {
            principal: amount(&case["principal"]),
            due: date("due").unwrap_or(day("2025-01-01")),
            formal_notice: if judged {
                Some(day("2025-09-30"))
            } else {
                date("formal_notice_sent")
            },
            contract_rate: None,
            enforceable: judged.then(|| day("2025-07-31")),
            payments: &[],
        };
        let paid = date("paid").unwrap_or(day("2025-10-30"));
        let currency = if is_french {
            Currency::EUR
        } else {
            Currency::XOF
        };
        let found = late_interest(&late, paid, &regime, currency).expect("interest");
        assert_eq!(found.interest, amount(&case["expected_interest"]), "{case}");
        if let Some(days) = case["days"].as_i64() {
            assert_eq!(
                found.periods.iter().map(|period| period.days).sum::<i64>(),
                days,
                "{case}"
            );
        }
        if case["expected_total"].is_string() {
            assert_eq!(found.total, amount(&case["expected_total"]), "{case}");
        }
    }
}

#[test]
fn nothing_is_owed_before_it_is_late_or_before_the_notice() {
    let interest = |late: &Late, until, regime: &Regime| {
        let found = late_interest(late, day(until), regime, Currency::EUR).expect("interest");
        (found.interest, found.indemnity, found.periods.len())
    };
    let french = late(1_000, "2026-01-31");
    assert_eq!(
        interest(&french, "2026-01-31", &france()),
        (0.into(), 0.into(), 0)
    );
    assert_eq!(
        interest(&french, "2026-02-01", &france()),
        ("0.33".parse().expect("an amount"), 40.into(), 1)
    );
    // No interest without a formal notice in OHADA; with a clause it runs from the due date.
    let mut ohadan = late(1_000_000, "2025-03-31");
    assert_eq!(interest(&ohadan, "2025-12-31", &ohada()).0, 0.into());
    ohadan.contract_rate = "0.073".parse().ok();
    assert_eq!(interest(&ohadan, "2025-04-10", &ohada()).0, 2_000.into());
}

#[test]
fn a_clause_is_kept_between_floor_and_ceiling_and_a_judgment_raises_the_rate() {
    let percent = |late: &Late, date, regime: &Regime| {
        let rate = regime.rate(late, day(date)).expect("a rate");
        rate.normalize().to_string()
    };
    let mut clause = late(1, "2024-12-01");
    clause.contract_rate = "0.10".parse().ok();
    assert_eq!(percent(&clause, "2024-12-31", &france()), "0.1476");
    assert_eq!(percent(&clause, "2026-01-01", &france()), "0.1");
    clause.contract_rate = "0.30".parse().ok();
    assert_eq!(percent(&clause, "2025-12-31", &ohada()), "0.24");

    let mut judged = late(1, "2025-01-31");
    judged.enforceable = Some(day("2025-03-31"));
    assert_eq!(percent(&judged, "2025-05-31", &ohada()), "0.055");
    assert_eq!(percent(&judged, "2025-06-01", &ohada()), "0.0825");
    let early = day("2023-12-31");
    assert_eq!(
        ohada().rate(&judged, early),
        Err(InterestError::NoRate { day: early })
    );
}

#[test]
fn payments_reduce_what_bears_interest_and_periods_add_up() {
    let payments = [
        (day("2026-02-20"), 400.into()),
        (day("2026-03-02"), 600.into()),
    ];
    let late = Late {
        payments: &payments,
        ..late(1_000, "2025-12-21")
    };
    let found =
        late_interest(&late, day("2026-12-31"), &france(), Currency::EUR).expect("interest");
    let shown: Vec<String> = found
        .periods
        .iter()
        .map(|it| {
            format!(
                "{}..{} {} d of {} at {}",
                it.first, it.last, it.days, it.principal, it.rate
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "2025-12-22..2025-12-31 10 d of 1000 at 0.1315",
            "2026-01-01..2026-02-20 51 d of 1000 at 0.1215",
            "2026-02-21..2026-03-02 10 d of 600 at 0.1215",
        ]
    );
    // 3.6027 + 16.9767 + 1.9973
    assert_eq!(found.interest, "22.58".parse().expect("an amount"));
    assert_eq!(
        found.periods.iter().map(|it| it.interest).sum::<Amount>(),
        found.interest
    );
    assert_eq!(
        found.indemnity,
        40.into(),
        "whole, though the invoice was partly paid"
    );
    // Paid in time: nothing.
    let in_time = [(day("2025-12-21"), 1_000.into())];
    let late = Late {
        payments: &in_time,
        ..late
    };
    let found =
        late_interest(&late, day("2026-12-31"), &france(), Currency::EUR).expect("interest");
    assert_eq!((found.total, found.periods.len()), (Amount::ZERO, 0));
}
