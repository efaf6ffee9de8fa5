//! Which invoices a payment settles (PRODUCT C2).

use crate::support::{day, number};
use proptest::prelude::*;
use tournee_domain::allocation::{
    AllocationError, Instruction, OpenItem, Proposal, Rule, SUBSET_CANDIDATES_MAX, SUBSET_MAX,
    by_instruction, check, oldest_first, propose, subset_match,
};
use tournee_domain::fact::Allocation;
use tournee_domain::{Amount, Currency};

fn item(invoice: &str, due: &str, open: i64) -> OpenItem {
    OpenItem {
        invoice: number(invoice),
        due_date: day(due),
        open: open.into(),
        charges: false,
    }
}

fn items() -> Vec<OpenItem> {
    vec![
        item("F3", "2026-03-01", 300),
        item("A1", "2026-01-01", -50),
        item("F2", "2026-02-01", 200),
        item("F1", "2026-02-01", 100),
    ]
}

fn lines(lines: &[(&str, &str)]) -> Vec<Allocation> {
    let line = |(invoice, text): &(&str, &str)| Allocation {
        invoice: number(invoice),
        amount: text.parse().expect("an amount"),
    };
    lines.iter().map(line).collect()
}

#[test]
fn the_oldest_debts_come_first_and_the_rest_stays_on_account() {
    let proposed = |francs: i64| {
        let proposal = oldest_first(&items(), francs.into());
        let lines: Vec<_> = proposal
            .allocations
            .iter()
            .map(|a| (a.invoice.to_string(), a.amount))
            .collect();
        (lines, proposal.on_account)
    };
    let line = |invoice: &str, francs: i64| (invoice.to_owned(), Amount::from(francs));
    assert_eq!(
        proposed(150),
        (vec![line("F1", 100), line("F2", 50)], Amount::ZERO)
    );
    assert_eq!(
        proposed(600),
        (
            vec![line("F1", 100), line("F2", 200), line("F3", 300)],
            Amount::ZERO
        )
    );
    assert_eq!(proposed(650).1, Amount::from(50));
    assert_eq!(proposed(0), (vec![], Amount::ZERO));
}

#[test]
fn what_the_collector_entered_is_checked_line_by_line() {
    let checked = |allocations: &[(&str, &str)], paid: &str| {
        check(
            &items(),
            &lines(allocations),
            paid.parse().expect("an amount"),
            Currency::XOF,
        )
    };
    assert_eq!(
        checked(&[("F1", "100"), ("F3", "0")], "150"),
        Ok(Amount::from(50))
    );
    assert_eq!(checked(&[], "150.00"), Ok(Amount::from(150)));

    let invoice = number("F1");
    let more = AllocationError::MoreThanOpen {
        invoice: invoice.clone(),
        open: 100.into(),
    };
    assert_eq!(checked(&[("F1", "101")], "200"), Err(more));
    let more = AllocationError::MoreThanPaid {
        allocated: 300.into(),
        amount: 299.into(),
    };
    assert_eq!(
        more.to_string(),
        "300 is allocated, but only 299 was paid: take 1 off"
    );
    assert_eq!(checked(&[("F1", "100"), ("F2", "200")], "299"), Err(more));
    let negative = AllocationError::Negative {
        invoice: invoice.clone(),
    };
    assert_eq!(checked(&[("F1", "-1")], "10"), Err(negative));
    let unknown = AllocationError::UnknownInvoice {
        invoice: number("F9"),
    };
    assert_eq!(checked(&[("F9", "1")], "10"), Err(unknown));
    let twice = AllocationError::TwiceSameInvoice {
        invoice: invoice.clone(),
    };
    assert_eq!(checked(&[("F1", "1"), ("F1", "1")], "10"), Err(twice));
    let half: Amount = "0.5".parse().expect("an amount");
    let finer = |invoice| AllocationError::FinerThanCurrency {
        invoice,
        amount: half,
        currency: Currency::XOF,
    };
    assert_eq!(checked(&[("F1", "0.5")], "10"), Err(finer(Some(invoice))));
    assert_eq!(checked(&[], "0.5"), Err(finer(None)));
    // A credit note owes nothing: nothing can be set against it.
    assert!(matches!(
        checked(&[("A1", "1")], "10"),
        Err(AllocationError::MoreThanOpen { .. })
    ));
}

/// The rule, the lines as `F1 100`, and what stays on account.
fn told(proposal: &Proposal) -> (Rule, String, Amount) {
    let line = |a: &Allocation| format!("{} {}", a.invoice, a.amount);
    let lines: Vec<_> = proposal.allocations.iter().map(line).collect();
    (proposal.rule, lines.join(", "), proposal.on_account)
}

#[test]
fn the_best_rule_proposes() {
    for (paid, rule, lines, on_account) in [
        // The whole of one invoice is meant before a part of an older one.
        (200, Rule::ExactMatch, "F2 200", 0),
        // Two invoices of this sum: the oldest.
        (300, Rule::ExactMatch, "F3 300", 0),
        (400, Rule::SubsetMatch, "F1 100, F3 300", 0),
        (600, Rule::SubsetMatch, "F1 100, F2 200, F3 300", 0),
        (350, Rule::OldestFirst, "F1 100, F2 200, F3 50", 0),
        (650, Rule::OldestFirst, "F1 100, F2 200, F3 300", 50),
    ] {
        let proposal = propose(&items(), paid.into(), &[]).expect("a proposal");
        let expected = (rule, lines.to_owned(), Amount::from(on_account));
        assert_eq!(told(&proposal), expected, "{paid}");
    }
}

/// Costs and interest come before what they are for, unless the client says otherwise (DOMAIN §4).
#[test]
fn costs_and_interest_are_paid_before_the_principal() {
    let mut items = items();
    items.push(OpenItem {
        charges: true,
        ..item("P1", "2026-09-01", 40)
    });
    let told = |paid: i64, lines: &[Instruction]| {
        told(&propose(&items, paid.into(), lines).expect("a proposal"))
    };
    assert_eq!(
        told(120, &[]),
        (Rule::OldestFirst, "P1 40, F1 80".to_owned(), 0.into())
    );
    assert_eq!(
        told(30, &[]),
        (Rule::OldestFirst, "P1 30".to_owned(), 0.into())
    );
    // What is owed exactly is meant, and the client's word wins.
    assert_eq!(told(200, &[]).0, Rule::ExactMatch);
    let says = Instruction {
        invoice: number("F1"),
        amount: None,
    };
    assert_eq!(
        told(100, &[says]),
        (Rule::Instruction, "F1 100".to_owned(), 0.into())
    );
}

/// Of many invoices, a few owe nearly any round sum together: that is no reason to pay those.
#[test]
fn a_match_by_chance_is_no_proposal() {
    let items: Vec<OpenItem> = (1..=30_i64)
        .map(|n| OpenItem {
            invoice: number(&format!("F{n:02}")),
            due_date: "2026-01-01".parse().expect("a date"),
            open: (n * 7_919 % 1_009 * 100 + 5_000).into(),
            charges: false,
        })
        .collect();
    let opens = |places: &[usize]| places.iter().map(|n| items[n - 1].open).sum::<Amount>();
    // Six that somebody chose: a subset is found, but so it is for most sums of that size.
    let six = opens(&[1, 5, 9, 14, 22, 30]);
    assert!(subset_match(&items, six).is_some());
    assert_eq!(
        propose(&items, six, &[]).expect("a proposal").rule,
        Rule::OldestFirst
    );
    // Two of so many tell.
    let two = opens(&[9, 22]);
    assert_eq!(
        propose(&items, two, &[]).expect("a proposal").rule,
        Rule::SubsetMatch
    );
    // Six of six tell, too.
    let few: Vec<OpenItem> = items[..6].to_vec();
    let all = few.iter().map(|item| item.open).sum();
    assert_eq!(
        propose(&few, all, &[]).expect("a proposal").rule,
        Rule::SubsetMatch
    );
}

#[test]
fn the_clients_word_wins() {
    let says = |lines: &[(&str, Option<i64>)], paid: i64| {
        let line = |(invoice, amount): &(&str, Option<i64>)| Instruction {
            invoice: number(invoice),
            amount: amount.map(Amount::from),
        };
        let lines: Vec<_> = lines.iter().map(line).collect();
        by_instruction(&items(), paid.into(), &lines)
    };
    let told = |lines, paid| told(&says(lines, paid).expect("a proposal"));
    let expected =
        |lines: &str, on_account: i64| (Rule::Instruction, lines.to_owned(), on_account.into());
    assert_eq!(
        told(&[("F3", None), ("F1", None)], 350),
        expected("F3 300, F1 50", 0)
    );
    assert_eq!(told(&[("F3", Some(120))], 350), expected("F3 120", 230));
    assert_eq!(
        told(&[("F2", None), ("F3", None)], 150),
        expected("F2 150", 0)
    );

    let invoice = number("F1");
    let error = |lines, expected| assert_eq!(says(lines, 500), Err(expected));
    let unknown = AllocationError::UnknownInvoice {
        invoice: number("F9"),
    };
    error(&[("F9", None)], unknown);
    let twice = AllocationError::TwiceSameInvoice {
        invoice: invoice.clone(),
    };
    error(&[("F1", None), ("F1", Some(1))], twice);
    let more = AllocationError::MoreThanOpen {
        invoice: invoice.clone(),
        open: 100.into(),
    };
    error(&[("F1", Some(101))], more);
    error(&[("F1", Some(-1))], AllocationError::Negative { invoice });
}

#[test]
fn the_fewest_and_oldest_invoices_match() {
    let on = |day: usize| format!("2026-01-{day:02}");
    let items = |opens: &[i64]| -> Vec<OpenItem> {
        let items = opens.iter().enumerate();
        items
            .map(|(i, open)| item(&format!("F{i:02}"), &on(i % 28 + 1), *open))
            .collect()
    };
    let matched = |opens: &[i64], paid: i64| {
        subset_match(&items(opens), paid.into()).map(|proposal| told(&proposal).1)
    };
    assert_eq!(
        matched(&[5, 4, 9, 3, 6], 9).as_deref(),
        Some("F02 9"),
        "fewest"
    );
    assert_eq!(
        matched(&[5, 4, 6, 3, 2], 9).as_deref(),
        Some("F00 5, F01 4"),
        "oldest"
    );
    assert_eq!(matched(&[2, 2, 2], 7), None);
    let powers: Vec<i64> = (0..20).map(|n| 1 << n).collect();
    assert_eq!(
        matched(&powers, 0b1111_1111).map(|lines| lines.matches(',').count() + 1),
        Some(SUBSET_MAX)
    );
    assert_eq!(
        matched(&powers, 0b1_1111_1111),
        None,
        "nine would be needed"
    );
    // As many as are tried, all different, and no answer among them.
    let even: Vec<i64> = (1..=60).map(|n| n * 2_000 + 2 * n * n).collect();
    assert!(even.len() > SUBSET_CANDIDATES_MAX);
    assert_eq!(matched(&even, 100_001), None);
    let half = "0.5".parse().expect("an amount");
    let cents = [
        OpenItem {
            open: half,
            charges: false,
            ..item("F1", "2026-01-01", 0)
        },
        item("F2", "2026-01-02", 1),
    ];
    let paid = "1.50".parse().expect("an amount");
    assert_eq!(
        subset_match(&cents, paid)
            .map(|proposal| told(&proposal).1)
            .as_deref(),
        Some("F1 0.5, F2 1")
    );
}

proptest! {
    /// Against every subset of few invoices, tried one by one.
    #[test]
    fn a_subset_match_is_the_fewest_of_all_subsets(opens in prop::collection::vec(-5..60_i64, 0..11), paid in 1..200_i64) {
        let items: Vec<_> = opens.iter().enumerate().map(|(i, open)| item(&format!("F{i:02}"), "2026-01-01", *open)).collect();
        let fewest = (1_u32..1 << opens.len())
            .filter(|subset| subset.count_ones() as usize <= SUBSET_MAX)
            .filter_map(|subset| {
                let places: Vec<_> = (0..opens.len()).filter(|i| subset >> i & 1 == 1).collect();
                let all_owe = places.iter().all(|i| opens[*i] > 0);
                (all_owe && places.iter().map(|i| opens[*i]).sum::<i64>() == paid).then_some((places.len(), places))
            })
            .min();
        let found = subset_match(&items, paid.into());
        let expected = fewest.map(|(_, places)| places.iter().map(|i| format!("F{i:02} {}", opens[*i])).collect::<Vec<_>>().join(", "));
        prop_assert_eq!(found.as_ref().map(|proposal| told(proposal).1), expected);
        if let Some(proposal) = found {
            prop_assert_eq!(check(&items, &proposal.allocations, paid.into(), Currency::XOF), Ok(Amount::ZERO));
        }
    }
}
