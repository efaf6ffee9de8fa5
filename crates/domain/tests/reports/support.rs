//! Histories of receivables, in few words.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tournee_domain::report::{
    Account, Entry, EntryKind, Instalment, Ledger, LedgerBuilder, LedgerError, Mark, Part,
    Settlement,
};
use tournee_domain::{Amount, Currency, Rate};

/// `tests/data/domain-vectors.json`.
pub fn vectors() -> serde_json::Value {
    serde_json::from_str(&data("domain-vectors.json")).expect("JSON")
}

/// A file of `tests/data`.
pub fn data(name: &str) -> String {
    let path = format!("{}/../../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn amount(value: &serde_json::Value) -> Amount {
    serde_json::from_value(value.clone()).expect("an amount as a decimal string")
}

pub fn decimal(value: &serde_json::Value) -> Decimal {
    let text = value.as_str().expect("a decimal string");
    text.parse().expect("a decimal")
}

pub fn rate(value: &serde_json::Value) -> Rate {
    let text = value.as_str().expect("a decimal string");
    text.parse().expect("a rate")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date as YYYY-MM-DD")
}

/// One invoice, credit note or payment on account of a history; amounts in the smallest units.
#[derive(Clone, Debug)]
pub struct Paper {
    pub reference: String,
    pub kind: EntryKind,
    pub activity: String,
    pub issued: NaiveDate,
    /// Due days and amounts.
    pub instalments: Vec<(NaiveDate, i64)>,
    pub settlements: Vec<(NaiveDate, i64)>,
    pub marks: Vec<Mark>,
}

impl Paper {
    pub fn invoice(reference: &str, issued: &str, due: &str, gross: i64) -> Self {
        Self {
            reference: reference.to_owned(),
            kind: EntryKind::Invoice,
            activity: "Location".to_owned(),
            issued: day(issued),
            instalments: vec![(day(due), gross)],
            settlements: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Money received and not set against any invoice.
    pub fn on_account(reference: &str, date: &str, units: i64) -> Self {
        Self {
            kind: EntryKind::OnAccount,
            activity: String::new(),
            ..Self::invoice(reference, date, date, -units)
        }
    }

    pub fn paid(mut self, date: &str, units: i64) -> Self {
        self.settlements.push((day(date), units));
        self
    }

    pub fn gross(&self) -> i64 {
        self.instalments.iter().map(|(_, amount)| amount).sum()
    }

    /// What it owes at the end of a day, by its definition.
    pub fn open(&self, as_of: NaiveDate) -> i64 {
        if self.issued > as_of {
            return 0;
        }
        let settled = self.settlements.iter().filter(|(date, _)| *date <= as_of);
        self.gross() - settled.map(|(_, amount)| amount).sum::<i64>()
    }

    pub fn add(&self, builder: &mut LedgerBuilder, currency: Currency) -> Result<(), LedgerError> {
        let units = |units: i64| Amount(Decimal::new(units, currency.scale()));
        let instalment = |(due, amount): &(NaiveDate, i64)| Instalment {
            due: *due,
            amount: units(*amount),
        };
        let settlement = |(date, amount): &(NaiveDate, i64)| Settlement {
            date: Some(*date),
            amount: units(*amount),
        };
        let part = Part {
            activity: &self.activity,
            gross: units(self.gross()),
        };
        builder.entry(&Entry {
            reference: &self.reference,
            kind: self.kind,
            issued: self.issued,
            net: units(self.gross()),
            parts: &[part],
            instalments: &self.instalments.iter().map(instalment).collect::<Vec<_>>(),
            settlements: &self.settlements.iter().map(settlement).collect::<Vec<_>>(),
            marks: &self.marks,
            statement: None,
        })
    }
}

/// Clients `C0`, `C1`… of these papers; even ones belong to Niamey, odd ones to Arlit.
pub fn ledger(clients: &[Vec<Paper>], currency: Currency) -> Ledger {
    let mut builder = LedgerBuilder::new(currency);
    for (n, papers) in clients.iter().enumerate() {
        builder.account(&Account {
            code: &format!("C{n}"),
            name: &format!("Client {n}"),
            agency: ["Niamey", "Arlit"][n % 2],
            collector: ["REC01", "REC02", ""][n % 3],
        });
        for paper in papers {
            paper.add(&mut builder, currency).expect("a good paper");
        }
    }
    builder.finish()
}

/// The papers of several clients: invoices in one or two instalments, credit notes, money on account, each settled little
/// by little, sometimes too much, sometimes taken back.
pub fn histories(clients: usize) -> impl Strategy<Value = Vec<Vec<Paper>>> {
    let date = || (0..400_u64).prop_map(|days| day("2025-01-01") + Days::new(days));
    let share = prop_oneof![Just(0_i64), Just(100), 1..100_i64, 100..130_i64];
    let paper = (
        date(),
        0..90_u64,
        1..5_000_000_i64,
        0..10_u8,
        prop::collection::vec((0..150_u64, 1..4_i64), 0..4),
        share,
        prop::sample::select(vec!["Location", "Pièces", "Atelier"]),
    );
    let paper = paper.prop_map(|(issued, terms, gross, form, days, share, activity)| {
        let due = issued + Days::new(terms);
        let (kind, gross) = match form {
            0 => (EntryKind::CreditNote, -gross),
            1 => (EntryKind::OnAccount, -gross),
            _ => (EntryKind::Invoice, gross),
        };
        let instalments = match (kind, form) {
            (EntryKind::OnAccount, _) => vec![(issued, gross)],
            (_, 2 | 3) => vec![(due, gross / 3), (due + Days::new(30), gross - gross / 3)],
            _ => vec![(due, gross)],
        };
        let weights: i64 = days.iter().map(|(_, weight)| weight).sum();
        let settled = |(after, weight): &(u64, i64)| {
            let amount = gross * share / 100 * weight / weights;
            (issued + Days::new(*after), amount)
        };
        Paper {
            reference: String::new(),
            kind,
            activity: activity.to_owned(),
            issued,
            instalments,
            settlements: days.iter().map(settled).collect(),
            marks: Vec::new(),
        }
    });
    let client = prop::collection::vec(paper, 0..12);
    prop::collection::vec(client, clients).prop_map(|mut clients| {
        for (c, papers) in clients.iter_mut().enumerate() {
            for (n, paper) in papers.iter_mut().enumerate() {
                paper.reference = format!("F{c}-{n}");
            }
        }
        clients
    })
}
