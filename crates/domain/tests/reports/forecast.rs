//! What will be paid (DOMAIN §2.3).

use crate::support::{Paper, amount, day, decimal, ledger, vectors};
use rust_decimal::Decimal;
use tournee_domain::ageing::Bounds;
use tournee_domain::report::cohort::Curve;
use tournee_domain::report::forecast::{
    Forecast, ForecastQuery, Method, RatesMismatch, by_bucket_rates, forecast, received,
};
use tournee_domain::report::roll::{loss_rates, roll_rates};
use tournee_domain::report::{
    Account, Commitment, CommitmentKind, Ledger, LedgerBuilder, Mark, MarkKind,
};
use tournee_domain::{Amount, Currency, Rate};

const NAMES: [&str; 5] = ["not_due", "1-30", "31-60", "61-90", ">90"];

#[test]
fn the_vector_of_buckets_and_rates() {
    let vectors = vectors();
    let vector = &vectors["forecast_by_bucket"];
    let buckets = NAMES.map(|name| amount(&vector["buckets"][name]));
    let rates = NAMES.map(|name| {
        decimal(&vector["rates"][name])
            .to_string()
            .parse::<Rate>()
            .expect("a rate")
    });
    assert_eq!(
        by_bucket_rates(&buckets, &rates),
        Ok(amount(&vector["expected"]))
    );
    let mismatch = RatesMismatch {
        buckets: 5,
        rates: 4,
    };
    assert_eq!(by_bucket_rates(&buckets, &rates[1..]), Err(mismatch));
}

#[test]
fn the_vector_of_roll_rates() {
    let vectors = vectors();
    let vector = &vectors["roll_rates"];
    let rates = ["not_due->1-30", "1-30->31-60", "31-60->61-90", "61-90->>90"];
    let rates = rates.map(|name| decimal(&vector["rates"][name]));
    let losses = loss_rates(&rates, decimal(&vector["rates"][">90->loss"]));
    let expected = NAMES.map(|name| decimal(&vector["expected_loss_rates"][name]));
    assert_eq!(losses, expected);
}

#[test]
fn roll_rates_come_from_the_months_of_the_ledger() {
    // Each month 100 falls due at its first day; 40 of it is paid in the next month, the rest in the one after.
    let papers: Vec<Paper> = (1..=9)
        .map(|month| {
            let date = |later| format!("2025-{:02}-{:02}", month + later, 5);
            Paper::invoice(
                &format!("F{month}"),
                &format!("2025-{month:02}-01"),
                &date(0),
                100,
            )
            .paid(&date(1), 40)
            .paid(&date(2), 60)
        })
        .collect();
    let ledger = ledger(&[papers], Currency::XOF);
    let rates = roll_rates(&ledger, day("2025-09-30"), 6, &Bounds::default());
    let share = |text: &str| text.parse::<Decimal>().ok();
    // What is in 1–30 at a month end owes 60 of its 100 a month later, in 31–60; nothing is ever beyond or not due.
    assert_eq!(rates, [None, share("0.6"), share("0"), None]);
}

/// One debt of 1 000 due 2026-02-01, of a client who pays 10 days late, and what was agreed about it.
fn agreed(commitments: &[Commitment], marks: Vec<Mark>, paid: i64) -> Ledger {
    let mut builder = LedgerBuilder::new(Currency::XOF);
    builder.account(&Account {
        code: "C1",
        ..Account::default()
    });
    let before = Paper::invoice("F0", "2025-12-01", "2026-01-01", 50).paid("2026-01-11", 50);
    let mut debt = Paper::invoice("F1", "2026-01-02", "2026-02-01", 1_000).paid("2026-01-25", paid);
    debt.marks = marks;
    for paper in [before, debt] {
        paper
            .add(&mut builder, Currency::XOF)
            .expect("a good paper");
    }
    builder.commitments(commitments).expect("good commitments");
    builder.finish()
}

fn by(ledger: &Ledger, method: Method) -> Forecast {
    let query = ForecastQuery {
        months: 3,
        method,
        ..ForecastQuery::new(day("2026-01-31"))
    };
    forecast(ledger, &query)
}

/// Promised, planned and expected in each month, and what comes later.
fn francs(forecast: &Forecast) -> String {
    let month = |month: &tournee_domain::report::forecast::ForecastMonth| {
        assert_eq!(month.total, month.promised + month.planned + month.expected);
        format!("{}+{}+{}", month.promised, month.planned, month.expected)
    };
    let months: Vec<String> = forecast.months.iter().map(month).collect();
    format!("{} then {}", months.join(" "), forecast.later)
}

fn commitment<'a>(kind: CommitmentKind, date: &str, francs: i64) -> Commitment<'a> {
    Commitment {
        kind,
        reference: Some("F1"),
        made: day("2026-01-20"),
        until: None,
        date: day(date),
        amount: francs.into(),
    }
}

#[test]
fn a_promise_comes_before_a_plan_and_a_plan_before_habits() {
    use CommitmentKind::{Plan, Promise};
    let none = agreed(&[], vec![], 0);
    assert_eq!(
        francs(&by(&none, Method::PayerDelay)),
        "0+0+1000 0+0+0 0+0+0 then 0"
    );
    let ends: Vec<_> = by(&none, Method::DueDate)
        .months
        .iter()
        .map(|month| month.until)
        .collect();
    assert_eq!(ends, ["2026-02-28", "2026-03-31", "2026-04-30"].map(day));

    let all = [
        commitment(Promise, "2026-03-31", 300),
        commitment(Plan, "2026-02-28", 200),
        commitment(Plan, "2026-04-01", 200),
        commitment(Plan, "2027-01-01", 200),
    ];
    let ledger = agreed(&all, vec![], 0);
    assert_eq!(
        francs(&by(&ledger, Method::PayerDelay)),
        "0+200+100 300+0+0 0+200+0 then 200"
    );

    // A promise whose day has passed binds nobody; one that was taken back neither.
    let passed = [commitment(Promise, "2026-01-30", 300)];
    assert_eq!(
        francs(&by(&agreed(&passed, vec![], 0), Method::PayerDelay)),
        "0+0+1000 0+0+0 0+0+0 then 0"
    );
    let taken_back = Commitment {
        until: Some(day("2026-01-30")),
        ..commitment(Promise, "2026-03-01", 300)
    };
    assert_eq!(
        francs(&by(&agreed(&[taken_back], vec![], 0), Method::PayerDelay)),
        "0+0+1000 0+0+0 0+0+0 then 0"
    );

    // What came since counts against the first days agreed: 250 pay the first instalment and 50 of the second.
    let ledger = agreed(&all[1..], vec![], 250);
    assert_eq!(
        francs(&by(&ledger, Method::PayerDelay)),
        "0+0+400 0+0+0 0+150+0 then 200"
    );
}

#[test]
fn a_disputed_amount_is_left_out_or_likely() {
    let dispute = Mark {
        kind: MarkKind::Disputed,
        amount: Some(400.into()),
        from: day("2026-01-05"),
        until: None,
    };
    let ledger = agreed(&[], vec![dispute], 0);
    assert_eq!(
        francs(&by(&ledger, Method::DueDate)),
        "0+0+600 0+0+0 0+0+0 then 0"
    );
    let query = ForecastQuery {
        months: 3,
        method: Method::DueDate,
        disputed: "0.25".parse().expect("a rate"),
        ..ForecastQuery::new(day("2026-01-31"))
    };
    assert_eq!(
        francs(&forecast(&ledger, &query)),
        "0+0+700 0+0+0 0+0+0 then 0"
    );
}

#[test]
fn each_method_dates_a_debt_its_own_way() {
    // The habits of two clients: one 40 days late with 100, one on time with 300; the average is 10 days.
    let clients = [
        vec![
            Paper::invoice("F1", "2025-10-01", "2025-11-01", 100).paid("2025-12-11", 100),
            Paper::invoice("F2", "2026-01-01", "2026-02-22", 7),
        ],
        vec![
            Paper::invoice("F3", "2025-10-01", "2025-11-01", 300).paid("2025-11-01", 300),
            Paper::invoice("F4", "2026-01-01", "2026-02-22", 5),
        ],
        vec![
            Paper::invoice("F5", "2026-01-01", "2026-02-22", 2),
            Paper::invoice("F6", "2025-01-01", "2025-02-01", 1),
        ],
    ];
    let ledger = ledger(&clients, Currency::XOF);
    // An old debt is expected tomorrow at the earliest, whatever the delay.
    assert_eq!(
        francs(&by(&ledger, Method::DueDate)),
        "0+0+15 0+0+0 0+0+0 then 0"
    );
    assert_eq!(
        francs(&by(&ledger, Method::AverageDelay)),
        "0+0+1 0+0+14 0+0+0 then 0"
    );
    assert_eq!(
        francs(&by(&ledger, Method::PayerDelay)),
        "0+0+6 0+0+2 0+0+7 then 0"
    );
}

#[test]
fn the_curve_follows_cohorts_of_a_month() {
    // Each month an invoice of 100: half paid in the next month, half of the rest in the one after.
    let papers: Vec<Paper> = (1..=9)
        .map(|month| {
            let date = |later| format!("2025-{:02}-15", month + later);
            Paper::invoice(&format!("F{month}"), &date(0), &date(1), 100)
                .paid(&date(1), 50)
                .paid(&date(2), 25)
        })
        .collect();
    let ledger = ledger(&[papers], Currency::XOF);
    let as_of = day("2025-09-30");
    let curve = Curve::learn(&ledger, as_of);
    let share = |text: &str| text.parse::<Decimal>().ok();
    assert_eq!(
        [0, 1, 2, 3, 9].map(|age| curve.share(age)),
        ["0", "0.5", "0.5", "0", "0"].map(share)
    );
    let query = ForecastQuery {
        months: 2,
        ..ForecastQuery::new(as_of)
    };
    let found = forecast(&ledger, &query);
    // September's 100 bring 50 and then 25, August's 50 bring 25 and then nothing; 25 of each older month stay.
    assert_eq!(francs(&found), "0+0+75 0+0+25 then 225");
    let new: Vec<Amount> = found
        .months
        .iter()
        .map(|month| month.of_new_sales)
        .collect();
    assert_eq!(new, [Amount::ZERO, 50.into()]);
    let came = received(&ledger, as_of, day("2025-11-30"));
    assert_eq!(
        (came.of_open, came.of_new_sales),
        (100.into(), Amount::ZERO)
    );

    assert_eq!(Curve::learn(&ledger, day("2024-12-31")).share(3), None);
}
