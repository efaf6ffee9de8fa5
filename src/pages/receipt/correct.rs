//! Putting a payment right by a further fact: taken back with the next number of the series (SYNC 32), moved to the day it
//! was taken where a device's clock was wrong (SYNC 8), or marked unpaid when the bank returns its cheque (DOMAIN §1.2).

use crate::locales::Texts;
use crate::pages::act::{Act, AskedDay, AskedText, ids};
use chrono::NaiveDate;
use std::sync::Arc;
use tournee_domain::fact::{ChequeBounced, PaymentRedated, PaymentReversed};
use tournee_domain::{Amount, ClientCode, Currency, FactBody, FactId, ReceiptNumber};

/// The payment that is put right.
#[derive(Clone, PartialEq)]
pub struct Correctable {
    pub client: ClientCode,
    pub payment: FactId,
    pub receipt: ReceiptNumber,
    pub date: NaiveDate,
    pub currency: Currency,
    pub amount: Amount,
    /// A bank may return it.
    pub is_cheque: bool,
}

impl Correctable {
    fn draft(&self, how: &str) -> String {
        [how, ":", &self.payment.to_string()].concat()
    }

    fn reason(t: Texts, suggestions: &'static str) -> AskedText {
        AskedText {
            label: t.reverse_reason(),
            suggestions,
            missing: Some(t.reverse_reason_missing()),
        }
    }

    pub fn reverse(self, t: Texts, today: NaiveDate) -> Act {
        let receipt = self.receipt.to_string();
        Act {
            ids: ids!("reverse"),
            draft: self.draft("reversing"),
            title: t.reverse_begin(),
            explained: t.reverse_explained(&receipt, &t.money(self.amount, self.currency)),
            day: None,
            text: Self::reason(t, t.reverse_reasons_list()),
            save: t.reverse_save(),
            body: Arc::new(move |_, reason| {
                FactBody::PaymentReversed(PaymentReversed {
                    client: self.client.clone(),
                    payment: self.payment,
                    reverses: self.receipt.clone(),
                    receipt: ReceiptNumber::to_come(),
                    date: today,
                    currency: self.currency,
                    amount: self.amount,
                    reason,
                })
            }),
        }
    }

    pub fn redate(self, t: Texts, today: NaiveDate) -> Act {
        let from = self.date;
        Act {
            ids: ids!("redate"),
            draft: self.draft("redating"),
            title: t.redate_begin(),
            explained: t.redate_explained(&self.receipt.to_string(), &t.date(from)),
            day: Some(AskedDay {
                label: t.redate_date(),
                proposed: from,
                accepts: Arc::new(move |day| day <= today && day != from),
                wrong: t.redate_wrong(),
            }),
            text: Self::reason(t, t.redate_reasons_list()),
            save: t.redate_save(),
            body: Arc::new(move |to, reason| {
                FactBody::PaymentRedated(PaymentRedated {
                    client: self.client.clone(),
                    payment: self.payment,
                    receipt: self.receipt.clone(),
                    from,
                    to,
                    reason,
                })
            }),
        }
    }

    /// `owed_again` names the invoices that the cheque settled.
    pub fn bounce(self, t: Texts, today: NaiveDate, owed_again: &str) -> Act {
        let (receipt, taken) = (self.receipt.to_string(), self.date);
        let amount = t.money(self.amount, self.currency);
        Act {
            ids: ids!("bounce"),
            draft: self.draft("bouncing"),
            title: t.bounce_begin(),
            explained: match owed_again {
                "" => t.bounce_explained_account(&receipt, &amount),
                invoices => t.bounce_explained(&receipt, &amount, invoices),
            },
            day: Some(AskedDay {
                label: t.bounce_date(),
                proposed: today,
                accepts: Arc::new(move |day| day <= today && day >= taken),
                wrong: t.bounce_wrong(),
            }),
            text: Self::reason(t, t.bounce_reasons_list()),
            save: t.bounce_save(),
            body: Arc::new(move |date, reason| {
                FactBody::ChequeBounced(ChequeBounced {
                    client: self.client.clone(),
                    payment: self.payment,
                    receipt: self.receipt.clone(),
                    date,
                    reason,
                })
            }),
        }
    }
}
