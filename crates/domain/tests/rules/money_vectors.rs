//! `domain-vectors.json`, section by section: one that nobody handles fails here, and so does a case without a figure.

use crate::support::{amount, vectors};
use rust_decimal::Decimal;
use serde_json::Value;
use std::num::NonZeroU32;
use tournee_domain::discount::EarlyPayment;
use tournee_domain::pack::{MethodKind, StampDuty};
use tournee_domain::{Currency, Money, Peg, Rate};

type RunCase = fn(&Value);

/// Sections about money, and what runs each of their cases.
const SECTIONS: [(&str, RunCase); 6] = [
    ("conversion", conversion),
    ("early_payment_discount", early_payment_discount),
    ("encaissee_status", encaissee_status),
    ("instalments", instalments),
    ("stamp_duty", stamp_duty),
    ("vat", vat),
];

/// Every other section, and the file whose tests run it.
const ELSEWHERE: [(&str, &str); 18] = [
    ("accrued_invoices", "tests/reports/accrued.rs"),
    ("ageing", "tests/rules/ageing.rs"),
    ("amount_in_words_fr", "src/words.rs"),
    ("cei", "tests/reports/dso.rs"),
    ("dso", "tests/reports/dso.rs"),
    ("dso_by_activity", "tests/reports/dso.rs"),
    ("forecast_by_bucket", "tests/reports/forecast.rs"),
    ("individual_provision", "tests/reports/provision.rs"),
    ("late_payment", "tests/reports/interest.rs"),
    ("ledger_and_field", "tests/rules/ledger_and_field.rs"),
    ("minor_units", "tests/rules/money_vectors.rs"),
    ("provision_matrix", "tests/reports/provision.rs"),
    ("receipt_amount_in_words_fr", "src/words.rs"),
    ("roll_rates", "tests/reports/forecast.rs"),
    ("terms", "src/terms.rs"),
    ("weighted_delay", "tests/reports/payer.rs"),
    ("withholding", "tests/rules/withholding.rs"),
    ("journal_entries", "tests/rules/pack.rs"),
];

/// Formats that accounting packages read are no rules: documents, not domain.
const NOT_HERE: [&str; 1] = ["fec_line"];

fn currency(value: &Value) -> Currency {
    value.as_str().expect("a code").parse().expect("known")
}

fn rate(value: &Value) -> Rate {
    value.as_str().expect("a rate").parse().expect("a rate")
}

fn money(value: &Value, currency: Currency) -> Money {
    Money::new(amount(value), currency).expect("no finer than the currency")
}

/// A section is a list of cases, or one case.
fn cases(section: &Value) -> Vec<Value> {
    match section.as_array() {
        Some(cases) => cases.clone(),
        None => vec![section.clone()],
    }
}

#[test]
fn every_section_about_money_is_run() {
    let vectors = vectors();
    for (name, run) in SECTIONS {
        let section = cases(&vectors[name]);
        assert!(!section.is_empty(), "{name} has no case");
        for case in &section {
            run(case);
        }
    }
}

#[test]
fn no_section_of_the_vectors_is_forgotten() {
    let vectors = vectors();
    let sections = vectors.as_object().expect("sections");
    for name in sections.keys() {
        let here = SECTIONS.iter().any(|(known, _)| known == name);
        if here || NOT_HERE.contains(&name.as_str()) {
            continue;
        }
        let (_, file) = ELSEWHERE
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("section « {name} » of the vectors is run by nobody"));
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(
            text.contains(&format!("\"{name}\"")),
            "{file} does not read « {name} »"
        );
    }
}

#[test]
fn currencies_have_the_scales_of_the_vector() {
    let vectors = vectors();
    let units = vectors["minor_units"].as_object().expect("a table");
    for (code, scale) in units {
        let scale = scale.as_u64().expect("a number");
        let known: Currency = code.parse().expect("a currency of the vectors");
        assert_eq!(u64::from(known.scale()), scale, "{code}");
    }
    assert!(units.len() >= 11);
}

fn vat(case: &Value) {
    let (currency, rate) = (currency(&case["currency"]), rate(&case["rate"]));
    let expected = money(&case["expected_vat"], currency);
    if case["gross"].is_null() {
        let net = money(&case["net"], currency);
        assert_eq!(net.share(rate), Ok(expected), "{case}");
    } else {
        let gross = money(&case["gross"], currency);
        let net = money(&case["expected_net"], currency);
        assert_eq!(gross.without_vat(rate), Ok((net, expected)), "{case}");
    }
}

/// The French invoice status carries what was cashed by rate of VAT (DOMAIN §5).
fn encaissee_status(case: &Value) {
    let eur = |name: &str| money(&case[name], Currency::EUR);
    assert_eq!(
        eur("paid").without_vat(rate(&case["vat_rate"])),
        Ok((eur("expected_net"), eur("expected_vat"))),
        "{case}"
    );
}

fn conversion(case: &Value) {
    let (from, to) = (currency(&case["from"]), currency(&case["to"]));
    let peg = Peg {
        of: Currency::EUR,
        into: Currency::XOF,
        rate: rate(&case["peg"]),
    };
    assert_eq!(
        peg.convert(money(&case["amount"], from)),
        Ok(money(&case["expected"], to)),
        "{case}"
    );
}

fn early_payment_discount(case: &Value) {
    let xof = |value: &Value| money(value, Currency::XOF);
    let policy = EarlyPayment {
        rate: rate(&case["rate"]),
        within_days: 10,
        vat_adjusted: case["vat_adjusted"].as_bool().expect("a variant"),
    };
    let gross = xof(&case["gross"]);
    let (net, vat) = match policy.vat_adjusted {
        true => (xof(&case["net"]), xof(&case["vat"])),
        // Without adjustment the parts do not matter.
        false => (gross, Money::zero(Currency::XOF)),
    };
    let found = policy.on(net, vat).expect("one currency");
    assert_eq!(found.cash, xof(&case["expected_cash"]), "{case}");
    assert_eq!(found.discount, xof(&case["expected_discount"]), "{case}");
    let reduction = match policy.vat_adjusted {
        true => xof(&case["expected_vat_reduction"]),
        false => Money::zero(Currency::XOF),
    };
    assert_eq!(found.vat_reduction, reduction, "{case}");
    let parts = [found.cash, found.discount, found.vat_reduction];
    assert_eq!(Money::sum(parts, Currency::XOF), Ok(gross), "{case}");
}

fn instalments(case: &Value) {
    let currency = currency(&case["currency"]);
    let count = case["count"].as_u64().expect("a number");
    let count = NonZeroU32::new(u32::try_from(count).expect("small")).expect("one or more");
    let expected: Vec<Money> = cases(&case["expected"])
        .iter()
        .map(|part| money(part, currency))
        .collect();
    let whole = money(&case["amount"], currency);
    assert_eq!(whole.split(count), expected, "{case}");
    let weights = vec![Decimal::ONE; expected.len()];
    assert_eq!(whole.split_by(&weights), Ok(expected), "{case}");
}

fn stamp_duty(case: &Value) {
    let mut rule = case["rule"].clone();
    rule["source"] = "africa3i".into();
    let rule: StampDuty = serde_json::from_value(rule).expect("a rule as in a pack");
    let paid = money(&case["amount"], Currency::XOF);
    let expected = money(&case["expected"], Currency::XOF);
    assert_eq!(rule.on(MethodKind::Cash, paid), Ok(expected), "{case}");
    let by_cheque = rule.on(MethodKind::Cheque, paid);
    assert_eq!(by_cheque, Ok(Money::zero(Currency::XOF)), "{case}");
}
