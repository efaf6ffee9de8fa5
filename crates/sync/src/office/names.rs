//! What arriving facts name, to be looked up at once, and what the office knows of it.

use super::Examined;
use super::place::Known;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::{FactBody, PaymentMethod};
use tournee_domain::{ClientCode, Dossier, FactId, ReceiptNumber, UserId};

/// What arriving facts name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub ids: Vec<FactId>,
    pub clients: Vec<ClientCode>,
    pub receipts: Vec<String>,
    pub transactions: Vec<String>,
    /// Payments that are reversed.
    pub reversed: Vec<FactId>,
}

/// What of it the office holds: everything the decisions rest on.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    pub ids: BTreeMap<FactId, Known>,
    pub places: BTreeMap<u64, Known>,
    pub receipts: BTreeSet<String>,
    pub transactions: BTreeSet<String>,
    /// Whose device took each of those payments.
    pub takers: BTreeMap<FactId, UserId>,
    pub dossiers: BTreeMap<ClientCode, Dossier>,
}

impl Names {
    pub fn of<'f>(facts: impl Iterator<Item = &'f Examined>) -> Self {
        let mut names = Self::default();
        for text in facts.filter_map(|fact| fact.text.as_ref().ok()) {
            names.ids.push(text.fact_id);
            let Ok(body) = text.read_body() else { continue };
            names.clients.extend(body.client().cloned());
            names
                .receipts
                .extend(body.receipt().map(ReceiptNumber::to_string));
            names.transactions.extend(operator_transaction(&body));
            if let FactBody::PaymentReversed(reversed) = &body {
                names.reversed.push(reversed.payment);
            }
        }
        names
    }
}

/// Operator and transaction number, without the differences that people type.
pub fn operator_transaction(body: &FactBody) -> Option<String> {
    let FactBody::Payment(payment) = body else {
        return None;
    };
    let PaymentMethod::MobileMoney {
        operator,
        transaction,
        ..
    } = &payment.method
    else {
        return None;
    };
    let folded = format!("{} {}", operator.trim(), transaction.trim()).to_lowercase();
    (!transaction.trim().is_empty()).then_some(folded)
}
