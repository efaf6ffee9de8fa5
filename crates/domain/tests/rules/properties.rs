//! What holds for every ledger and every day in the field.

use crate::support::{
    Ledger, cash, code, day, discharged, fact_id, number, refused, row, rows, slip_return,
    transfer, visit,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tournee_domain::allocation::{OpenItem, check, oldest_first};
use tournee_domain::fact::DoubleDecision;
use tournee_domain::report;
use tournee_domain::report::aged::{AgedQuery, aged_balance};
use tournee_domain::statement::InvoiceRow;
use tournee_domain::{Amount, Currency, Dossier, FactBody, FactId};

/// Three invoices and a credit note of `C1`, with some already settled.
fn listed() -> impl Strategy<Value = Vec<InvoiceRow>> {
    let invoice = |name: &'static str| {
        (1..1_000_i64, 0..100_i64, 0..150_u64).prop_map(move |(gross, percent, due)| {
            let due_date = day("2026-07-01") + chrono::Days::new(due);
            InvoiceRow {
                due_date,
                invoice_date: day("2026-06-30"),
                ..row(name, "C1", gross, gross * percent / 100)
            }
        })
    };
    (invoice("F1"), invoice("F2"), invoice("F3"), 1..300_i64)
        .prop_map(|(a, b, c, credit)| vec![a, b, c, row("A1", "C1", -credit, 0)])
}

/// A day of November.
fn november() -> impl Strategy<Value = String> {
    (1..=30).prop_map(|n| format!("2026-11-{n:02}"))
}

/// Payments of every kind, sensible or not, as the body of a fact made once its number is known.
fn any_payment() -> impl Strategy<Value = (bool, i64, String, Vec<(&'static str, i64)>)> {
    let invoice = prop::sample::select(vec!["F1", "F2", "F3", "A1", "F9"]);
    let line = (invoice, -50..700_i64);
    (
        any::<bool>(),
        -20..1_500_i64,
        november(),
        prop::collection::vec(line, 0..5),
    )
}

fn any_fact() -> impl Strategy<Value = FactBody> {
    let invoice = || prop::sample::select(vec!["F1", "F2", "F9"]);
    prop_oneof![
        4 => any_payment().prop_map(|(announced, francs, date, lines)| body(0, announced, francs, &date, &lines)),
        1 => "[a-z]{0,8}".prop_map(|report| visit("C1", &report)),
        1 => (invoice(), november()).prop_map(|(invoice, date)| discharged(invoice, &date)),
        1 => (invoice(), november()).prop_map(|(invoice, date)| refused(invoice, &date)),
        1 => (invoice(), november()).prop_map(|(invoice, date)| slip_return(invoice, "BL1", &date)),
    ]
}

fn body(n: u128, announced: bool, francs: i64, date: &str, lines: &[(&str, i64)]) -> FactBody {
    if announced {
        transfer(n, "C1", francs, date, lines)
    } else {
        cash(n, "C1", francs, date, lines)
    }
}

fn ledger_of(listed: &[InvoiceRow]) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.import("2026-10-31", listed);
    ledger
}

/// The flag « more than is open » stands on whichever payment came second; nothing else may tell the order.
fn without_flags(dossier: &Dossier) -> Dossier {
    let mut dossier = dossier.clone();
    dossier
        .payments
        .iter_mut()
        .for_each(|payment| payment.flags.clear());
    dossier
}

fn net(ledger: &Ledger) -> Amount {
    ledger.dossier("C1").balances(day("2026-12-31"))[&Currency::XOF].net
}

/// What can happen to the invoice of a client between two statements.
#[derive(Clone, Debug)]
enum Step {
    Pay(i64),
    ExportAll,
    /// The office receives money itself.
    OfficeReceives(i64),
    /// The ledger books what was exported and what the office received, and is imported.
    Import,
    /// *Réglé* of the ledger, whatever it is.
    ImportSettled(i64),
    Decide(DoubleDecision),
}

fn steps(any_ledger: bool) -> impl Strategy<Value = Vec<Step>> {
    let decision =
        prop::sample::select(vec![DoubleDecision::SameMoney, DoubleDecision::TwoPayments]);
    let honest = prop_oneof![
        (1..200_i64).prop_map(Step::Pay),
        Just(Step::ExportAll),
        (1..200_i64).prop_map(Step::OfficeReceives),
        Just(Step::Import),
    ];
    let any = prop_oneof![
        (0..1_500_i64).prop_map(Step::ImportSettled),
        decision.prop_map(Step::Decide)
    ];
    let step = if any_ledger {
        prop_oneof![honest, any].boxed()
    } else {
        honest.boxed()
    };
    prop::collection::vec(step, 1..25)
}

proptest! {
    #[test]
    fn a_proposal_spreads_exactly_what_was_paid(opens in prop::collection::vec((-300..900_i64, 0..90_u64), 0..12), paid in 0..3_000_i64) {
        let item = |(i, (open, due)): (usize, &(i64, u64))| OpenItem {
charges: false,
            invoice: number(&format!("F{i}")),
            due_date: day("2026-01-01") + chrono::Days::new(*due),
            open: (*open).into(),
        };
        let items: Vec<_> = opens.iter().enumerate().map(item).collect();
        let proposal = oldest_first(&items, paid.into());
        let spread: Amount = proposal.allocations.iter().map(|allocation| allocation.amount).sum();
        prop_assert_eq!(spread + proposal.on_account, Amount::from(paid));
        prop_assert_eq!(check(&items, &proposal.allocations, paid.into(), Currency::XOF), Ok(proposal.on_account));
        let owed: i64 = opens.iter().map(|(open, _)| (*open).max(0)).sum();
        prop_assert_eq!(spread, Amount::from(paid.min(owed)), "nothing stays on account while something is owed");
    }

    /// Whatever is wrong with a payment, the client's balance falls by what was received, once.
    #[test]
    fn money_is_conserved(listed in listed(), payments in prop::collection::vec(any_payment(), 1..8)) {
        let mut ledger = ledger_of(&listed);
        let before = net(&ledger);
        let mut received = Amount::ZERO;
        for (announced, francs, date, lines) in &payments {
            let n = ledger.next_fact();
            ledger.apply(n, &body(n, *announced, *francs, date, lines));
            if !announced {
                received += Amount::from((*francs).max(0));
            }
        }
        prop_assert_eq!(net(&ledger), before - received);
        for payment in &ledger.dossier("C1").payments {
            let allocations = ledger.dossier("C1").invoices.iter().flat_map(|invoice| &invoice.allocations);
            let spread: Amount = allocations.filter(|a| a.payment == payment.id).map(|a| a.amount).sum();
            prop_assert_eq!(spread + payment.on_account, payment.amount);
            prop_assert!(!payment.on_account.is_negative());
        }
    }

    #[test]
    fn payments_spread_as_proposed_leave_every_invoice_between_zero_and_its_gross(
        listed in listed(),
        payments in prop::collection::vec((1..1_200_i64, november()), 1..8),
    ) {
        let mut ledger = ledger_of(&listed);
        for (francs, date) in &payments {
            let items = ledger.dossier("C1").open_items(Currency::XOF);
            let proposal = oldest_first(&items, (*francs).into());
            let n = ledger.next_fact();
            let FactBody::Payment(mut payment) = cash(n, "C1", *francs, date, &[]) else { unreachable!() };
            payment.allocations = proposal.allocations;
            prop_assert_eq!(ledger.apply(n, &FactBody::Payment(payment)), vec![]);
            for invoice in ledger.dossier("C1").invoices.iter().filter(|invoice| invoice.gross.is_positive()) {
                prop_assert!(!invoice.open().is_negative() && invoice.open() <= invoice.gross);
            }
        }
    }

    #[test]
    fn the_order_of_a_days_facts_leaves_no_trace(
        listed in listed(),
        (facts, order) in prop::collection::vec(any_fact(), 1..12)
            .prop_flat_map(|facts| (Just(facts.clone()), Just((0..facts.len()).collect::<Vec<_>>()).prop_shuffle())),
    ) {
        let numbered = |i: usize| {
            let n = 100 + i as u128;
            let mut body = facts[i].clone();
            if let FactBody::Payment(payment) = &mut body {
                payment.receipt = crate::support::receipt(u32::try_from(n).expect("small"));
            }
            (n, body)
        };
        // The office received money up to the middle of the month: payments of that time are flagged.
        let mut straight = ledger_of(&listed);
        let mut later = listed;
        later[0].settled += 100.into();
        straight.import("2026-11-14", &later);
        let mut shuffled = straight.clone();
        for i in 0..facts.len() {
            let (n, body) = numbered(i);
            straight.apply(n, &body);
        }
        // Each twice: a fact that comes again changes nothing.
        for i in order.iter().chain(&order) {
            let (n, body) = numbered(*i);
            shuffled.apply(n, &body);
        }
        prop_assert_eq!(without_flags(straight.dossier("C1")), without_flags(shuffled.dossier("C1")));
    }

    #[test]
    fn replaying_the_journal_gives_the_same_dossier(listed in listed(), steps in steps(true)) {
        let first = run(ledger_of(&listed), &steps);
        let second = run(ledger_of(&listed), &steps);
        prop_assert_eq!(&first.dossiers, &second.dossiers);
        let json = serde_json::to_string(&first.dossiers).expect("serialises");
        prop_assert_eq!(serde_json::from_str::<BTreeMap<_, Dossier>>(&json).expect("reads back"), first.dossiers);
    }

    #[test]
    fn a_statement_that_comes_again_changes_nothing(
        listed in listed(),
        facts in prop::collection::vec(any_payment(), 0..6),
        exported in any::<bool>(),
        complete in any::<bool>(),
        settled in prop::collection::vec(-300..1_500_i64, 4),
        listed_again in 1..=4_usize,
    ) {
        let mut ledger = ledger_of(&listed);
        for (announced, francs, date, lines) in &facts {
            let n = ledger.next_fact();
            ledger.apply(n, &body(n, *announced, *francs, date, lines));
            if exported {
                ledger.export(&[fact_id(n)]);
            }
        }
        let mut later = listed;
        later.truncate(listed_again);
        for (row, settled) in later.iter_mut().zip(settled) {
            row.settled = settled.into();
        }
        let import = |ledger: &mut Ledger| {
            ledger.try_import("2026-11-14", &rows(&later), complete, &BTreeMap::new()).expect("a good statement")
        };
        import(&mut ledger);
        let before = ledger.dossiers.clone();
        let again = import(&mut ledger);
        prop_assert!(again.changed.is_empty() && again.flagged_possible_double.is_empty());
        prop_assert_eq!((again.created, again.updated, again.settled_missing), (0, 0, 0));
        prop_assert_eq!(ledger.dossiers, before);
    }

    /// The field and the office both receive money, the ledger books all of it sooner or later, and whenever it asks,
    /// the accountant says that these are two payments. Then no franc is counted twice and none is forgotten.
    #[test]
    fn a_ledger_that_books_everything_counts_nothing_twice(steps in steps(false)) {
        let mut ledger = ledger_of(&[row("F1", "C1", 10_000, 700)]);
        let (mut field, mut office, mut office_known) = (0, 0, 0);
        let mut exported = 0;
        for step in &steps {
            match step {
                Step::Pay(francs) => {
                    ledger.pay(*francs, "2026-11-20");
                    field += francs;
                }
                Step::ExportAll => {
                    export_all(&mut ledger);
                    exported = field;
                }
                Step::OfficeReceives(francs) => office += francs,
                _ => {
                    ledger.import("2026-11-14", &[row("F1", "C1", 10_000, 700 + exported + office)]);
                    ledger.decide(DoubleDecision::TwoPayments);
                    office_known = office;
                }
            }
            prop_assert_eq!(ledger.state("F1"), (Amount::from(10_000 - 700 - field - office_known), false));
        }
    }

    /// *Réglé* is always made of what was known from the start, what is booked, what the office received and what
    /// nobody explained.
    #[test]
    fn settled_is_the_sum_of_its_parts(steps in steps(true)) {
        let mut ledger = ledger_of(&[row("F1", "C1", 1_000, 300)]);
        for step in &steps {
            ledger = run(ledger, std::slice::from_ref(step));
            let invoice = ledger.invoice("F1");
            let booked: Amount = invoice.allocations.iter().map(|allocation| allocation.booked).sum();
            prop_assert!(invoice.allocations.iter().all(|a| !a.booked.is_negative() && !a.unbooked().is_negative()));
            prop_assert!(!invoice.unexplained.is_negative() && !invoice.received_by_office.is_negative());
            let from_the_start = invoice.settled - booked - invoice.unexplained - invoice.received_by_office;
            prop_assert!(!from_the_start.is_negative() && from_the_start <= Amount::from(300), "{}", from_the_start);
            prop_assert_eq!(invoice.open(), invoice.open_as_of(day("2026-12-31")));
        }
    }

    /// On every day, also where the ledger has booked what the field took later.
    #[test]
    fn the_columnar_ledger_owes_what_the_dossier_does(listed in listed(), steps in steps(true), as_of in 0..200_u64) {
        let ledger = run(ledger_of(&[listed, vec![row("F1", "C1", 1_000, 300)]].concat()[1..]), &steps);
        let columns = ledger.columns(Currency::XOF);
        let as_of = day("2026-06-01") + chrono::Days::new(as_of);
        prop_assert_eq!(columns.balance(as_of), ledger.dossier("C1").balances(as_of)[&Currency::XOF].net);
    }

    #[test]
    fn the_columns_of_the_aged_balance_add_up(
        listed in listed(),
        payments in prop::collection::vec(any_payment(), 0..6),
        as_of in 0..200_u64,
    ) {
        let mut ledger = ledger_of(&listed);
        ledger.import("2026-10-31", &[row("F7", "C2", 77, 0), row("A7", "C3", -33, 0)]);
        for (announced, francs, date, lines) in &payments {
            let n = ledger.next_fact();
            ledger.apply(n, &body(n, *announced, *francs, date, lines));
        }
        let as_of = day("2026-06-01") + chrono::Days::new(as_of);
        let columns = ledger.columns(Currency::XOF);
        let table = aged_balance(&columns, &AgedQuery::new(as_of));
        let (rows, aged) = (table.rows().collect::<Vec<_>>(), table.total());
        for (i, bucket) in aged.buckets.iter().enumerate() {
            prop_assert_eq!(*bucket, rows.iter().map(|row| row.buckets[i]).sum::<Amount>());
            prop_assert!(!bucket.is_negative());
        }
        prop_assert_eq!(aged.credits, rows.iter().map(|row| row.credits).sum::<Amount>());
        prop_assert_eq!(aged.total, aged.buckets.iter().copied().sum::<Amount>() - aged.credits);
        // The dossiers say the same, client by client.
        let balances = ledger.dossiers.values().map(|dossier| (dossier, dossier.balances(as_of).remove(&Currency::XOF)));
        let owing = balances.filter_map(|(dossier, balance)| {
            let balance = balance.filter(|balance| !balance.credits.is_zero() || balance.ageing.iter().any(|bucket| !bucket.is_zero()))?;
            Some((dossier.client.code.to_string(), balance.ageing, balance.credits, balance.net))
        });
        let label = |number: Option<usize>| columns.label(report::Group::Client, number.expect("a row")).map(str::to_owned);
        let rows = rows.into_iter().map(|row| (label(row.number).expect("a code"), row.buckets, row.credits, row.total));
        prop_assert_eq!(owing.collect::<Vec<_>>(), rows.collect::<Vec<_>>());
        let later = ledger.dossiers.values().flat_map(|dossier| &dossier.invoices).any(|invoice| invoice.settled_on > as_of);
        prop_assert_eq!(columns.rests_on_later_statement(as_of), later);
    }
}

fn run(mut ledger: Ledger, steps: &[Step]) -> Ledger {
    for step in steps {
        let rows_with = |ledger: &Ledger, settled: i64| InvoiceRow {
            gross: ledger.invoice("F1").gross,
            ..row("F1", "C1", 1, settled)
        };
        match step {
            Step::Pay(francs) => drop(ledger.pay(*francs, "2026-11-10")),
            Step::ExportAll => export_all(&mut ledger),
            Step::ImportSettled(settled) | Step::OfficeReceives(settled) => {
                let listed = rows_with(&ledger, *settled);
                ledger.import("2026-11-14", &[listed]);
            }
            Step::Import => drop(ledger.import("2026-11-14", &[])),
            Step::Decide(decision) => drop(ledger.decide(*decision)),
        }
    }
    ledger
}

fn export_all(ledger: &mut Ledger) {
    let payments: Vec<FactId> = ledger.dossiers[&code("C1")]
        .payments
        .iter()
        .map(|payment| payment.id)
        .collect();
    ledger.export(&payments);
}
