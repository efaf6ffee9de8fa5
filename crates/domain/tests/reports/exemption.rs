//! Exemption certificates (DOMAIN §3, PRODUCT D6).

use crate::support::day;
use tournee_domain::report::exemption::{
    Alert, Certificate, ExemptInvoice, Uncovered, UncoveredReason, exemptions,
};
use tournee_domain::{Amount, Currency};

fn certificate(reference: &str, ceiling: Option<i64>, from: &str, until: &str) -> Certificate {
    Certificate {
        reference: reference.into(),
        client: "C1".into(),
        tax: "VAT".into(),
        legal_basis: "Convention minière".into(),
        issuer: "DGI".into(),
        scope: String::new(),
        ceiling: ceiling.map(Amount::from),
        valid_from: day(from),
        valid_until: day(until),
        scan: None,
    }
}

fn invoice(number: &str, date: &str, net: i64) -> ExemptInvoice {
    ExemptInvoice {
        number: number.into(),
        client: "C1".into(),
        tax: "VAT".into(),
        date: day(date),
        net: net.into(),
    }
}

#[test]
fn invoices_use_up_the_certificate_that_ends_first() {
    let certificates = [
        certificate("E2", Some(1_000), "2026-01-01", "2026-12-31"),
        certificate("E1", Some(500), "2026-01-01", "2026-06-30"),
    ];
    let mut foreign = invoice("F6", "2026-03-01", 10_000);
    foreign.client = "C2".into();
    let invoices = [
        invoice("F4", "2026-07-01", 700),
        invoice("F1", "2026-01-01", 400),
        invoice("F2", "2026-06-30", 400),
        invoice("F3", "2026-06-30", -100),
        foreign,
        invoice("F5", "2027-01-01", 1_000),
    ];
    let rate = "0.19".parse().expect("a rate");
    let report = exemptions(
        &certificates,
        &invoices,
        rate,
        Currency::XOF,
        day("2026-06-30"),
    );
    let uses: Vec<String> = report
        .uses
        .iter()
        .map(|it| {
            format!(
                "{} {} left {:?}",
                it.reference,
                it.consumed,
                it.left.map(|left| left.to_string())
            )
        })
        .collect();
    // E1: 400, 100, and 100 back from the credit note. E2: 300 and 700.
    assert_eq!(
        uses,
        ["E2 1000 left Some(\"0\")", "E1 400 left Some(\"100\")"]
    );
    let uncovered = |number: &str, net: i64, risk: i64, reason| Uncovered {
        number: number.into(),
        net: net.into(),
        risk: risk.into(),
        reason,
    };
    let expected = [
        uncovered("F6", 10_000, 1_900, UncoveredReason::NoCertificate),
        uncovered("F5", 1_000, 190, UncoveredReason::NotValidThen),
    ];
    assert_eq!(report.uncovered, expected);

    let more = [&invoices[..4], &[invoice("F7", "2026-12-31", 50)]].concat();
    let report = exemptions(&certificates, &more, rate, Currency::XOF, day("2026-06-30"));
    let expected = uncovered("F7", 50, 10, UncoveredReason::CeilingReached);
    assert_eq!(report.uncovered, [expected]); // 9.5 francs of tax, rounded away from zero
}

#[test]
fn alerts_come_sixty_thirty_and_fifteen_days_before_the_end() {
    let certificate = certificate("E1", None, "2026-01-01", "2026-12-31");
    for (today, expected) in [
        ("2026-10-31", None),
        ("2026-11-01", Some(Alert::EndsWithin(60))),
        ("2026-12-01", Some(Alert::EndsWithin(30))),
        ("2026-12-16", Some(Alert::EndsWithin(15))),
        ("2026-12-31", Some(Alert::EndsWithin(15))),
        ("2027-01-01", Some(Alert::Ended)),
    ] {
        assert_eq!(certificate.alert(day(today)), expected, "{today}");
    }
}
