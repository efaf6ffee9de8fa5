//! A large book of invoices, the same in every run.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tournee_domain::report::{
    Account, Entry, EntryKind, Instalment, Ledger, LedgerBuilder, Part, Settlement,
};
use tournee_domain::{Amount, Currency};

pub const CLIENTS: usize = 10_000;
pub const INVOICES: usize = 100_000;
pub const AS_OF: &str = "2026-06-30";

const ACTIVITIES: [&str; 4] = ["Vente machines", "Pièces", "Atelier", "Location"];

/// One invoice; amounts in francs, days as dates.
pub struct Invoice {
    pub client: usize,
    pub activity: &'static str,
    pub issued: NaiveDate,
    pub due: NaiveDate,
    pub gross: i64,
    pub payments: Vec<(NaiveDate, i64)>,
}

/// Invoices client by client.
pub struct Book(pub Vec<Invoice>);

/// Numbers without a pattern that matters, from a linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

impl Book {
    /// Two years of invoices. Of ten, six are paid, two partly, one is a credit note; some payments come after [`AS_OF`].
    pub fn new() -> Self {
        let mut numbers = Numbers(7);
        let first: NaiveDate = "2024-07-01".parse().unwrap();
        let days = |from: NaiveDate, days: u64| from + chrono::Days::new(days);
        let invoice = |n: usize| {
            let issued = days(first, numbers.below(760));
            let gross = 1_000 + i64::try_from(numbers.below(5_000_000)).unwrap();
            let form = numbers.below(10);
            let gross = if form == 9 { -gross } else { gross };
            let paid = days(issued, 10 + numbers.below(100));
            let payments = match form {
                0..=5 if numbers.below(4) == 0 => {
                    vec![(paid, gross / 3), (days(paid, 20), gross - gross / 3)]
                }
                0..=5 => vec![(paid, gross)],
                6 | 7 => vec![(paid, gross / 2)],
                _ => Vec::new(),
            };
            Invoice {
                client: n / (INVOICES / CLIENTS),
                activity: ACTIVITIES[usize::try_from(numbers.below(4)).unwrap()],
                issued,
                due: days(issued, 30 * numbers.below(3)),
                gross,
                payments,
            }
        };
        Self((0..INVOICES).map(invoice).collect())
    }

    pub fn ledger(&self) -> Ledger {
        let mut builder = LedgerBuilder::new(Currency::XOF);
        let mut client = None;
        for (n, invoice) in self.0.iter().enumerate() {
            if client.replace(invoice.client) != Some(invoice.client) {
                builder.account(&Account {
                    code: &format!("C{:05}", invoice.client),
                    name: "A client",
                    agency: "Niamey",
                    collector: "REC01",
                });
            }
            let amount = |units: i64| Amount(Decimal::from(units));
            let settlement = |(date, units): &(NaiveDate, i64)| Settlement {
                date: Some(*date),
                amount: amount(*units),
            };
            let settlements: Vec<Settlement> = invoice.payments.iter().map(settlement).collect();
            let part = Part {
                activity: invoice.activity,
                gross: amount(invoice.gross),
            };
            let instalment = Instalment {
                due: invoice.due,
                amount: amount(invoice.gross),
            };
            builder
                .entry(&Entry {
                    reference: &format!("F{n:06}"),
                    kind: if invoice.gross < 0 {
                        EntryKind::CreditNote
                    } else {
                        EntryKind::Invoice
                    },
                    issued: invoice.issued,
                    net: amount(invoice.gross),
                    parts: &[part],
                    instalments: &[instalment],
                    settlements: &settlements,
                    marks: &[],
                    statement: None,
                })
                .unwrap();
        }
        builder.finish()
    }
}
