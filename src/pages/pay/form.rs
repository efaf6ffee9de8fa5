//! What is typed for one payment, as it lies in the device's drafts, and what is wrong with it.

use super::allocation::Allocations;
use crate::components::{FieldError, Photo};
use crate::locales::Texts;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tournee_domain::allocation::{AllocationError, OpenItem, check};
use tournee_domain::fact::{Denomination, PaymentMethod, Person};
use tournee_domain::order;
use tournee_domain::pack::MethodKind;
use tournee_domain::parse::{self, ParseAmountError};
use tournee_domain::{Amount, Currency, FactId, InvoiceNumber};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Edit,
    Confirm,
}

/// A cheque dated further ahead is a slip of the keyboard.
const CHEQUE_AHEAD_DAYS_MAX: u64 = 366;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayForm {
    /// Made when the form opened: confirming twice records once (SYNC 2).
    pub fact_id: FactId,
    /// As [`PaymentMethod::code`] names it.
    pub method: String,
    pub amount: String,
    /// Notes and coins by face value, as typed.
    pub counts: BTreeMap<String, String>,
    pub bank: String,
    pub cheque_number: String,
    pub drawer: String,
    /// `2026-11-24`
    pub cheque_date: String,
    /// Front and back.
    #[serde(default)]
    pub photos: Vec<Photo>,
    pub reference: String,
    pub operator: String,
    pub phone: String,
    pub transaction: String,
    pub payer_name: String,
    pub payer_function: String,
    pub note: String,
    /// Amounts by invoice as typed; `None` while it is spread as proposed.
    pub by_hand: Option<BTreeMap<InvoiceNumber, String>>,
    /// The key of the rule by which a tax is kept back; empty for none.
    #[serde(default)]
    pub withheld_rule: String,
    /// Amounts kept back by invoice, where they are not as proposed.
    #[serde(default)]
    pub withheld: BTreeMap<InvoiceNumber, String>,
}

impl PayForm {
    pub fn new(fact_id: FactId, today: NaiveDate) -> Self {
        Self {
            fact_id,
            method: "cash".to_owned(),
            amount: String::new(),
            counts: BTreeMap::new(),
            bank: String::new(),
            cheque_number: String::new(),
            drawer: String::new(),
            cheque_date: today.to_string(),
            photos: Vec::new(),
            reference: String::new(),
            operator: String::new(),
            phone: String::new(),
            transaction: String::new(),
            payer_name: String::new(),
            payer_function: String::new(),
            note: String::new(),
            by_hand: None,
            withheld_rule: String::new(),
            withheld: BTreeMap::new(),
        }
    }

    pub fn amount(&self, currency: Currency) -> Result<Amount, ParseAmountError> {
        parse::amount(&self.amount, currency)
    }

    /// What was counted, largest first; faces without a count are left out.
    pub fn denominations(&self) -> Vec<Denomination> {
        let mut counted: Vec<Denomination> = self
            .counts
            .iter()
            .filter_map(|(face, count)| {
                let (face, count) = (face.parse().ok()?, count.trim().parse().ok()?);
                (count > 0).then_some(Denomination { face, count })
            })
            .collect();
        order::sort_by_key(&mut counted, |line| std::cmp::Reverse(line.face));
        counted
    }

    pub fn counted(&self) -> Amount {
        self.denominations()
            .iter()
            .map(|line| Amount(line.face.0 * Amount::from(i64::from(line.count)).0))
            .sum()
    }

    pub fn method_kind(&self) -> MethodKind {
        match self.method.as_str() {
            "cheque" => MethodKind::Cheque,
            "transfer" => MethodKind::Transfer,
            "mobile_money" => MethodKind::MobileMoney,
            _ => MethodKind::Cash,
        }
    }

    /// `None` while a date is unreadable.
    pub fn payment_method(&self) -> Option<PaymentMethod> {
        let text = |text: &str| text.trim().to_owned();
        Some(match self.method.as_str() {
            "cheque" => PaymentMethod::Cheque {
                bank: text(&self.bank),
                number: text(&self.cheque_number),
                drawer: text(&self.drawer),
                date: self.cheque_date.parse().ok()?,
            },
            "transfer" => PaymentMethod::Transfer {
                bank: text(&self.bank),
                reference: text(&self.reference),
            },
            "mobile_money" => PaymentMethod::MobileMoney {
                operator: text(&self.operator),
                phone: text(&self.phone),
                transaction: text(&self.transaction),
            },
            _ => PaymentMethod::Cash {
                denominations: self.denominations(),
            },
        })
    }

    /// Photos belong to the cheque: another method leaves them in the draft.
    pub fn cheque_photos(&self) -> &[Photo] {
        if self.method == "cheque" {
            &self.photos
        } else {
            &[]
        }
    }

    pub fn payer(&self) -> Option<Person> {
        let name = self.payer_name.trim();
        (!name.is_empty()).then(|| Person {
            name: name.to_owned(),
            function: self.payer_function.trim().to_owned(),
        })
    }

    /// Everything to correct, from the top of the form down.
    pub fn errors(
        &self,
        t: Texts,
        currency: Currency,
        today: NaiveDate,
        items: &[OpenItem],
        allocations: &Allocations,
    ) -> Vec<FieldError> {
        let mut found = Vec::new();
        let amount = match self.amount(currency) {
            Ok(amount) if amount.is_positive() => Some(amount),
            Ok(_) => {
                found.push(FieldError::new("amount", t.amount_positive()));
                None
            }
            Err(error) => {
                found.push(FieldError::new("amount", t.amount_error(error)));
                None
            }
        };
        self.method_errors(t, today, amount, &mut found);
        if let Some(amount) = amount {
            if let Some(invoice) = allocations.unreadable.first() {
                found.push(FieldError::new(
                    ["alloc-", invoice.as_str()].concat(),
                    t.alloc_unreadable(invoice.as_str()),
                ));
            } else if let Err(error) = check(items, &allocations.list(), amount, currency) {
                found.push(allocation_error(t, &error, currency));
            }
        }
        found
    }

    fn method_errors(
        &self,
        t: Texts,
        today: NaiveDate,
        amount: Option<Amount>,
        found: &mut Vec<FieldError>,
    ) {
        let mut required = |id: &'static str, text: &str, message: &'static str| {
            if text.trim().is_empty() {
                found.push(FieldError::new(id, message));
            }
        };
        match self.method.as_str() {
            "cheque" => {
                required("cheque-bank", &self.bank, t.cheque_bank_missing());
                required(
                    "cheque-number",
                    &self.cheque_number,
                    t.cheque_number_missing(),
                );
                required("cheque-drawer", &self.drawer, t.cheque_drawer_missing());
                let latest = today
                    .checked_add_days(Days::new(CHEQUE_AHEAD_DAYS_MAX))
                    .unwrap_or(today);
                match self.cheque_date.parse::<NaiveDate>() {
                    Ok(date) if date <= latest => {}
                    _ => found.push(FieldError::new("cheque-date", t.cheque_date_wrong())),
                }
            }
            "transfer" => {
                required("transfer-bank", &self.bank, t.transfer_bank_missing());
                required(
                    "transfer-reference",
                    &self.reference,
                    t.transfer_reference_missing(),
                );
            }
            "mobile_money" => {
                required(
                    "mobile-operator",
                    &self.operator,
                    t.mobile_operator_missing(),
                );
                required("mobile-phone", &self.phone, t.mobile_phone_missing());
                required(
                    "mobile-transaction",
                    &self.transaction,
                    t.mobile_transaction_missing(),
                );
            }
            _ => {
                let counted = self.counted();
                if counted.is_positive() && amount.is_some_and(|amount| amount != counted) {
                    found.push(FieldError::new("cash-counted", t.cash_differs()));
                }
            }
        }
    }
}

fn allocation_error(t: Texts, error: &AllocationError, currency: Currency) -> FieldError {
    let on = |invoice: &InvoiceNumber, message: String| {
        FieldError::new(["alloc-", invoice.as_str()].concat(), message)
    };
    match error {
        AllocationError::MoreThanOpen { invoice, open } => on(
            invoice,
            t.alloc_more_than_open(invoice.as_str(), &t.money(*open, currency)),
        ),
        AllocationError::MoreThanPaid { allocated, amount } => FieldError::new(
            "allocations",
            t.alloc_more_than_paid(&t.money(*allocated, currency), &t.money(*amount, currency)),
        ),
        AllocationError::Negative { invoice }
        | AllocationError::UnknownInvoice { invoice }
        | AllocationError::TwiceSameInvoice { invoice } => {
            on(invoice, t.alloc_unreadable(invoice.as_str()))
        }
        AllocationError::FinerThanCurrency {
            invoice: Some(invoice),
            ..
        } => on(invoice, t.alloc_unreadable(invoice.as_str())),
        AllocationError::FinerThanCurrency { invoice: None, .. } => {
            FieldError::new("amount", t.amount_too_fine())
        }
    }
}

impl Texts {
    pub fn amount_error(self, error: ParseAmountError) -> &'static str {
        match error {
            ParseAmountError::Empty => self.amount_missing(),
            ParseAmountError::NotANumber => self.amount_not_number(),
            ParseAmountError::Unclear => self.amount_unclear(),
            ParseAmountError::NoSubunit => self.amount_no_subunit(),
            ParseAmountError::TooFine => self.amount_too_fine(),
            ParseAmountError::TooLong => self.amount_too_long(),
        }
    }
}
