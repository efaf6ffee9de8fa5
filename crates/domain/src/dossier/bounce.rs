//! A cheque comes back unpaid (DOMAIN §1.2, entry 4).

use super::{AccountMove, Dossier, Event, EventKind};
use crate::fact::{Authored, ChequeBounced, Flag, PaymentMethod};
use crate::{Amount, FactId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// When and why the bank returned a payment's cheque.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    pub fact: FactId,
    pub date: NaiveDate,
    pub author: String,
    pub reason: String,
}

impl Dossier {
    /// What the cheque settled is owed again from the day it bounced, with its due date as it always was; figures of the
    /// days before stay as they were. What accounting holds of it already stays *booked* until a statement takes it back.
    pub(super) fn bounce(&mut self, authored: &Authored, bounced: &ChequeBounced) -> Vec<Flag> {
        let id = bounced.payment;
        let payment = self.payments.iter_mut().find(|kept| kept.id == id);
        let what = EventKind::ChequeBounced {
            receipt: bounced.receipt.clone(),
            money: payment
                .as_ref()
                .map(|payment| (payment.currency, payment.amount)),
            reason: bounced.reason.clone(),
        };
        let event = Event::new(authored, what, Vec::new());
        let flags = match payment {
            None => vec![Flag::UnknownReference],
            Some(payment) if !matches!(payment.method, PaymentMethod::Cheque { .. }) => {
                vec![Flag::UnknownReference]
            }
            Some(payment) => match &payment.bounced {
                Some(known) if known.fact == authored.fact_id => Vec::new(),
                Some(_) => vec![Flag::AlreadyReversed],
                None if payment.reversed.is_some() => vec![Flag::AlreadyReversed],
                None => {
                    let date = bounced.date.max(payment.date);
                    payment.bounced = Some(Bounce {
                        fact: authored.fact_id,
                        date,
                        author: authored.author.clone(),
                        reason: bounced.reason.clone(),
                    });
                    let amount = std::mem::replace(&mut payment.on_account, Amount::ZERO);
                    payment.moves.push(AccountMove {
                        fact: authored.fact_id,
                        date,
                        amount: -amount,
                    });
                    for invoice in &mut self.invoices {
                        let all = invoice.put_by(id);
                        invoice.undo(id, authored.fact_id, date, all);
                        invoice.drop_unattested(id);
                    }
                    Vec::new()
                }
            },
        };
        self.log(event);
        flags
    }
}
