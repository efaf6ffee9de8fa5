//! What holds for every order of payments, moves, bounces and waivers.

use crate::support::{
    Ledger, attested, bounced, cash, cheque, day, fact_id, offset, reallocated, row, waived,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tournee_domain::allocation::propose;
use tournee_domain::dossier::{Balance, Invoice, ReductionKind};
use tournee_domain::fact::{Waiver, Withheld};
use tournee_domain::{Amount, Currency, FactBody};

const INVOICES: [(&str, i64); 4] = [("F1", 1_000), ("F2", 640), ("F3", 90), ("A1", -350)];
/// A step a day from here on.
const FIRST_DAY: &str = "2026-11-01";

/// One thing somebody does; the payment it is about is one of those made before.
#[derive(Clone, Debug)]
enum Act {
    Pay {
        francs: i64,
        cheque: bool,
        withheld: i64,
        all_on_account: bool,
    },
    Move {
        payment: usize,
        from: Option<usize>,
        to: Option<usize>,
        francs: i64,
    },
    Offset {
        invoice: usize,
        back: bool,
        francs: i64,
    },
    Bounce {
        payment: usize,
    },
    Waive {
        invoice: usize,
        francs: i64,
    },
    Attest {
        payment: usize,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let invoice = || 0..3_usize;
    let maybe = || prop::option::of(0..3_usize);
    prop_oneof![
        4 => (1..900_i64, any::<bool>(), 0..40_i64, any::<bool>()).prop_map(|(francs, cheque, withheld, all_on_account)|
            Act::Pay { francs, cheque, withheld, all_on_account }),
        4 => (0..6_usize, maybe(), maybe(), 1..700_i64).prop_map(|(payment, from, to, francs)|
            Act::Move { payment, from, to, francs }),
        2 => (invoice(), any::<bool>(), 1..400_i64).prop_map(|(invoice, back, francs)| Act::Offset { invoice, back, francs }),
        1 => (0..6_usize).prop_map(|payment| Act::Bounce { payment }),
        2 => (invoice(), -30..60_i64).prop_map(|(invoice, francs)| Act::Waive { invoice, francs }),
        2 => (0..6_usize).prop_map(|payment| Act::Attest { payment }),
    ]
}

/// The ledger and the payments made, as numbers of their facts.
struct Desk {
    ledger: Ledger,
    payments: Vec<u128>,
    facts: u128,
}

impl Desk {
    fn new() -> Self {
        let mut ledger = Ledger::default();
        let rows: Vec<_> = INVOICES
            .iter()
            .map(|(name, gross)| row(name, "C1", *gross, 0))
            .collect();
        ledger.import("2026-10-31", &rows);
        Self {
            ledger,
            payments: Vec::new(),
            facts: 100,
        }
    }

    /// Does it on the given day; a payment goes as proposed, and tells taxes on an invoice that has room for them.
    fn act(&mut self, act: &Act, date: &str) {
        self.facts += 1;
        let n = self.facts;
        let payment = |i: usize| self.payments.get(i).copied().unwrap_or(9_999);
        let name = |i: usize| INVOICES[i].0;
        let line = |at: Option<usize>, francs: i64| at.map(|i| (name(i), francs));
        let body = match *act {
            Act::Pay {
                francs,
                cheque: is_cheque,
                withheld,
                all_on_account,
            } => {
                let make = if is_cheque { cheque } else { cash };
                let FactBody::Payment(mut made) = make(n, "C1", francs, date, &[]) else {
                    unreachable!()
                };
                let dossier = self.ledger.dossier("C1");
                // What is kept back is not paid.
                let mut items = dossier.open_items(Currency::XOF);
                for item in &mut items {
                    let invoice = dossier
                        .invoices
                        .iter()
                        .find(|i| i.number == item.invoice)
                        .expect("open");
                    item.open -= invoice.withheld_unattested(day(date));
                }
                if let Some(item) = items
                    .iter_mut()
                    .find(|item| withheld > 0 && item.open >= withheld.into())
                {
                    item.open -= withheld.into();
                    made.withheld = vec![Withheld {
                        invoice: item.invoice.clone(),
                        tax: "ISB".into(),
                        amount: withheld.into(),
                    }];
                }
                if !all_on_account {
                    made.allocations = propose(&items, francs.into(), &[])
                        .expect("a proposal")
                        .allocations;
                }
                self.payments.push(n);
                FactBody::Payment(made)
            }
            Act::Move {
                payment: i,
                from,
                to,
                francs,
            } => {
                let lines =
                    |line: Option<(&'static str, i64)>| line.into_iter().collect::<Vec<_>>();
                reallocated(
                    payment(i),
                    date,
                    &lines(line(from, francs)),
                    &lines(line(to, francs)),
                )
            }
            Act::Offset {
                invoice,
                back: true,
                francs,
            } => offset("A1", date, &[(name(invoice), francs)], &[]),
            Act::Offset {
                invoice,
                back: false,
                francs,
            } => offset("A1", date, &[], &[(name(invoice), francs)]),
            Act::Bounce { payment: i } => bounced(payment(i), date),
            Act::Waive { invoice, francs } => {
                waived(name(invoice), date, Waiver::SmallDifference, francs, 0)
            }
            Act::Attest { payment: i } => {
                let of = fact_id(payment(i));
                let invoices = &self.ledger.dossier("C1").invoices;
                let taxed = invoices
                    .iter()
                    .find(|invoice| invoice.reductions.iter().any(|kept| kept.fact == of));
                // Where money came for it meanwhile, the paper would make a credit.
                let is_paid =
                    |invoice: &Invoice| invoice.withheld_unattested(day(date)) > invoice.open();
                if taxed.is_some_and(is_paid) {
                    return;
                }
                let invoice = taxed
                    .map_or("F1", |invoice| invoice.number.as_str())
                    .to_owned();
                attested(payment(i), &invoice, "ISB", date)
            }
        };
        self.ledger.apply(n, &body);
    }

    fn balance(&self, date: &str) -> Balance {
        self.ledger
            .dossier("C1")
            .balances(day(date))
            .remove(&Currency::XOF)
            .expect("francs")
    }

    fn opens(&self, date: &str) -> BTreeMap<String, Amount> {
        let invoices = self.ledger.dossier("C1").invoices.iter();
        invoices
            .map(|invoice| (invoice.number.to_string(), invoice.open_as_of(day(date))))
            .collect()
    }
}

fn date_of(step: usize) -> String {
    (day(FIRST_DAY) + chrono::Days::new(step as u64)).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The client's balance falls by what was received and not returned, by what was let go and by proven taxes; each
    /// payment is on invoices and on account, whole.
    #[test]
    fn settling_conserves_money(acts in prop::collection::vec(act(), 1..25)) {
        let mut desk = Desk::new();
        let owed: i64 = INVOICES.iter().map(|(_, gross)| gross).sum();
        for (step, act) in acts.iter().enumerate() {
            desk.act(act, &date_of(step));
            let dossier = desk.ledger.dossier("C1");
            let mut gone = Amount::ZERO;
            for payment in &dossier.payments {
                let links = dossier.invoices.iter().flat_map(|invoice| &invoice.allocations);
                let spread: Amount = links.filter(|link| link.payment == payment.id).map(|link| link.amount).sum();
                let whole = if payment.bounced.is_some() { Amount::ZERO } else { payment.amount };
                prop_assert_eq!(spread + payment.on_account, whole);
                prop_assert!(!payment.on_account.is_negative());
                gone += whole;
            }
            for reduction in dossier.invoices.iter().flat_map(|invoice| &invoice.reductions) {
                let counts = reduction.counts_from().is_some();
                if counts && !matches!(reduction.what, ReductionKind::Offset { .. }) {
                    gone += reduction.amount;
                }
            }
            prop_assert_eq!(desk.balance("2027-12-31").net, Amount::from(owed) - gone);
        }
    }

    #[test]
    fn what_is_open_lies_between_zero_and_gross(acts in prop::collection::vec(act(), 1..25)) {
        let mut desk = Desk::new();
        for (step, act) in acts.iter().enumerate() {
            desk.act(act, &date_of(step));
            for invoice in &desk.ledger.dossier("C1").invoices {
                let (low, high) = (invoice.gross.min(Amount::ZERO), invoice.gross.max(Amount::ZERO));
                for as_of in [date_of(step), "2027-12-31".to_owned(), "2026-10-31".to_owned()] {
                    let open = invoice.open_as_of(day(&as_of));
                    prop_assert!(low <= open && open <= high, "{} owes {open} of {} on {as_of}", invoice.number, invoice.gross);
                    let lines: Amount = invoice.open_lines(day(&as_of)).iter().map(|line| line.amount).sum();
                    prop_assert_eq!(lines, open);
                }
                prop_assert_eq!(invoice.open(), invoice.open_as_of(day("2027-12-31")));
            }
        }
    }

    /// What comes later changes no figure of a day before it: a report for a past day is the same whenever it is asked.
    #[test]
    fn a_past_day_stays_as_it_was(acts in prop::collection::vec(act(), 1..25)) {
        let mut desk = Desk::new();
        let mut past = Vec::new();
        for (step, act) in acts.iter().enumerate() {
            let date = date_of(step);
            desk.act(act, &date);
            past.push((desk.balance(&date), desk.opens(&date), date));
        }
        for (balance, opens, date) in past {
            prop_assert_eq!(desk.opens(&date), opens, "on {}", &date);
            prop_assert_eq!(desk.balance(&date), balance, "on {}", date);
        }
    }

    /// Credit put on an invoice and taken off again the same day: invoices and account are exactly what they were. On a
    /// later day, every figure from that day on is.
    #[test]
    fn undo_restores_the_exact_state(acts in prop::collection::vec(act(), 1..15), payment in 0..6_usize, to in 0..3_usize, francs in 1..900_i64) {
        let mut desk = Desk::new();
        for (step, act) in acts.iter().enumerate() {
            desk.act(act, &date_of(step));
        }
        let (linked_on, later) = (date_of(acts.len()), date_of(acts.len() + 3));
        let payment = desk.payments.get(payment).copied().unwrap_or(9_999);
        let name = INVOICES[to].0;
        let put_by = |desk: &Desk| -> Amount {
            let links = desk.ledger.invoice(name).allocations.iter();
            links.filter(|link| link.payment == fact_id(payment)).map(|link| link.amount).sum()
        };
        let before = desk.ledger.clone();
        let (balance, opens, put_before) = (desk.balance(&later), desk.opens(&later), put_by(&desk));
        desk.ledger.apply(900, &reallocated(payment, &linked_on, &[], &[(name, francs)]));
        let put = put_by(&desk) - put_before;
        let put = i64::try_from(put.0.mantissa()).expect("small");
        for (undone_on, n) in [(&linked_on, 901), (&later, 902)] {
            let mut undone = desk.ledger.clone();
            undone.apply(n, &reallocated(payment, undone_on, &[(name, put)], &[]));
            let (was, is) = (before.dossier("C1"), undone.dossier("C1"));
            if undone_on == &linked_on {
                prop_assert_eq!(&is.invoices, &was.invoices);
            }
            let accounts = |of: &tournee_domain::Dossier| of.payments.iter().map(|kept| kept.on_account).collect::<Vec<_>>();
            prop_assert_eq!(accounts(is), accounts(was));
            let desk = Desk { ledger: undone, payments: Vec::new(), facts: 0 };
            prop_assert_eq!(desk.balance(&later), balance.clone());
            prop_assert_eq!(desk.opens(&later), opens.clone());
        }
    }

    /// The columns that reports read say of any day what the dossier says.
    #[test]
    fn the_reports_ledger_agrees_with_the_dossier(acts in prop::collection::vec(act(), 1..20)) {
        let mut desk = Desk::new();
        for (step, act) in acts.iter().enumerate() {
            desk.act(act, &date_of(step));
        }
        let ledger = tournee_domain::report::Ledger::of(desk.ledger.dossiers.values(), Currency::XOF).expect("a ledger");
        for step in 0..=acts.len() {
            let date = date_of(step);
            prop_assert_eq!(ledger.balance(day(&date)), desk.balance(&date).net, "on {}", date);
        }
    }
}
