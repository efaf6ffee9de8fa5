//! Allowances (DOMAIN §2.4, §1.2).

use crate::support::{Paper, amount, day, histories, ledger, rate, vectors};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use tournee_domain::ageing::Bounds;
use tournee_domain::report::provision::{
    Adjustment, Claim, MatrixBase, Measure, ProvisionLine, ProvisionQuery, adjustment,
    individual_allowance, matrix_allowance, provisions,
};
use tournee_domain::report::{Group, Ledger};
use tournee_domain::{Amount, ClientCode, Currency, Rate};

#[test]
fn the_vector_of_the_matrix() {
    let vectors = vectors();
    let vector = &vectors["provision_matrix"];
    let rows = vector["rows"].as_array().expect("rows");
    let rows = rows
        .iter()
        .map(|row| (amount(&row["amount"]), rate(&row["rate"])));
    assert_eq!(matrix_allowance(rows), amount(&vector["expected"]));
}

#[test]
fn the_vector_of_an_individual_claim_over_two_years() {
    let vectors = vectors();
    let vector = &vectors["individual_provision"];
    let (mut gross, mut booked) = (amount(&vector["gross"]), Amount::ZERO);
    for step in vector["steps"].as_array().expect("steps") {
        if step["payment_gross"].is_string() {
            gross -= amount(&step["payment_gross"]);
        }
        let vat = rate(&vector["vat_rate"]);
        let target = individual_allowance(gross, vat, rate(&step["rate"]), Currency::XOF);
        let target = target.expect("an allowance");
        assert_eq!(target, amount(&step["expected_allowance"]));
        let charge = amount(&step["expected_charge"]);
        let reversal = Amount::ZERO;
        assert_eq!(adjustment(target, booked), Adjustment { charge, reversal });
        booked = target;
    }
    // A lower target is a reversal.
    let lower = Adjustment {
        charge: Amount::ZERO,
        reversal: 950_000.into(),
    };
    assert_eq!(adjustment(4_000_000.into(), booked), lower);
}

fn percent(text: &str) -> Rate {
    text.parse().expect("a rate")
}

/// Amounts of the papers are VAT included; their net is the gross here, but for F1.
#[test]
fn claims_come_first_and_the_matrix_takes_the_rest() {
    let clients = [
        vec![
            Paper::invoice("F1", "2025-11-01", "2025-12-01", 1_000), // judged by itself
            Paper::invoice("F2", "2025-11-01", "2025-12-01", 500),   // more than 90 days late
            Paper::invoice("F3", "2026-03-01", "2026-04-30", 800),   // not due
            Paper::on_account("R1", "2026-03-15", 200),
        ],
        vec![Paper::invoice("F4", "2026-02-01", "2026-03-01", 400)],
        vec![Paper::invoice("F5", "2026-02-01", "2026-03-01", 300).paid("2026-03-02", 300)],
    ];
    let ledger = ledger(&clients, Currency::XOF);
    let claim = Claim {
        client: "C0".into(),
        reference: Some("F1".into()),
        measure: Measure::Rate(percent("0.5")),
        guaranteed: 100.into(),
        justification: "Redressement judiciaire".into(),
        deductible: true,
    };
    let code = |text: &str| ClientCode::new(text);
    let booked = BTreeMap::from([(code("C0"), 300.into()), (code("C2"), 70.into())]);
    let guarantees = BTreeMap::from([(code("C1"), 150.into())]);
    let rates = ["0.01", "0.10", "0.20", "0.40", "0.80"].map(percent);
    let query = ProvisionQuery {
        as_of: day("2026-03-31"),
        claims: &[claim],
        bounds: &Bounds::default(),
        rates: &rates,
        base: MatrixBase::Gross,
        guarantees: &guarantees,
        booked: &booked,
    };
    let lines = provisions(&ledger, &query);
    let found: Vec<String> = lines
        .iter()
        .map(|line| {
            assert_eq!(line.target, line.individual + line.matrix);
            let Adjustment { charge, reversal } = line.adjustment;
            format!(
                "{} {}+{} {}: +{charge} -{reversal}",
                line.client, line.individual, line.matrix, line.booked
            )
        })
        .collect();
    // C0: (1 000 − 100) × 50 %; (500 − 200) × 80 % + 800 × 1 %. C1: (400 − 150) × 10 %. C2 paid: all of it back.
    assert_eq!(
        found,
        [
            "C0 450+248 300: +398 -0",
            "C1 0+25 0: +25 -0",
            "C2 0+0 70: +0 -70"
        ]
    );
}

#[test]
fn the_matrix_can_leave_the_vat_out() {
    let mut builder = tournee_domain::report::LedgerBuilder::new(Currency::XOF);
    let paper = Paper::invoice("F1", "2025-11-01", "2025-12-01", 1_190);
    let part = tournee_domain::report::Part {
        activity: "",
        gross: 1_190.into(),
    };
    let due = tournee_domain::report::Instalment {
        due: day("2025-12-01"),
        amount: 1_190.into(),
    };
    let paid = tournee_domain::report::Settlement {
        date: Some(day("2026-01-05")),
        amount: 119.into(),
    };
    builder
        .entry(&tournee_domain::report::Entry {
            reference: &paper.reference,
            kind: paper.kind,
            issued: paper.issued,
            net: 1_000.into(),
            parts: &[part],
            instalments: &[due],
            settlements: &[paid],
            marks: &[],
            statement: None,
        })
        .expect("a good entry");
    let ledger = builder.finish();
    let of = |base| {
        let query = ProvisionQuery {
            as_of: day("2026-03-31"),
            claims: &[],
            bounds: &Bounds::default(),
            rates: &[
                percent("0"),
                percent("0"),
                percent("0"),
                percent("0"),
                percent("0.5"),
            ],
            base,
            guarantees: &BTreeMap::new(),
            booked: &BTreeMap::new(),
        };
        provisions(&ledger, &query)[0].target
    };
    assert_eq!(of(MatrixBase::Net), 450.into());
    assert_eq!(of(MatrixBase::Gross), 536.into());
}

/// The matrix of these tests: nothing before it is due, then a tenth, a fifth, two fifths, four fifths.
fn matrix() -> [Rate; 5] {
    ["0", "0.10", "0.20", "0.40", "0.80"].map(percent)
}

fn judged(client: &str, reference: Option<&str>, measure: Measure) -> Claim {
    Claim {
        client: client.into(),
        reference: reference.map(str::to_owned),
        measure,
        guaranteed: Amount::ZERO,
        justification: "Liquidation".into(),
        deductible: false,
    }
}

fn lines_of(
    ledger: &Ledger,
    claims: &[Claim],
    booked: &BTreeMap<ClientCode, Amount>,
) -> Vec<ProvisionLine> {
    let query = ProvisionQuery {
        as_of: day("2026-03-31"),
        claims,
        bounds: &Bounds::default(),
        rates: &matrix(),
        base: MatrixBase::Gross,
        guarantees: &BTreeMap::new(),
        booked,
    };
    provisions(ledger, &query)
}

/// C0 owes 1000 and 500 long overdue and 800 not due, less 200 on account; C1 owes 400, a month late.
fn two_clients() -> Ledger {
    let clients = [
        vec![
            Paper::invoice("F1", "2025-10-01", "2025-11-01", 1_000),
            Paper::invoice("F2", "2025-11-01", "2025-12-01", 500),
            Paper::invoice("F3", "2026-03-01", "2026-04-30", 800),
            Paper::on_account("R1", "2026-03-15", 200),
        ],
        vec![Paper::invoice("F4", "2026-02-01", "2026-03-01", 400)],
    ];
    ledger(&clients, Currency::XOF)
}

/// Each way to judge, and what it makes of C0: individual and matrix.
#[test]
fn a_claim_replaces_the_matrix_for_what_it_names() {
    let ledger = two_clients();
    let (half, rate) = (percent("0.5"), Measure::Rate);
    let guaranteed = Claim {
        guaranteed: 1_200.into(),
        ..judged("C0", None, rate(half))
    };
    for (what, claims, individual, matrix) in [
        // (1 000 − 200) × 80 % + 500 × 80 %.
        ("nobody", vec![], 0, 1_040),
        (
            "an invoice by a rate",
            vec![judged("C0", Some("F1"), rate(half))],
            500,
            240,
        ),
        (
            "an invoice by an amount",
            vec![judged("C0", Some("F1"), Measure::Amount(350.into()))],
            350,
            240,
        ),
        (
            "no more than it owes",
            vec![judged("C0", Some("F2"), Measure::Amount(9_000.into()))],
            500,
            640,
        ),
        (
            "one not due",
            vec![judged("C0", Some("F3"), rate(half))],
            400,
            1_040,
        ),
        (
            "the client by a rate: its credit is off",
            vec![judged("C0", None, rate(half))],
            1_050,
            0,
        ),
        (
            "the client by an amount",
            vec![judged("C0", None, Measure::Amount(777.into()))],
            777,
            0,
        ),
        // 2 100 less 1 200, half of it.
        ("the client with a guarantee", vec![guaranteed], 450, 0),
        // F1 1 000, then 1 300 − 200 of what is left.
        (
            "an invoice, then the rest",
            vec![
                judged("C0", None, rate(half)),
                judged("C0", Some("F1"), rate(percent("1"))),
            ],
            1_550,
            0,
        ),
        (
            "the same twice counts once",
            vec![
                judged("C0", Some("F1"), rate(half)),
                judged("C0", Some("F1"), rate(half)),
            ],
            500,
            240,
        ),
        (
            "nobody's",
            vec![
                judged("C7", None, rate(half)),
                judged("C0", Some("F4"), rate(half)),
            ],
            0,
            1_040,
        ),
    ] {
        let lines = lines_of(&ledger, &claims, &BTreeMap::new());
        let codes: Vec<_> = lines.iter().map(|line| line.client.as_str()).collect();
        assert_eq!(codes, ["C0", "C1"], "{what}");
        let expected = (Amount::from(individual), Amount::from(matrix));
        assert_eq!((lines[0].individual, lines[0].matrix), expected, "{what}");
        assert_eq!(
            (lines[1].individual, lines[1].matrix),
            (0.into(), 40.into()),
            "{what}"
        );
    }
}

proptest! {
    /// Whatever is judged and booked: booking the adjustment makes the books the target; nothing is provided for beyond what
    /// is owed; and what no claim names stays as the matrix has it.
    #[test]
    fn charge_and_reversal_bring_the_books_to_the_target(
        clients in histories(4),
        judged_ones in prop::collection::vec((0..4_usize, prop::option::of(0..6_usize), 0..=100_u32, any::<bool>()), 0..6),
        booked in prop::collection::btree_map(0..5_usize, 0..100_000_i64, 0..5),
    ) {
        let ledger = ledger(&clients, Currency::EUR);
        let cents = |units: i64| Amount(Decimal::new(units, 2));
        let claims: Vec<Claim> = judged_ones.into_iter().map(|(client, paper, part, by_rate)| {
            let paper = paper.and_then(|paper| clients.get(client)?.get(paper)).map(|paper| paper.reference.clone());
            let measure = match by_rate {
                true => Measure::Rate(percent(&format!("{}.{:02}", part / 100, part % 100))),
                false => Measure::Amount(cents(i64::from(part) * 500)),
            };
            judged(&format!("C{client}"), paper.as_deref(), measure)
        }).collect();
        let booked: BTreeMap<ClientCode, Amount> =
            booked.into_iter().map(|(client, units)| (ClientCode::new(&format!("C{client}")), cents(units))).collect();
        let lines = lines_of(&ledger, &claims, &booked);
        let before = lines_of(&ledger, &[], &booked);
        for line in &lines {
            let Adjustment { charge, reversal } = line.adjustment;
            prop_assert_eq!(line.booked + charge - reversal, line.target);
            prop_assert!(charge.is_zero() || reversal.is_zero());
            prop_assert!(!charge.is_negative() && !reversal.is_negative() && !line.individual.is_negative());
            let number = ledger.client_number(&line.client);
            let owed: Amount = number.map_or(Vec::new(), |number| ledger.open_items(Group::Client, number, day("2026-03-31")))
                .iter().map(|item| item.open.max(Amount::ZERO)).sum();
            prop_assert!(line.target <= owed, "{} of {owed}", line.target);
            if !claims.iter().any(|claim| claim.client == line.client) {
                prop_assert!(before.contains(line));
            }
        }
        for (client, amount) in booked.iter().filter(|(_, amount)| !amount.is_zero()) {
            prop_assert!(lines.iter().any(|line| line.client == *client && line.booked == *amount));
        }
    }
}
