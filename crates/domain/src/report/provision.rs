//! Allowances for receivables that may not be paid: claims judged one by one, then a matrix on the rest (DOMAIN §2.4).

use super::aged::set_off;
use super::ledger::{Ledger, day_number};
use crate::ageing::Bounds;
use crate::money::MoneyError;
use crate::{Amount, ClientCode, Currency, Money, Rate, order};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The allowance of one claim: its amount without VAT, times the rate (DOMAIN §1.2, 13).
///
/// # Errors
/// [`MoneyError::FinerThanCurrency`], [`MoneyError::Overflow`].
pub fn individual_allowance(
    gross: Amount,
    vat: Rate,
    rate: Rate,
    currency: Currency,
) -> Result<Amount, MoneyError> {
    let (net, _) = Money::new(gross, currency)?.without_vat(vat)?;
    Ok(net.share(rate)?.amount())
}

/// Amounts times their rates, not rounded.
pub fn matrix_allowance(rows: impl IntoIterator<Item = (Amount, Rate)>) -> Amount {
    rows.into_iter()
        .map(|(amount, rate)| Amount(amount.0 * rate.fraction()))
        .sum()
}

/// What has to be booked so that an allowance becomes its target; one of the two is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// *Dotation.*
    pub charge: Amount,
    /// *Reprise.*
    pub reversal: Amount,
}

/// From what is booked to the target.
pub fn adjustment(target: Amount, booked: Amount) -> Adjustment {
    Adjustment {
        charge: (target - booked).max(Amount::ZERO),
        reversal: (booked - target).max(Amount::ZERO),
    }
}

/// A debt judged by itself, for a dispute, an insolvency or a legal case. The matrix leaves it out. An invoice is judged by
/// what it owes; a client by what is left once its credits are set against its oldest debts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub client: ClientCode,
    /// Number of the invoice; `None` for all the client owes that is not judged by invoice.
    pub reference: Option<String>,
    pub measure: Measure,
    /// What of it a guarantee covers, VAT included, the oldest first.
    pub guaranteed: Amount,
    /// Why payment is in doubt: late payment alone is no reason (DOMAIN §1.2).
    pub justification: String,
    pub deductible: bool,
}

/// How much of a claim is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Of what it owes without VAT.
    Rate(Rate),
    /// Without VAT; no more than it owes.
    Amount(Amount),
}

/// What of a debt the matrix applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatrixBase {
    /// Without VAT, as for claims judged one by one.
    #[default]
    Net,
    Gross,
}

#[derive(Clone, Copy, Debug)]
pub struct ProvisionQuery<'a> {
    pub as_of: NaiveDate,
    pub claims: &'a [Claim],
    pub bounds: &'a Bounds,
    /// One for each bucket, the least overdue first; a bucket without one is not provided for.
    pub rates: &'a [Rate],
    pub base: MatrixBase,
    /// What guarantees cover of a client's other debts, VAT included, the oldest first.
    pub guarantees: &'a BTreeMap<ClientCode, Amount>,
    /// The allowance in the books.
    pub booked: &'a BTreeMap<ClientCode, Amount>,
}

/// One client's line of the monthly closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionLine {
    pub client: ClientCode,
    pub individual: Amount,
    pub matrix: Amount,
    /// The two together.
    pub target: Amount,
    pub booked: Amount,
    pub adjustment: Adjustment,
}

/// A line for every client with a target or something booked, by code. Claims judged by themselves come first and are not in
/// the matrix, invoices before clients; credits are set against the client's oldest debts first, guarantees after them.
pub fn provisions(ledger: &Ledger, query: &ProvisionQuery) -> Vec<ProvisionLine> {
    let as_of = day_number(query.as_of);
    let mut opens = ledger.opens(as_of);
    let mut targets: BTreeMap<&ClientCode, (Amount, Amount)> = BTreeMap::new();
    let mut judge = |opens: &mut [i64], of_invoice: bool| {
        let claims = query.claims.iter();
        for claim in claims.filter(|claim| claim.reference.is_some() == of_invoice) {
            targets.entry(&claim.client).or_default().0 += claim.allowance(ledger, opens);
        }
    };
    judge(&mut opens, true);
    set_off(ledger, &mut opens, &ledger.columns.due);
    judge(&mut opens, false);
    for (number, (code, _)) in ledger.clients.iter().enumerate() {
        let mut guarantee = query.guarantees.get(code).copied().unwrap_or_default();
        let rows = ledger
            .items_of(number)
            .filter(|item| opens[*item] > 0)
            .map(|item| {
                let open = ledger.amount(opens[item]);
                let covered = guarantee.min(open);
                guarantee -= covered;
                let base = match query.base {
                    MatrixBase::Gross => open - covered,
                    MatrixBase::Net => without_vat(ledger, item, open - covered),
                };
                let overdue = i64::from(as_of) - i64::from(ledger.columns.due[item]);
                let rate = query.rates.get(query.bounds.bucket(overdue)).copied();
                (base, rate.unwrap_or(Rate::ZERO))
            });
        let matrix = ledger.currency.round(matrix_allowance(rows));
        if !matrix.is_zero() {
            targets.entry(code).or_default().1 += matrix;
        }
    }
    for (code, booked) in query.booked {
        if !booked.is_zero() {
            targets.entry(code).or_default();
        }
    }
    let is_line = |(code, (individual, matrix)): &(&ClientCode, (Amount, Amount))| {
        !(*individual + *matrix).is_zero() || query.booked.contains_key(*code)
    };
    targets
        .into_iter()
        .filter(is_line)
        .map(|(client, (individual, matrix))| {
            let target = individual + matrix;
            let booked = query.booked.get(client).copied().unwrap_or_default();
            ProvisionLine {
                client: client.clone(),
                individual,
                matrix,
                target,
                booked,
                adjustment: adjustment(target, booked),
            }
        })
        .collect()
}

impl Claim {
    /// Its allowance. What it is about is taken out of `opens`: nothing is judged twice.
    fn allowance(&self, ledger: &Ledger, opens: &mut [i64]) -> Amount {
        let number = ledger.client_number(&self.client);
        let mut items: Vec<usize> = number
            .map_or(0..0, |number| ledger.items_of(number))
            .filter(|item| {
                let reference = &ledger.columns.reference[*item];
                opens[*item] > 0 && self.reference.as_ref().is_none_or(|of| of == reference)
            })
            .collect();
        order::sort_by_key(&mut items, |item| ledger.columns.due[*item]);
        let mut guarantee = self.guaranteed;
        let mut net = Amount::ZERO;
        for item in items {
            let open = ledger.amount(std::mem::replace(&mut opens[item], 0));
            let covered = guarantee.min(open);
            guarantee -= covered;
            net += without_vat(ledger, item, open - covered);
        }
        match self.measure {
            Measure::Rate(rate) => ledger.currency.round(Amount(net.0 * rate.fraction())),
            Measure::Amount(amount) => amount.min(net),
        }
    }
}

/// What of `open` is not VAT, as the entry's own net is of its gross.
fn without_vat(ledger: &Ledger, item: usize, open: Amount) -> Amount {
    let (net, gross) = (ledger.columns.net[item], ledger.columns.gross[item]);
    let share = rust_decimal::Decimal::from(net).checked_div(gross.into());
    let exact = share.and_then(|share| open.0.checked_mul(share));
    ledger.currency.round(exact.map_or(open, Amount))
}
