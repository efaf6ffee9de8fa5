//! Proposals of how a payment is spread; the collector changes them, [`super::check`] checks what came of it.

use super::subset::telling_match;
use super::{AllocationError, OpenItem, Proposal, Rule, owing_oldest_first};
use crate::fact::Allocation;
use crate::{Amount, InvoiceNumber};
use std::collections::BTreeSet;

/// One line of what the client said to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub invoice: InvoiceNumber,
    /// `None` for all it owes.
    pub amount: Option<Amount>,
}

/// The proposal to start from: as the client said; else the one invoice, or the few, that owe exactly `amount` and hardly by
/// chance; else
/// the oldest first (DOMAIN §4: the debtor's choice, else costs and interest before the principal, then the oldest due).
///
/// # Errors
/// As [`by_instruction`].
pub fn propose(
    items: &[OpenItem],
    amount: Amount,
    instructions: &[Instruction],
) -> Result<Proposal, AllocationError> {
    if !instructions.is_empty() {
        return by_instruction(items, amount, instructions);
    }
    let matched = exact_match(items, amount).or_else(|| telling_match(items, amount));
    Ok(matched.unwrap_or_else(|| oldest_first(items, amount)))
}

/// Spreads `amount` over the oldest debts first, costs and interest before the rest: by due date, then number. Only positive opens take part; what they do
/// not take stays on account.
pub fn oldest_first(items: &[OpenItem], amount: Amount) -> Proposal {
    let mut left = amount;
    let mut allocations = Vec::new();
    for item in owing_oldest_first(items) {
        if !left.is_positive() {
            break;
        }
        let taken = left.min(item.open);
        left -= taken;
        allocations.push(Allocation {
            invoice: item.invoice.clone(),
            amount: taken,
        });
    }
    Proposal {
        rule: Rule::OldestFirst,
        allocations,
        on_account: left,
    }
}

/// The invoice that owes exactly `amount`, the oldest of several.
pub fn exact_match(items: &[OpenItem], amount: Amount) -> Option<Proposal> {
    let mut owing = owing_oldest_first(items).into_iter();
    let item = owing.find(|item| item.open == amount)?;
    Some(Proposal {
        rule: Rule::ExactMatch,
        allocations: vec![Allocation {
            invoice: item.invoice.clone(),
            amount,
        }],
        on_account: Amount::ZERO,
    })
}

/// Spreads `amount` as the client said, in the order of the lines, as far as it goes. What the lines do not take stays on
/// account: nobody said otherwise.
///
/// # Errors
/// [`AllocationError`] for a line that names an unknown invoice, one twice, less than nothing, or more than is owed.
pub fn by_instruction(
    items: &[OpenItem],
    amount: Amount,
    instructions: &[Instruction],
) -> Result<Proposal, AllocationError> {
    let mut named = BTreeSet::new();
    let mut left = amount;
    let mut allocations = Vec::new();
    for Instruction {
        invoice,
        amount: asked,
    } in instructions
    {
        let invoice = invoice.clone();
        let Some(item) = items.iter().find(|item| item.invoice == invoice) else {
            return Err(AllocationError::UnknownInvoice { invoice });
        };
        if !named.insert(&item.invoice) {
            return Err(AllocationError::TwiceSameInvoice { invoice });
        }
        let open = item.open.max(Amount::ZERO);
        let asked = asked.unwrap_or(open);
        if asked.is_negative() {
            return Err(AllocationError::Negative { invoice });
        }
        if asked > open {
            return Err(AllocationError::MoreThanOpen {
                invoice,
                open: item.open,
            });
        }
        let taken = asked.min(left).max(Amount::ZERO);
        left -= taken;
        if !taken.is_zero() {
            allocations.push(Allocation {
                invoice,
                amount: taken,
            });
        }
    }
    Ok(Proposal {
        rule: Rule::Instruction,
        allocations,
        on_account: left,
    })
}
