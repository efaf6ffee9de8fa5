//! Which invoices a payment settles (PRODUCT C2): a proposal, and the check of what the collector made of it.

mod credit;
mod propose;
mod subset;

pub use credit::{CreditUse, OpenCredit, use_credits};

pub use propose::{Instruction, by_instruction, exact_match, oldest_first, propose};
pub use subset::{SUBSET_CANDIDATES_MAX, SUBSET_MAX, subset_match};

use crate::fact::Allocation;
use crate::order;
use crate::{Amount, Currency, InvoiceNumber};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// An invoice a payment can be set against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    pub invoice: InvoiceNumber,
    pub due_date: NaiveDate,
    pub open: Amount,
    /// Costs or interest: where the client says nothing else, they are paid before any invoice (DOMAIN §4).
    pub charges: bool,
}

/// How a payment could be spread; the allocations and what stays on account add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub rule: Rule,
    pub allocations: Vec<Allocation>,
    pub on_account: Amount,
}

/// Why a proposal spreads a payment as it does (PRODUCT C6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The client said what the money is for.
    Instruction,
    /// One invoice owes exactly this.
    ExactMatch,
    /// A few invoices together owe exactly this.
    SubsetMatch,
    OldestFirst,
}

/// The collector's allocations cannot stand as they are; each names the line to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    #[error("invoice {invoice} owes {open}: allocate at most that, the rest stays on account")]
    MoreThanOpen {
        invoice: InvoiceNumber,
        open: Amount,
    },
    #[error("{allocated} is allocated, but only {amount} was paid: take {} off", *.allocated - *.amount)]
    MoreThanPaid { allocated: Amount, amount: Amount },
    #[error("invoice {invoice}: an allocation cannot be negative")]
    Negative { invoice: InvoiceNumber },
    #[error("invoice {invoice} is not among this client's open invoices")]
    UnknownInvoice { invoice: InvoiceNumber },
    #[error("invoice {invoice} has two allocations: make them one")]
    TwiceSameInvoice { invoice: InvoiceNumber },
    #[error("{amount} is finer than {currency} allows ({} decimals)", .currency.scale())]
    FinerThanCurrency {
        /// `None` when the amount paid itself is too fine.
        invoice: Option<InvoiceNumber>,
        amount: Amount,
        currency: Currency,
    },
}

/// Checks what the collector entered and returns what stays on account. An allocation of zero is allowed and means none.
///
/// # Errors
/// The first line at fault, in the order given; then the sum.
pub fn check(
    items: &[OpenItem],
    allocations: &[Allocation],
    amount: Amount,
    currency: Currency,
) -> Result<Amount, AllocationError> {
    if !currency.fits(amount) {
        return Err(AllocationError::FinerThanCurrency {
            invoice: None,
            amount,
            currency,
        });
    }
    let mut seen = BTreeSet::new();
    let mut allocated = Amount::ZERO;
    for Allocation {
        invoice,
        amount: part,
    } in allocations
    {
        let (invoice, part) = (invoice.clone(), *part);
        let Some(item) = items.iter().find(|item| item.invoice == invoice) else {
            return Err(AllocationError::UnknownInvoice { invoice });
        };
        if !seen.insert(&item.invoice) {
            return Err(AllocationError::TwiceSameInvoice { invoice });
        }
        if part.is_negative() {
            return Err(AllocationError::Negative { invoice });
        }
        if !currency.fits(part) {
            return Err(AllocationError::FinerThanCurrency {
                invoice: Some(invoice),
                amount: part,
                currency,
            });
        }
        if part > item.open.max(Amount::ZERO) {
            return Err(AllocationError::MoreThanOpen {
                invoice,
                open: item.open,
            });
        }
        allocated += part;
    }
    if allocated > amount {
        return Err(AllocationError::MoreThanPaid { allocated, amount });
    }
    Ok(amount - allocated)
}

/// Those that owe something: costs and interest, then the rest; each by due date, then number.
fn owing_oldest_first(items: &[OpenItem]) -> Vec<&OpenItem> {
    let mut owing: Vec<&OpenItem> = items
        .iter()
        .filter(|item| item.open.is_positive())
        .collect();
    order::sort_by(&mut owing, |a, b| {
        (!a.charges, a.due_date, &a.invoice).cmp(&(!b.charges, b.due_date, &b.invoice))
    });
    owing
}
