//! Credit a client already has meets what the client owes (PRODUCT C6: use existing credit).

use super::{OpenItem, oldest_first};
use crate::Amount;
use crate::fact::{Allocation, CreditSource};
use chrono::NaiveDate;

/// Money on account or a credit note that is not used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCredit {
    pub source: CreditSource,
    pub date: NaiveDate,
    /// Positive.
    pub open: Amount,
}

/// What one credit settles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditUse {
    pub source: CreditSource,
    pub allocations: Vec<Allocation>,
}

/// Sets credits against debts, both in the order the oldest first; a credit with nothing left to settle is left out.
pub fn use_credits(credits: &[OpenCredit], items: &[OpenItem]) -> Vec<CreditUse> {
    let mut items = items.to_vec();
    let mut uses = Vec::new();
    for credit in credits {
        let allocations = oldest_first(&items, credit.open).allocations;
        for allocation in &allocations {
            let mut settled = items.iter_mut();
            if let Some(item) = settled.find(|item| item.invoice == allocation.invoice) {
                item.open -= allocation.amount;
            }
        }
        if !allocations.is_empty() {
            uses.push(CreditUse {
                source: credit.source.clone(),
                allocations,
            });
        }
    }
    uses
}
