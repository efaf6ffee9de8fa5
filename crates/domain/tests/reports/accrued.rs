//! Accrued invoices (DOMAIN §2.5).

use crate::support::{amount, day, rate, vectors};
use rust_decimal::Decimal;
use tournee_domain::report::accrued::{Performance, PerformedLine, accrued};
use tournee_domain::{Amount, Currency, Rate};

fn performance(reference: &str, vat: Rate, lines: Vec<PerformedLine>) -> Performance {
    Performance {
        reference: reference.into(),
        client: "C1".into(),
        activity: "Atelier".into(),
        performed: day("2026-03-10"),
        accepted: Some(day("2026-03-12")),
        returned: Some(day("2026-03-20")),
        invoiced: None,
        vat,
        lines,
    }
}

fn line(quantity: i64, unit_price: Amount) -> PerformedLine {
    PerformedLine {
        quantity: Decimal::from(quantity),
        unit_price,
        billed: Amount::ZERO,
    }
}

#[test]
fn the_vector_of_a_timesheet_and_a_repair_order() {
    let vectors = vectors();
    let vector = &vectors["accrued_invoices"];
    let vat = rate(&vector["vat_rate"]);
    let items = vector["items"].as_array().expect("items");
    let performances: Vec<Performance> = items
        .iter()
        .map(|item| {
            let worked = match item["kind"].as_str().expect("a kind") {
                "timesheet" => line(
                    item["hours"].as_i64().expect("hours"),
                    amount(&item["hourly_rate"]),
                ),
                _ => line(1, amount(&item["amount"])),
            };
            performance("OR1", vat, vec![worked])
        })
        .collect();
    let found = accrued(&performances, day("2026-03-31"), Currency::XOF).expect("good");
    let expected = (
        amount(&vector["expected_net"]),
        amount(&vector["expected_gross"]),
    );
    assert_eq!((found.net, found.gross), expected);
    assert_eq!(
        (found.lines[0].age_days, found.lines[0].return_days),
        (21, 10)
    );
}

#[test]
fn what_accrues_is_accepted_and_not_invoiced_on_the_closing_day() {
    let vat: Rate = "0.19".parse().expect("a rate");
    let base = performance("OR1", vat, vec![line(1, 1_000.into())]);
    let net = |change: &dyn Fn(&mut Performance)| {
        let mut changed = base.clone();
        change(&mut changed);
        accrued(&[changed], day("2026-03-31"), Currency::XOF)
            .expect("good")
            .net
    };
    let francs = Amount::from;
    assert_eq!(net(&|_| {}), francs(1_000));
    assert_eq!(
        net(&|it| it.invoiced = Some(day("2026-04-01"))),
        francs(1_000)
    );
    assert_eq!(net(&|it| it.invoiced = Some(day("2026-03-31"))), francs(0));
    assert_eq!(net(&|it| it.accepted = None), francs(0));
    assert_eq!(net(&|it| it.accepted = Some(day("2026-04-01"))), francs(0));
    assert_eq!(net(&|it| it.lines[0].billed = 300.into()), francs(700));
    assert_eq!(net(&|it| it.lines[0].billed = 1_300.into()), francs(0));
    let mut waiting = base.clone();
    waiting.returned = None;
    let found = accrued(&[waiting], day("2026-03-31"), Currency::XOF).expect("good");
    assert_eq!(found.lines[0].return_days, 21);
    assert_eq!((found.vat, found.gross), (francs(190), francs(1_190)));
}
