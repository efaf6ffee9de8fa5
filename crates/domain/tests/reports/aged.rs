//! The aged balance of DOMAIN §2.1.

use crate::support::{Paper, amount, day, ledger, vectors};
use tournee_domain::report::aged::{AgedLine, AgedQuery, Basis, Credits, aged_balance};
use tournee_domain::report::{
    Account, Commitment, CommitmentKind, Entry, EntryKind, Group, Instalment, Ledger,
    LedgerBuilder, LedgerError, Mark, MarkKind, Part, VOLUME_MAX,
};
use tournee_domain::{Amount, Currency};

const NAMES: [&str; 5] = ["not_due", "1-30", "31-60", "61-90", ">90"];

fn francs(units: &[i64]) -> Vec<Amount> {
    units.iter().copied().map(Amount::from).collect()
}

fn total(ledger: &Ledger, query: &AgedQuery) -> AgedLine {
    aged_balance(ledger, query).total()
}

/// The items of the vector, and its receipt when asked for.
fn of_the_vector(with_receipt: bool) -> Ledger {
    let vector = &vectors()["ageing"];
    let items = vector["items"].as_array().expect("items");
    let units = |value| amount(value).to_string().parse::<i64>().expect("francs");
    let mut papers: Vec<Paper> = items
        .iter()
        .enumerate()
        .map(|(n, item)| {
            let due = item["due"].as_str().expect("a date");
            Paper::invoice(&format!("F{n}"), "2025-06-01", due, units(&item["open"]))
        })
        .collect();
    if with_receipt {
        let credit = units(&vector["unallocated_credit"]);
        papers.push(Paper::on_account("R1", "2026-03-15", credit));
    }
    ledger(&[papers], Currency::XOF)
}

#[test]
fn the_vector_by_all_three_treatments_of_credits() {
    let vector = &vectors()["ageing"];
    let query = AgedQuery::new(day(vector["as_of"].as_str().expect("a date")));
    let expected = NAMES.map(|name| amount(&vector["expected"][name])).to_vec();
    let gross = amount(&vector["expected"]["gross"]);

    let without = total(&of_the_vector(false), &query);
    assert_eq!((&without.buckets, without.total), (&expected, gross));

    let ledger = of_the_vector(true);
    let credit = amount(&vector["expected_credit_separate"]["credit"]);
    let net = amount(&vector["expected_credit_separate"]["net"]);
    let separate = total(&ledger, &query);
    assert_eq!(
        (&separate.buckets, separate.credits, separate.total),
        (&expected, credit, net)
    );

    let oldest = AgedQuery {
        credits: Credits::OldestDebt,
        ..query.clone()
    };
    let mut reduced = expected.clone();
    reduced[4] = amount(&vector["expected_credit_fifo"][">90"]);
    let oldest = total(&ledger, &oldest);
    assert_eq!(
        (&oldest.buckets, oldest.credits, oldest.total),
        (&reduced, Amount::ZERO, net)
    );

    let own = AgedQuery {
        credits: Credits::OwnDate,
        ..query
    };
    let mut dated = expected;
    dated[1] -= credit;
    let own = total(&ledger, &own);
    assert_eq!(
        (own.buckets, own.credits, own.total),
        (dated, Amount::ZERO, net)
    );
}

#[test]
fn a_past_day_counts_what_was_dated_until_then() {
    let papers = vec![
        Paper::invoice("F1", "2026-01-01", "2026-01-31", 1_000)
            .paid("2026-02-10", 300)
            .paid("2026-03-10", 900)
            .paid("2026-03-20", -900),
    ];
    let ledger = ledger(&[papers], Currency::XOF);
    let at = |date| total(&ledger, &AgedQuery::new(day(date))).buckets;
    assert_eq!(at("2025-12-31"), francs(&[0; 5]));
    assert_eq!(at("2026-01-01"), francs(&[1_000, 0, 0, 0, 0]));
    assert_eq!(at("2026-02-09"), francs(&[0, 1_000, 0, 0, 0]));
    assert_eq!(at("2026-02-10"), francs(&[0, 700, 0, 0, 0]));
    // Overpaid for ten days, then the cheque bounced: the invoice is back at its original due date.
    let overpaid = total(&ledger, &AgedQuery::new(day("2026-03-10")));
    assert_eq!(
        (overpaid.buckets, overpaid.credits),
        (francs(&[0; 5]), 200.into())
    );
    assert_eq!(at("2026-03-20"), francs(&[0, 0, 700, 0, 0]));
}

#[test]
fn instalments_age_apart_and_payments_fill_the_first_one_first() {
    let mut paper = Paper::invoice("F1", "2026-01-01", "2026-01-31", 300);
    paper.instalments.push((day("2026-03-02"), 700));
    let ledger = ledger(&[vec![paper.paid("2026-02-01", 400)]], Currency::XOF);
    let query = AgedQuery::new(day("2026-01-31"));
    assert_eq!(total(&ledger, &query).buckets, francs(&[1_000, 0, 0, 0, 0]));
    let query = AgedQuery::new(day("2026-03-03"));
    assert_eq!(total(&ledger, &query).buckets, francs(&[0, 600, 0, 0, 0]));
    let items = ledger.open_items(Group::Client, 0, day("2026-03-03"));
    let opens: Vec<_> = items.iter().map(|item| (item.due, item.open)).collect();
    assert_eq!(opens, [(day("2026-03-02"), 600.into())]);
}

#[test]
fn the_basis_is_the_due_date_the_invoice_date_or_the_plan() {
    let mut builder = LedgerBuilder::new(Currency::XOF);
    builder.account(&Account {
        code: "C1",
        ..Account::default()
    });
    let paper = Paper::invoice("F1", "2025-11-01", "2025-12-01", 1_000).paid("2026-02-20", 100);
    paper
        .add(&mut builder, Currency::XOF)
        .expect("a good paper");
    let instalment = |date, francs: i64| Commitment {
        kind: CommitmentKind::Plan,
        reference: None,
        made: day("2026-02-01"),
        until: None,
        date: day(date),
        amount: francs.into(),
    };
    let plan = [
        instalment("2026-02-28", 400),
        instalment("2026-03-31", 300),
        instalment("2026-04-30", 200),
    ];
    builder.commitments(&plan).expect("a good plan");
    let ledger = builder.finish();
    let by = |basis| {
        let query = AgedQuery {
            basis,
            ..AgedQuery::new(day("2026-03-31"))
        };
        total(&ledger, &query).buckets
    };
    assert_eq!(by(Basis::DueDate), francs(&[0, 0, 0, 0, 900]));
    assert_eq!(by(Basis::InvoiceDate), francs(&[0, 0, 0, 0, 900]));
    // 100 of the first instalment came; 100 of the debt is in no instalment and keeps its due date.
    assert_eq!(
        by(Basis::PlannedDate),
        francs(&[500, 0, 300, 0, 100])[..].to_vec()
    );
    let early = AgedQuery {
        basis: Basis::InvoiceDate,
        ..AgedQuery::new(day("2025-12-01"))
    };
    assert_eq!(total(&ledger, &early).buckets, francs(&[0, 1_000, 0, 0, 0]));
}

#[test]
fn marked_amounts_stand_in_their_columns_and_in_their_buckets() {
    let mark = |kind, amount: Option<i64>, from, until: Option<&str>| Mark {
        kind,
        amount: amount.map(Amount::from),
        from: day(from),
        until: until.map(day),
    };
    let mut disputed = Paper::invoice("F1", "2026-01-01", "2026-01-31", 1_000);
    disputed.marks = vec![
        mark(
            MarkKind::Disputed,
            Some(800),
            "2026-02-01",
            Some("2026-02-28"),
        ),
        mark(MarkKind::Disputed, Some(700), "2026-02-10", None),
    ];
    let mut doubtful =
        Paper::invoice("F2", "2026-01-01", "2026-01-31", 500).paid("2026-03-01", 200);
    doubtful.marks = vec![mark(MarkKind::Doubtful, None, "2026-02-15", None)];
    let ledger = ledger(&[vec![disputed, doubtful]], Currency::XOF);
    let at = |date| {
        let line = total(&ledger, &AgedQuery::new(day(date)));
        (line.marked[0], line.marked[1], line.total)
    };
    let francs = |a: i64, b: i64, c: i64| (Amount::from(a), Amount::from(b), Amount::from(c));
    assert_eq!(at("2026-01-31"), francs(0, 0, 1_500));
    assert_eq!(at("2026-02-01"), francs(800, 0, 1_500));
    // Two disputes do not make more than the invoice owes.
    assert_eq!(at("2026-02-28"), francs(1_000, 500, 1_500));
    assert_eq!(at("2026-03-01"), francs(700, 300, 1_300));
}

#[test]
fn groups_are_clients_activities_agencies_and_collectors() {
    let mut parts = Paper::invoice("F2", "2026-01-01", "2026-01-31", 500);
    parts.activity = "Pièces".into();
    let clients = [
        vec![
            Paper::invoice("F1", "2026-01-01", "2026-01-31", 1_000),
            parts,
        ],
        vec![Paper::invoice("F3", "2026-01-01", "2026-01-31", 70)],
        vec![
            Paper::invoice("F4", "2026-01-01", "2026-01-31", 8),
            Paper::on_account("R1", "2026-01-05", 3),
        ],
    ];
    let ledger = ledger(&clients, Currency::XOF);
    let by = |group| {
        let table = aged_balance(
            &ledger,
            &AgedQuery {
                group,
                ..AgedQuery::new(day("2026-02-01"))
            },
        );
        let label = |line: &AgedLine| {
            ledger
                .label(group, line.number.expect("a row"))
                .map(str::to_owned)
        };
        let row = |line: AgedLine| (label(&line).expect("a label"), line.total.to_string());
        let mut rows: Vec<_> = table.rows().map(row).collect();
        rows.sort();
        rows.iter()
            .map(|(label, total)| format!("{label}={total}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(by(Group::Client), "C0=1500 C1=70 C2=5");
    assert_eq!(by(Group::Activity), "=-3 Location=1078 Pièces=500");
    assert_eq!(by(Group::Agency), "Arlit=70 Niamey=1505");
    assert_eq!(by(Group::Collector), "=5 REC01=1500 REC02=70");
}

/// An invoice of two activities: what is paid of it is paid of both in proportion (DOMAIN §2.2).
#[test]
fn an_invoice_of_several_activities_is_split_and_loses_no_unit() {
    let mut builder = LedgerBuilder::new(Currency::XOF);
    let gross = [("Pièces", 100), ("Atelier", 200)];
    let parts = gross.map(|(activity, gross)| Part {
        activity,
        gross: gross.into(),
    });
    let entry = Entry {
        reference: "F1",
        kind: EntryKind::Invoice,
        issued: day("2026-01-01"),
        net: 250.into(),
        parts: &parts,
        instalments: &[Instalment {
            due: day("2026-01-31"),
            amount: 300.into(),
        }],
        settlements: &["2026-02-01", "2026-02-02", "2026-02-03"].map(|date| {
            tournee_domain::report::Settlement {
                date: Some(day(date)),
                amount: 100.into(),
            }
        }),
        marks: &[],
        statement: None,
    };
    builder.entry(&entry).expect("a good entry");
    let torn = Entry {
        parts: &parts[..1],
        ..entry.clone()
    };
    let torn = builder.entry(&torn);
    assert_eq!(
        torn,
        Err(LedgerError::PartsDiffer {
            reference: "F1".into()
        })
    );
    let ledger = builder.finish();
    let opens = |date| {
        let query = AgedQuery {
            group: Group::Activity,
            ..AgedQuery::new(day(date))
        };
        aged_balance(&ledger, &query)
            .rows()
            .map(|line| line.total)
            .collect::<Vec<_>>()
    };
    assert_eq!(opens("2026-01-31"), francs(&[100, 200]));
    assert_eq!(opens("2026-02-01"), francs(&[67, 133]));
    assert_eq!(opens("2026-02-02"), francs(&[34, 66]));
    assert_eq!(opens("2026-02-03"), []);
}

#[test]
fn a_ledger_that_could_overflow_is_refused_and_named() {
    let mut builder = LedgerBuilder::new(Currency::XOF);
    let half = Paper::invoice("F1", "2026-01-01", "2026-01-31", VOLUME_MAX / 4);
    half.add(&mut builder, Currency::XOF)
        .expect("half of the room: its gross and its net");
    half.add(&mut builder, Currency::XOF)
        .expect("the other half");
    let last = Paper::invoice("F2", "2026-01-01", "2026-01-31", 10);
    let refused = last.add(&mut builder, Currency::XOF);
    assert_eq!(
        refused,
        Err(LedgerError::TooLarge {
            reference: "F2".into()
        })
    );
    let ledger = builder.finish();
    assert_eq!(
        ledger.balance(day("2026-01-01")),
        Amount::from(VOLUME_MAX / 4 * 2)
    );

    let mut builder = LedgerBuilder::new(Currency::XOF);
    let entry = Entry {
        reference: "F3",
        kind: EntryKind::Invoice,
        issued: day("2026-01-01"),
        net: "0.5".parse().expect("an amount"),
        parts: &[],
        instalments: &[],
        settlements: &[],
        marks: &[],
        statement: None,
    };
    let refused = builder.entry(&entry).expect_err("half a franc");
    assert!(
        refused.to_string().contains("F3: 0.5 is finer than XOF"),
        "{refused}"
    );
}
