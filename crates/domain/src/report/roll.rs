//! Roll rates: how much of a bucket is still owed a month later, and what is lost in the end (DOMAIN §2.3, 3).

use super::aged::{AgedQuery, aged_balance};
use super::ledger::Ledger;
use super::period::months_from;
use crate::Amount;
use crate::ageing::Bounds;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Fewer months than that say more about chance than about clients.
pub const ROLL_MONTHS_MIN: u32 = 6;

/// For each bucket but the last, the share of one that stands in the next bucket a month later, over at least
/// [`ROLL_MONTHS_MIN`] months until `as_of`. Each month weighs as much as was in its bucket. `None` where a bucket was
/// always empty.
pub fn roll_rates(
    ledger: &Ledger,
    as_of: NaiveDate,
    months: u32,
    bounds: &Bounds,
) -> Vec<Option<Decimal>> {
    let months = i32::try_from(months.max(ROLL_MONTHS_MIN)).unwrap_or(i32::MAX);
    let balances: Vec<Vec<Amount>> = (0..=months)
        .rev()
        .map(|back| {
            let query = AgedQuery {
                bounds: bounds.clone(),
                ..AgedQuery::new(months_from(as_of, -back))
            };
            aged_balance(ledger, &query).total().buckets
        })
        .collect();
    let rate = |bucket: usize| {
        let (mut before, mut after) = (Amount::ZERO, Amount::ZERO);
        for pair in balances.windows(2) {
            before += pair[0][bucket];
            after += pair[1][bucket + 1];
        }
        after.0.checked_div(before.0)
    };
    (0..bounds.len() - 1).map(rate).collect()
}

/// The share of one of each bucket that is lost in the end: what rolls on to the last bucket, times what is lost of that.
/// One rate more comes out than roll rates go in.
pub fn loss_rates(roll_rates: &[Decimal], last_lost: Decimal) -> Vec<Decimal> {
    let mut losses = vec![last_lost];
    for rate in roll_rates.iter().rev() {
        losses.push(losses[losses.len() - 1] * rate);
    }
    losses.reverse();
    losses
}
