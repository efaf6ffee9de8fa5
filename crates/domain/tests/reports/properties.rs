//! What holds for every history.

use crate::support::{Paper, day, histories, ledger};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tournee_domain::ageing::Bounds;
use tournee_domain::report::aged::{AgedLine, AgedQuery, Basis, Credits, aged_balance};
use tournee_domain::report::{Group, Ledger};
use tournee_domain::{Amount, Currency};

fn any_query() -> impl Strategy<Value = AgedQuery> {
    (
        (0..600_u64).prop_map(|days| day("2024-12-25") + Days::new(days)),
        prop::sample::select(vec![Basis::DueDate, Basis::InvoiceDate, Basis::PlannedDate]),
        prop::sample::select(vec![
            Credits::Separate,
            Credits::OldestDebt,
            Credits::OwnDate,
        ]),
        prop::sample::select(vec![
            Group::Client,
            Group::Activity,
            Group::Agency,
            Group::Collector,
        ]),
        prop::sample::select(vec![
            vec![0],
            vec![0, 30, 60, 90],
            vec![15, 45, 120, 240, 365],
        ]),
    )
        .prop_map(|(as_of, basis, credits, group, bounds)| AgedQuery {
            as_of,
            basis,
            credits,
            group,
            bounds: Bounds::new(bounds).expect("good bounds"),
        })
}

fn owed(clients: &[Vec<Paper>], as_of: NaiveDate) -> Amount {
    let units: i64 = clients
        .iter()
        .flatten()
        .map(|paper| paper.open(as_of))
        .sum();
    Amount(Decimal::new(units, 2))
}

fn rows(ledger: &Ledger, query: &AgedQuery) -> Vec<(String, AgedLine)> {
    let label = |line: &AgedLine| {
        ledger
            .label(query.group, line.number.expect("a row"))
            .expect("a label")
            .to_owned()
    };
    let table = aged_balance(ledger, query);
    let row = |line: AgedLine| {
        (
            label(&line),
            AgedLine {
                number: None,
                ..line
            },
        )
    };
    let mut rows: Vec<_> = table.rows().map(row).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

proptest! {
    #[test]
    fn the_columns_add_up_to_the_ledger(clients in histories(6), query in any_query()) {
        let ledger = ledger(&clients, Currency::EUR);
        let table = aged_balance(&ledger, &query);
        let total = table.total();
        prop_assert_eq!(total.total, owed(&clients, query.as_of));
        prop_assert_eq!(ledger.balance(query.as_of), total.total);
        prop_assert_eq!(total.total, total.buckets.iter().copied().sum::<Amount>() - total.credits);
        for (place, bucket) in total.buckets.iter().enumerate() {
            prop_assert_eq!(*bucket, table.rows().map(|line| line.buckets[place]).sum::<Amount>());
            prop_assert!(query.credits == Credits::OwnDate || !bucket.is_negative());
        }
        prop_assert_eq!(total.credits, table.rows().map(|line| line.credits).sum::<Amount>());
        prop_assert!(!total.credits.is_negative());
        // The drill-down of every row is that row.
        for line in table.rows() {
            let items = ledger.open_items(query.group, line.number.expect("a row"), query.as_of);
            let listed: Amount = items.iter().map(|item| item.open).sum();
            prop_assert!(query.credits == Credits::OldestDebt && query.group != Group::Client || listed == line.total);
        }
    }

    #[test]
    fn a_client_with_credits_set_off_has_debts_or_credits_never_both(clients in histories(4), query in any_query()) {
        let ledger = ledger(&clients, Currency::EUR);
        let query = AgedQuery { credits: Credits::OldestDebt, group: Group::Client, ..query };
        for line in aged_balance(&ledger, &query).rows() {
            prop_assert!(line.credits.is_zero() || line.buckets.iter().all(|bucket| bucket.is_zero()));
        }
    }

    /// Papers and settlements come in any order, within a day and beyond.
    #[test]
    fn the_order_facts_come_in_leaves_no_trace(
        (clients, shuffled) in histories(3).prop_flat_map(|clients| {
            let shuffled: Vec<_> = clients.iter().map(|papers| {
                let papers: Vec<_> = papers.iter().map(|paper| {
                    let (paper, settlements) = (paper.clone(), paper.settlements.clone());
                    Just(settlements).prop_shuffle().prop_map(move |settlements| Paper { settlements, ..paper.clone() })
                }).collect();
                papers.prop_shuffle()
            }).collect();
            (Just(clients), shuffled)
        }),
        query in any_query(),
    ) {
        let (straight, shuffled) = (ledger(&clients, Currency::EUR), ledger(&shuffled, Currency::EUR));
        prop_assert_eq!(rows(&straight, &query), rows(&shuffled, &query));
        for client in 0..clients.len() {
            let items = |ledger: &Ledger| ledger.open_items(Group::Client, client, query.as_of);
            prop_assert_eq!(items(&straight), items(&shuffled));
        }
    }
}
