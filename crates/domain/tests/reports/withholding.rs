//! Withheld taxes (DOMAIN §3).

use crate::support::{amount, day, rate, vectors};
use tournee_domain::report::withholding::{
    Parties, WithheldState, WithholdingBase, WithholdingRule, net_due, withheld_state,
};
use tournee_domain::{Amount, Currency};

fn rule(tax: &str, base: WithholdingBase, rate: &str) -> WithholdingRule {
    WithholdingRule {
        tax: tax.into(),
        base,
        rate: rate.parse().expect("a rate"),
        rate_without_tax_id: None,
        payer_class: None,
        can_be_dispensed: false,
        from: day("2024-01-01"),
        until: None,
    }
}

const KNOWN: Parties = Parties {
    payer_class: None,
    supplier_has_tax_id: true,
    dispensed: &[],
};

#[test]
fn the_vectors() {
    let vectors = vectors();
    let cases = vectors["withholding"].as_array().expect("cases");
    assert_eq!(cases.len(), 2);
    for case in cases {
        let withheld = case["withheld"].as_array().expect("taxes");
        let rules: Vec<WithholdingRule> = withheld
            .iter()
            .map(|tax| WithholdingRule {
                rate: rate(&tax["rate"]),
                base: serde_json::from_value(tax["base"].clone()).expect("a base"),
                ..rule(
                    tax["tax"].as_str().expect("a name"),
                    WithholdingBase::Net,
                    "0",
                )
            })
            .collect();
        let (net, vat) = (amount(&case["net"]), amount(&case["vat"]));
        let found =
            net_due(net, vat, Currency::XOF, &rules, &KNOWN, day("2026-03-31")).expect("good");
        assert_eq!(found.net_due, amount(&case["expected_net_due"]), "{case}");
        let found: Vec<Amount> = found.withheld.iter().map(|tax| tax.amount).collect();
        let expected: Vec<Amount> = withheld
            .iter()
            .map(|tax| amount(&tax["expected"]))
            .collect();
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn a_rule_has_its_days_its_payers_and_its_dispensations() {
    let mut isb = rule("ISB", WithholdingBase::Net, "0.02");
    isb.rate_without_tax_id = "0.05".parse().ok();
    isb.can_be_dispensed = true;
    isb.until = Some(day("2026-12-31"));
    let mut vat = rule("VAT", WithholdingBase::Vat, "0.5");
    vat.payer_class = Some("designated".into());
    let rules = [isb, vat];
    let due = |parties: &Parties, date| {
        let found = net_due(
            10_000.into(),
            1_900.into(),
            Currency::XOF,
            &rules,
            parties,
            day(date),
        );
        found.expect("good").net_due
    };
    let francs = Amount::from;
    assert_eq!(due(&KNOWN, "2026-12-31"), francs(11_700));
    assert_eq!(due(&KNOWN, "2027-01-01"), francs(11_900));
    assert_eq!(due(&KNOWN, "2023-12-31"), francs(11_900));
    assert_eq!(
        due(
            &Parties {
                supplier_has_tax_id: false,
                ..KNOWN
            },
            "2026-12-31"
        ),
        francs(11_400)
    );
    assert_eq!(
        due(
            &Parties {
                dispensed: &["ISB"],
                ..KNOWN
            },
            "2026-12-31"
        ),
        francs(11_900)
    );
    let designated = Parties {
        payer_class: Some("designated"),
        dispensed: &["VAT"],
        ..KNOWN
    };
    assert_eq!(due(&designated, "2026-12-31"), francs(10_750));
}

#[test]
fn an_invoice_is_settled_when_the_attestation_is_there_too() {
    let state =
        |paid: i64, attested| withheld_state(11_900.into(), paid.into(), &[(200.into(), attested)]);
    let expected = |open: i64, missing: i64, is_settled| WithheldState {
        open: open.into(),
        without_attestation: missing.into(),
        is_settled,
    };
    assert_eq!(state(11_700, false), expected(0, 200, false));
    assert_eq!(state(11_700, true), expected(0, 0, true));
    assert_eq!(state(11_000, true), expected(700, 0, false));
}
