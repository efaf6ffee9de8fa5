//! hledger, a plain-text accounting program that shares nothing with this code, computes the same balances and ageing
//! from a journal of the same random history.
//!
//! Each posting carries the invoice's due date as its secondary date: hledger cuts a past day by the first date (`print`),
//! then the buckets by the second (`balance --date2`).

use crate::support::{Paper, day, histories, ledger};
use chrono::{Days, NaiveDate};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use tournee_domain::ageing::Bounds;
use tournee_domain::report::aged::{AgedLine, AgedQuery, Basis, Credits, aged_balance};
use tournee_domain::report::{EntryKind, Group, Ledger};
use tournee_domain::{Amount, Currency};

/// Random histories compared, each on two days and by two bases.
const HISTORIES: usize = 4;

#[test]
fn hledger_agrees_on_balances_and_ageing() {
    if !hledger_is_installed() {
        return;
    }
    let mut runner = TestRunner::deterministic();
    let strategy = histories(6);
    let mut compared = 0;
    for n in 0..HISTORIES {
        let clients = strategy.new_tree(&mut runner).expect("a history").current();
        let currency = [Currency::EUR, Currency::XOF][n % 2];
        let ledger = ledger(&clients, currency);
        for basis in [Basis::DueDate, Basis::InvoiceDate] {
            let journal = journal(&clients, currency, basis);
            for as_of in ["2025-08-14", "2026-02-28"].map(day) {
                compared += compare(&ledger, &journal, as_of, basis);
            }
        }
    }
    assert!(
        compared > 200,
        "{compared} amounts compared: the histories are empty"
    );
}

/// Compares on one day, and returns how many amounts agreed.
fn compare(ledger: &Ledger, journal: &str, as_of: NaiveDate, basis: Basis) -> usize {
    let query = AgedQuery {
        basis,
        ..AgedQuery::new(as_of)
    };
    let until = format!("date:..{}", as_of + Days::new(1));
    let mut compared = 0;

    let own_date = AgedQuery {
        credits: Credits::OwnDate,
        ..query.clone()
    };
    let (separate, dated) = (rows(ledger, &query), rows(ledger, &own_date));
    let journal = &run_hledger(journal, &["print", &until]);
    let balances = balances(journal, &["--depth=2"]);
    let ours = dated
        .iter()
        .map(|(client, line)| (client.clone(), line.total));
    assert_eq!(
        ours.filter(|(_, total)| !total.is_zero())
            .collect::<BTreeMap<_, _>>(),
        balances,
        "{as_of}"
    );
    compared += balances.len();

    for (bucket, period) in periods(&query.bounds, as_of).iter().enumerate() {
        // By client in one figure: credits stand in the bucket of their own date.
        let theirs = self::balances(journal, &["--date2", period, "--depth=2"]);
        let ours = dated
            .iter()
            .map(|(client, line)| (client.clone(), line.buckets[bucket]));
        let ours: BTreeMap<_, _> = ours.filter(|(_, amount)| !amount.is_zero()).collect();
        assert_eq!(ours, theirs, "{basis:?} {as_of} {period}");
        compared += theirs.len();
        // By instalment: debts are in the buckets, credits apart.
        let items = self::balances(journal, &["--date2", period]);
        let debts = items.values().filter(|amount| amount.is_positive());
        let ours: Amount = separate.iter().map(|(_, line)| line.buckets[bucket]).sum();
        assert_eq!(
            ours,
            debts.copied().sum::<Amount>(),
            "{basis:?} {as_of} {period}"
        );
    }
    let items = self::balances(journal, &[]);
    let credits = items.values().filter(|amount| amount.is_negative());
    let ours: Amount = separate.iter().map(|(_, line)| line.credits).sum();
    assert_eq!(-ours, credits.copied().sum::<Amount>(), "{basis:?} {as_of}");
    compared
}

fn rows(ledger: &Ledger, query: &AgedQuery) -> Vec<(String, AgedLine)> {
    let table = aged_balance(ledger, query);
    let label = |line: &AgedLine| ledger.label(Group::Client, line.number?).map(str::to_owned);
    table
        .rows()
        .map(|line| (label(&line).expect("a client"), line))
        .collect()
}

/// hledger's word for the days of each bucket, its end excluded.
fn periods(bounds: &Bounds, as_of: NaiveDate) -> Vec<String> {
    let day_after = |overdue: u16| as_of - Days::new(overdue.into());
    let mut newest = None;
    let mut periods: Vec<String> = bounds
        .last_days()
        .iter()
        .map(|last| {
            let from = day_after(*last);
            let to = newest
                .replace(from)
                .map_or(String::new(), |to: NaiveDate| to.to_string());
            format!("date:{from}..{to}")
        })
        .collect();
    periods.push(format!("date:..{}", newest.expect("bounds")));
    periods
}

/// A transaction for each paper and each settlement. An instalment has an account of its own; what a payment fills of
/// each instalment is worked out here by its definition.
fn journal(clients: &[Vec<Paper>], currency: Currency, basis: Basis) -> String {
    let mut journal = String::new();
    for (client, papers) in clients.iter().enumerate() {
        for paper in papers {
            let mut post = |date: NaiveDate, instalment: usize, units: i64| {
                let amount = Decimal::new(units, currency.scale());
                let second = match basis {
                    Basis::InvoiceDate => paper.issued,
                    _ => paper.instalments[instalment].0,
                };
                let _ = write!(
                    journal,
                    "{date}={second} {}\n  receivable:C{client}:{}:{instalment}  {} {amount}\n  other\n\n",
                    paper.reference,
                    paper.reference,
                    currency.code()
                );
            };
            for (place, (_, amount)) in paper.instalments.iter().enumerate() {
                post(paper.issued, place, *amount);
            }
            let mut settlements = paper.settlements.clone();
            settlements.sort();
            let (first, two) = (paper.instalments[0].1, paper.instalments.len() == 2);
            let mut filled = 0;
            for (date, amount) in settlements {
                let room = if two { first - filled } else { amount };
                let on_first = if paper.kind == EntryKind::CreditNote {
                    amount.max(room)
                } else {
                    amount.min(room)
                };
                let on_first = if two { on_first } else { amount };
                filled += on_first;
                post(date, 0, -on_first);
                if on_first != amount {
                    post(date, 1, on_first - amount);
                }
            }
        }
    }
    journal
}

/// What hledger says each account under `receivable` holds, zeros left out, by the account's name below it.
fn balances(journal: &str, query: &[&str]) -> BTreeMap<String, Amount> {
    let balance = [
        "balance",
        "receivable",
        "--flat",
        "--no-total",
        "--output-format=csv",
    ];
    let text = run_hledger(journal, &[&balance, query].concat());
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line
            .split(',')
            .map(|field| field.trim_matches('"'))
            .collect();
        let [account, balance] = fields.as_slice() else {
            panic!("{line}")
        };
        let amount = balance.split_once(' ').map_or("0", |(_, amount)| amount);
        let account = account.trim_start_matches("receivable:").to_owned();
        (
            account,
            Amount(amount.parse().unwrap_or_else(|_| panic!("{line}"))),
        )
    });
    rows.filter(|(_, amount)| !amount.is_zero()).collect()
}

fn run_hledger(journal: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("hledger");
    command.arg("--file=-").args(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut hledger = command.spawn().expect("hledger starts");
    let mut stdin = hledger.stdin.take().expect("a pipe");
    let text = journal.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = hledger.wait_with_output().expect("hledger ends");
    writer.join().expect("a writer").expect("hledger reads");
    let failure = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "hledger {arguments:?}: {failure}");
    String::from_utf8(output.stdout).expect("text")
}

/// `false` only where whoever runs the tests said by `TOURNEE_WITHOUT_HLEDGER=1` that it is not there.
///
/// # Panics
/// Where it is missing and nobody said so: what is not shown must not pass for shown.
fn hledger_is_installed() -> bool {
    let version = Command::new("hledger")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    let installed = version.is_ok_and(|status| status.success());
    assert!(
        installed || std::env::var_os("TOURNEE_WITHOUT_HLEDGER").is_some(),
        "NOT SHOWN: hledger is not installed, so that nothing outside this code has checked the aged balance. \
         `cargo xtask setup` installs it (Debian: apt-get install hledger); or set TOURNEE_WITHOUT_HLEDGER=1 to go on \
         without knowing."
    );
    if !installed {
        eprintln!("NOT SHOWN: whether hledger agrees (TOURNEE_WITHOUT_HLEDGER is set)");
    }
    installed
}
