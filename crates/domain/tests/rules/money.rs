//! Money never mixes currencies and loses no unit (DOMAIN §7).

use crate::support::day;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::num::NonZeroU32;
use tournee_domain::discount::{EarlyPayment, SmallDifference};
use tournee_domain::{Amount, Currency, Money, MoneyError, Peg, Rate};

fn money(amount: &str, currency: &str) -> Money {
    let currency = currency.parse().expect("a currency");
    Money::new(amount.parse().expect("an amount"), currency).expect("not finer")
}

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

#[test]
fn two_currencies_have_no_sum() {
    let (francs, euros) = (money("1000", "XOF"), money("1000", "EUR"));
    let mismatch = |a, b| MoneyError::CurrencyMismatch(a, b);
    let (xof, eur) = (Currency::XOF, Currency::EUR);
    assert_eq!(francs.plus(euros), Err(mismatch(xof, eur)));
    assert_eq!(euros.minus(francs), Err(mismatch(eur, xof)));
    assert_eq!(
        Money::sum([francs, francs], eur),
        Err(mismatch(eur, xof)),
        "the sum's own currency counts too"
    );
    assert_eq!(Money::sum([francs, francs], xof), Ok(money("2000", "XOF")));
    let peg = Peg {
        of: eur,
        into: xof,
        rate: rate("655.957"),
    };
    let dirhams = money("5", "MAD");
    assert_eq!(peg.convert(dirhams), Err(mismatch(dirhams.currency(), eur)));
}

#[test]
fn money_is_whole_units_of_its_currency() {
    let half: Amount = "0.5".parse().expect("an amount");
    assert_eq!(
        Money::new(half, Currency::XOF),
        Err(MoneyError::FinerThanCurrency(half, Currency::XOF))
    );
    for (value, currency, rounded) in [
        ("0.5", "XOF", "1"),
        ("-0.5", "XOF", "-1"),
        ("2.5", "XOF", "3"),
        ("0.005", "EUR", "0.01"),
        ("1.2345", "TND", "1.235"),
        ("1.005", "MGA", "1.01"),
    ] {
        let currency = currency.parse().expect("a currency");
        assert_eq!(
            Money::rounded(value.parse().expect("an amount"), currency),
            Money::rounded(rounded.parse().expect("an amount"), currency),
            "{value} {currency}"
        );
    }
    let json = r#"{"amount":"12.345","currency":"TND"}"#;
    let read: Money = serde_json::from_str(json).expect("money");
    assert_eq!(serde_json::to_string(&read).expect("writes"), json);
    let finer = json.replace("TND", "EUR");
    let error = serde_json::from_str::<Money>(&finer).expect_err("finer than cents");
    assert!(error.to_string().contains("12.345 is finer than EUR"));
}

#[test]
fn rates_are_plain_shares() {
    for good in ["0.19", "0", "1.5", "655.957", "0.002500"] {
        assert_eq!(rate(good).to_string(), good);
    }
    for bad in ["", "19 %", "-0.1", "0,19", ".5", "1e2", "0.1234567890"] {
        assert!(bad.parse::<Rate>().is_err(), "{bad}");
    }
}

#[test]
fn weights_say_what_each_part_is() {
    let parts = |amount: &str, currency: &str, weights: &[i64]| {
        let weights: Vec<Decimal> = weights.iter().copied().map(Decimal::from).collect();
        let parts = money(amount, currency).split_by(&weights)?;
        Ok(parts.iter().map(|part| part.amount().to_string()).collect())
    };
    let texts = |texts: &[&str]| -> Result<Vec<String>, MoneyError> {
        Ok(texts.iter().map(|&text| text.to_owned()).collect())
    };
    assert_eq!(parts("100", "XOF", &[1, 1, 1]), texts(&["33", "33", "34"]));
    assert_eq!(parts("101", "XOF", &[1, 1, 1]), texts(&["33", "34", "34"]));
    assert_eq!(parts("10.00", "EUR", &[2, 1]), texts(&["6.67", "3.33"]));
    assert_eq!(
        parts("-100", "XOF", &[1, 1, 1]),
        texts(&["-33", "-33", "-34"])
    );
    assert_eq!(parts("7", "XOF", &[0, 5, 0]), texts(&["0", "7", "0"]));
    for none in [&[][..], &[0, 0], &[3, -1]] {
        assert_eq!(parts("7", "XOF", none), Err(MoneyError::NoWeight));
    }
}

#[test]
fn a_discount_is_earned_until_its_last_day() {
    let policy = EarlyPayment {
        rate: rate("0.02"),
        within_days: 10,
        vat_adjusted: true,
    };
    let invoiced = day("2026-02-20");
    assert!(policy.is_earned(invoiced, day("2026-03-02")));
    assert!(!policy.is_earned(invoiced, day("2026-03-03")));
    assert!(policy.is_earned(invoiced, day("2026-01-31")), "paid ahead");
}

#[test]
fn a_small_difference_is_small_in_francs_and_in_share() {
    let policy = SmallDifference {
        at_most: 500.into(),
        share_at_most: rate("0.01"),
    };
    for (open, gross, expected) in [
        (500, 100_000, Some(500)),
        (-500, 100_000, Some(-500)),
        (501, 100_000, None),
        (100, 10_000, Some(100)),
        (101, 10_000, None),
        (0, 10_000, None),
        (-100, -10_000, Some(-100)),
    ] {
        assert_eq!(
            policy.lets_go(open.into(), gross.into()),
            expected.map(Amount::from),
            "{open} of {gross}"
        );
    }
    let all = SmallDifference {
        share_at_most: rate("1"),
        ..policy
    };
    assert_eq!(
        all.lets_go(300.into(), 300.into()),
        None,
        "an invoice nobody paid is no difference"
    );
}

/// Any amount of any currency, in its smallest units.
fn any_money() -> impl Strategy<Value = Money> {
    let currencies: Vec<Currency> = Currency::all().collect();
    let units = -99_999_999_999_i64..=99_999_999_999;
    (prop::sample::select(currencies), units).prop_map(|(currency, units)| {
        Money::rounded(Amount(Decimal::new(units, currency.scale())), currency)
    })
}

proptest! {
    #[test]
    fn splitting_and_summing_agree(whole in any_money(), parts in 1..200_u32) {
        let split = whole.split(NonZeroU32::new(parts).expect("one or more"));
        prop_assert_eq!(split.len(), parts as usize);
        prop_assert_eq!(Money::sum(split.iter().copied(), whole.currency()), Ok(whole));
        prop_assert!(split[1..].len() < 2 || split[..split.len() - 1].iter().all(|part| *part == split[0]));
        for part in split {
            prop_assert_eq!(Money::new(part.amount(), whole.currency()), Ok(part));
        }
    }

    #[test]
    fn parts_by_weight_add_up_and_are_within_a_unit_of_their_share(
        whole in any_money(),
        weights in prop::collection::vec(0..1_000_000_i64, 1..40),
    ) {
        let weights: Vec<Decimal> = weights.into_iter().map(|weight| Decimal::new(weight, 2)).collect();
        let total: Decimal = weights.iter().sum();
        prop_assume!(!total.is_zero());
        let parts = whole.split_by(&weights).expect("some weight");
        prop_assert_eq!(Money::sum(parts.iter().copied(), whole.currency()), Ok(whole));
        let unit = Decimal::new(1, whole.currency().scale());
        for (part, weight) in parts.iter().zip(&weights) {
            // In whole units of amount × weight, so that the test divides nothing.
            let off = part.amount().0 * total - whole.amount().0 * weight;
            prop_assert!(off.abs() <= unit * total, "{part:?} of {whole:?} by {weight}");
        }
    }

    #[test]
    fn net_and_vat_add_up(gross in any_money(), percent in 0..100_u32) {
        let rate: Rate = format!("0.{percent:02}").parse().expect("a rate");
        let (net, vat) = gross.without_vat(rate).expect("fits");
        prop_assert_eq!(net.plus(vat), Ok(gross));
        let off = net.share(rate).expect("fits").minus(vat).expect("one currency");
        prop_assert!(off.amount().0.abs() <= Decimal::new(1, gross.currency().scale()));
    }

    #[test]
    fn francs_survive_the_euro_only_by_the_rounding(francs in -10_000_000_000_i64..10_000_000_000) {
        let peg = Peg { of: Currency::EUR, into: Currency::XOF, rate: rate("655.957") };
        let there = Money::rounded(francs.into(), Currency::XOF);
        let back = peg.convert(peg.convert(there).expect("fits")).expect("fits");
        // Half a cent is 3.28 francs.
        prop_assert!((back.amount().0 - there.amount().0).abs() <= Decimal::from(4));
    }
}
