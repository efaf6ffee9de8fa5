//! Allowances (DOMAIN §2.4, §1.2).

use crate::support::{Paper, amount, day, ledger, rate, vectors};
use std::collections::BTreeMap;
use tournee_domain::ageing::Bounds;
use tournee_domain::report::provision::{
    Adjustment, Claim, MatrixBase, ProvisionQuery, adjustment, individual_allowance,
    matrix_allowance, provisions,
};
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
        reference: "F1".into(),
        rate: percent("0.5"),
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
