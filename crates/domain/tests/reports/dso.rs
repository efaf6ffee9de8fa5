//! DSO and its companions (DOMAIN §2.2).

use crate::support::{Paper, amount, day, decimal, ledger, vectors};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use tournee_domain::report::dso::{
    CountBack, Dso, DsoLine, DsoQuery, MonthSales, average_days_delinquent, by_balance,
    collection_effectiveness, count_back, dso,
};
use tournee_domain::report::{Group, Mark, MarkKind};
use tournee_domain::{Amount, Currency};

/// These sales of the months that end with `as_of`, the latest first, with real month lengths.
fn months(as_of: NaiveDate, sales: &[Amount]) -> Vec<MonthSales> {
    let mut end = as_of;
    let month = |sales: &Amount| {
        let days = end.day();
        end = end - chrono::Days::new(days.into());
        MonthSales {
            days,
            sales: *sales,
        }
    };
    sales.iter().map(month).collect()
}

#[test]
fn the_vectors_of_every_method() {
    let vectors = vectors();
    let cases = vectors["dso"].as_array().expect("cases");
    let mut seen = 0;
    for case in cases {
        let expected = decimal(&case["expected_days"]);
        let period = || {
            case["period_days"]
                .as_u64()
                .expect("days")
                .try_into()
                .expect("few")
        };
        let found = match case["method"].as_str().expect("a method") {
            "countback" => {
                let sales = case["sales_by_month_desc"].as_array().expect("sales");
                let sales: Vec<Amount> = sales.iter().map(amount).collect();
                let months = months(day(case["as_of"].as_str().expect("a day")), &sales);
                match count_back(amount(&case["receivables"]), &months).dso {
                    Dso::Days(days) => Some(days),
                    Dso::MoreThan(days) => {
                        assert_eq!(case["expected"], "more_than_days");
                        Some(Decimal::from(days))
                    }
                }
            }
            "balance" => by_balance(
                amount(&case["receivables"]),
                amount(&case["sales"]),
                period(),
            ),
            "best_possible" => {
                by_balance(amount(&case["not_due"]), amount(&case["sales"]), period())
            }
            "average_days_delinquent" => Some(average_days_delinquent(
                decimal(&case["dso"]),
                decimal(&case["best_possible"]),
            )),
            other => panic!("a method nobody computes: {other}"),
        };
        assert_eq!(found, Some(expected), "{case}");
        seen += 1;
    }
    assert_eq!(seen, 7);

    let cei = &vectors["cei"];
    let of = |name| amount(&cei[name]);
    let percent = collection_effectiveness(
        of("opening"),
        of("sales"),
        of("closing_total"),
        of("closing_not_due"),
    );
    assert_eq!(percent, Some(decimal(&cei["expected_percent"])));
    // Creditguru's quarter with the period's own sales (DOMAIN §2.2) needs its figures; without any, there is no share.
    assert_eq!(
        collection_effectiveness(Amount::ZERO, Amount::ZERO, Amount::ZERO, Amount::ZERO),
        None
    );
}

#[test]
fn a_month_of_negative_sales_is_skipped_and_told() {
    let sales = [40, -5, 0, 30].map(Amount::from);
    let months = months(day("2026-03-31"), &sales);
    let days = |days: u32| Dso::Days(days.into());
    let found = count_back(70.into(), &months);
    // March, not February, January without sales, and December.
    assert_eq!(
        found,
        CountBack {
            dso: days(31 + 31 + 31),
            skipped: vec![1]
        }
    );
    assert_eq!(
        count_back(40.into(), &months),
        CountBack {
            dso: days(31),
            skipped: vec![]
        }
    );
    assert_eq!(
        count_back(0.into(), &months),
        CountBack {
            dso: days(0),
            skipped: vec![]
        }
    );
    assert_eq!(count_back(1.into(), &[]).dso, Dso::MoreThan(0));
    assert_eq!(by_balance(1.into(), Amount::ZERO, 90), None);
}

/// Sales of A and B as the vector has them, all of it still open or paid in March.
#[test]
fn the_vector_by_activity_from_a_ledger() {
    let vectors = vectors();
    let vector = &vectors["dso_by_activity"];
    let mut papers = Vec::new();
    for activity in vector["activities"].as_array().expect("activities") {
        let units = |name: &str| {
            amount(&activity[name])
                .to_string()
                .parse::<i64>()
                .expect("francs")
        };
        let name = activity["name"].as_str().expect("a name");
        let mut paper = Paper::invoice(name, "2026-02-10", "2026-04-30", units("sales"));
        paper.activity = name.into();
        papers.push(paper.paid("2026-03-05", units("sales") - units("receivables")));
    }
    let ledger = ledger(&[papers], Currency::XOF);
    let lines = dso(&ledger, &DsoQuery::new(day("2026-03-31")), Group::Activity);
    let line = |number| {
        lines
            .iter()
            .find(|line| line.number == number)
            .expect("a line")
    };
    assert_eq!(
        line(None).by_balance,
        Some(decimal(&vector["expected_global_days"]))
    );
    for (n, activity) in vector["activities"]
        .as_array()
        .expect("activities")
        .iter()
        .enumerate()
    {
        assert_eq!(
            ledger.label(Group::Activity, n + 1),
            activity["name"].as_str()
        );
        assert_eq!(
            line(Some(n + 1)).by_balance,
            Some(decimal(&activity["expected_days"]))
        );
    }
    assert_eq!(lines.len(), 3);
}

/// DOMAIN §2.2: receivables 90 M, of which 52.5 M are not due, and sales of 40, 35 and 30 M.
#[test]
fn the_worked_example_from_a_ledger() {
    let million = 1_000_000;
    let papers = vec![
        Paper::invoice("F1", "2026-01-31", "2026-03-01", 30 * million)
            .paid("2026-02-28", 15 * million),
        Paper::invoice("F2", "2026-02-01", "2026-03-03", 22_500_000),
        Paper::invoice("F3", "2026-02-28", "2026-03-31", 12_500_000),
        Paper::invoice("F4", "2026-03-31", "2026-04-30", 40 * million),
        // Money on account is no sale, and an invoice of April is not there yet.
        Paper::invoice("F5", "2026-04-01", "2026-05-01", 99 * million),
    ];
    let with = |mut papers: Vec<Paper>, more: Option<Paper>, query| -> DsoLine {
        papers.extend(more);
        dso(&ledger(&[papers], Currency::XOF), &query, Group::Activity).swap_remove(0)
    };
    let query = DsoQuery::new(day("2026-03-31"));
    let line = with(papers.clone(), None, query);
    let days = |text: &str| text.parse::<Decimal>().ok();
    assert_eq!(line.receivables, (90 * million).into());
    assert_eq!(line.count_back.dso, Dso::Days(days("74.50").expect("days")));
    assert_eq!(
        (line.by_balance, line.best_possible),
        (days("77.14"), days("45.00"))
    );
    assert_eq!(line.average_days_delinquent, days("32.14"));
    // March opened with 50 M, sold 40 M and closed with 90 M: nothing was collected.
    assert_eq!(line.collection_effectiveness, days("0.00"));

    let account = Paper::on_account("R1", "2026-03-15", 10 * million);
    let credited = with(papers.clone(), Some(account), query);
    assert_eq!(
        (credited.receivables, credited.sales),
        ((80 * million).into(), (105 * million).into())
    );
    assert_eq!(
        credited.count_back.dso,
        Dso::Days(days("64.17").expect("days"))
    );

    let mut doubtful = Paper::invoice("F0", "2020-01-31", "2020-02-28", 7 * million);
    doubtful.marks = vec![Mark {
        kind: MarkKind::Doubtful,
        amount: None,
        from: day("2021-01-01"),
        until: None,
    }];
    let without = with(papers.clone(), Some(doubtful.clone()), query);
    assert_eq!(without.by_balance, line.by_balance);
    let counted = with(
        papers,
        Some(doubtful),
        DsoQuery {
            with_doubtful: true,
            ..query
        },
    );
    assert_eq!(counted.receivables, (97 * million).into());
}

#[test]
fn a_history_that_does_not_suffice_says_more_than() {
    let papers = vec![
        Paper::invoice("F1", "2026-01-31", "2026-03-01", 100),
        // A debt carried over from before, by a payment taken back.
        Paper::on_account("R1", "2026-01-15", -500),
    ];
    let lines = dso(
        &ledger(&[papers], Currency::XOF),
        &DsoQuery::new(day("2026-03-31")),
        Group::Client,
    );
    assert_eq!(lines[0].count_back.dso, Dso::MoreThan(31 + 28 + 31));
}
