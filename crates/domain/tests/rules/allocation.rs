//! Which invoices a payment settles (PRODUCT C2).

use crate::support::{day, number};
use tournee_domain::allocation::{AllocationError, OpenItem, check, oldest_first};
use tournee_domain::fact::Allocation;
use tournee_domain::{Amount, Currency};

fn item(invoice: &str, due: &str, open: i64) -> OpenItem {
    OpenItem {
        invoice: number(invoice),
        due_date: day(due),
        open: open.into(),
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
