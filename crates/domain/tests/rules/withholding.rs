//! Taxes that a payer withholds: settled only by their attestation (DOMAIN §3).

use crate::settlement::{apply, ledger, open};
use crate::support::{Ledger, amount, attested, bounced, cheque, day, number, row, vectors};
use tournee_domain::fact::{Flag, Withheld};
use tournee_domain::statement::InvoiceRow;
use tournee_domain::{Amount, FactBody};

/// Settled is cash and withheld tax, and the tax only with its attestation.
#[test]
fn a_withheld_tax_stays_open_until_it_is_attested() {
    for case in vectors()["withholding"].as_array().expect("cases") {
        let gross = amount(&case["gross"]);
        let mut ledger = Ledger::default();
        let listed = InvoiceRow {
            net: amount(&case["net"]),
            vat: amount(&case["vat"]),
            gross,
            ..row("F1", "C1", 0, 0)
        };
        ledger.import("2026-10-31", &[listed]);
        let taxes = case["withheld"].as_array().expect("taxes");
        let withheld: Vec<_> = taxes
            .iter()
            .map(|tax| Withheld {
                invoice: number("F1"),
                tax: tax["tax"].as_str().expect("a name").to_owned(),
                amount: amount(&tax["expected"]),
            })
            .collect();
        let cash_due = amount(&case["expected_net_due"]);
        let FactBody::Payment(mut payment) = cheque(1, "C1", 0, "2026-11-03", &[]) else {
            unreachable!()
        };
        payment.amount = cash_due;
        payment.allocations = vec![tournee_domain::fact::Allocation {
            invoice: number("F1"),
            amount: cash_due,
        }];
        payment.withheld.clone_from(&withheld);
        let body = FactBody::Payment(payment);
        assert_eq!(apply(&mut ledger, 1, &body), vec![], "{case}");

        let mut pending = gross - cash_due;
        let told = |ledger: &Ledger, date: &str| {
            let invoice = ledger.invoice("F1");
            (
                invoice.open_as_of(day(date)),
                invoice.withheld_unattested(day(date)),
            )
        };
        assert_eq!(told(&ledger, "2026-11-02"), (gross, Amount::ZERO), "{case}");
        for (n, tax) in withheld.iter().enumerate() {
            assert_eq!(told(&ledger, "2026-11-30"), (pending, pending), "{case}");
            let fact = 10 + n as u128;
            assert_eq!(
                apply(
                    &mut ledger,
                    fact,
                    &attested(1, "F1", &tax.tax, "2026-11-20")
                ),
                vec![]
            );
            let again = apply(
                &mut ledger,
                20 + n as u128,
                &attested(1, "F1", &tax.tax, "2026-11-21"),
            );
            assert_eq!(again, vec![Flag::StaleBase]);
            pending -= tax.amount;
        }
        assert_eq!(
            told(&ledger, "2026-11-30"),
            (Amount::ZERO, Amount::ZERO),
            "{case}"
        );
        let all = gross - cash_due;
        assert_eq!(
            told(&ledger, "2026-11-19"),
            (all, all),
            "not attested yet: {case}"
        );

        // The cheque bounces: what is attested stays attested.
        apply(&mut ledger, 30, &bounced(1, "2026-11-25"));
        assert_eq!(
            told(&ledger, "2026-11-30"),
            (cash_due, Amount::ZERO),
            "{case}"
        );
    }
}

#[test]
fn a_tax_of_a_payment_that_is_not_true_is_forgotten() {
    let mut ledger = ledger();
    let FactBody::Payment(mut payment) = cheque(1, "C1", 900, "2026-11-03", &[("F1", 900)]) else {
        unreachable!()
    };
    let withheld = |invoice: &str, francs: i64| Withheld {
        invoice: number(invoice),
        tax: "ISB".into(),
        amount: francs.into(),
    };
    payment.withheld = vec![withheld("F1", 100), withheld("F9", 1), withheld("F2", 0)];
    let flags = apply(&mut ledger, 1, &FactBody::Payment(payment));
    assert_eq!(flags, vec![Flag::UnknownInvoice, Flag::AmountInvalid]);
    assert_eq!(
        ledger.invoice("F1").withheld_unattested(day("2026-11-30")),
        100.into()
    );
    apply(&mut ledger, 2, &bounced(1, "2026-11-10"));
    assert_eq!(
        ledger.invoice("F1").withheld_unattested(day("2026-11-30")),
        Amount::ZERO
    );
    let late = attested(1, "F1", "ISB", "2026-11-12");
    assert_eq!(apply(&mut ledger, 3, &late), vec![Flag::UnknownReference]);
    assert_eq!(open(&ledger, "F1"), 1_000.into());
}
