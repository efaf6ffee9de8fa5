//! Signed papers: the invoice's discharge and the delivery slip (PRODUCT D1, D2).
//!
//! Of several facts about one paper the latest by date, then by id, is the state, whatever order they come in.

use super::{DischargeState, Dossier, Event, EventKind, Invoice, SlipState};
use crate::fact::{Authored, Discharge, DischargeOutcome, Flag, SlipReturn};
use crate::{FactId, InvoiceNumber};
use chrono::NaiveDate;

impl Dossier {
    pub(super) fn discharge(&mut self, authored: &Authored, discharge: &Discharge) -> Vec<Flag> {
        let what = EventKind::Discharge {
            invoice: discharge.invoice.clone(),
            outcome: discharge.outcome.clone(),
        };
        self.log(Event::new(authored, what, discharge.attachments.clone()));
        let Some(invoice) = self.invoice_mut(&discharge.invoice) else {
            return vec![Flag::UnknownInvoice];
        };
        if invoice.discharge_gives_way_to(authored.fact_id, discharge) {
            let (fact, date) = (authored.fact_id, discharge.date);
            invoice.discharge = match &discharge.outcome {
                DischargeOutcome::Discharged { signer, .. } => DischargeState::Discharged {
                    fact: Some(fact),
                    date: Some(date),
                    signer: Some(signer.clone()),
                },
                DischargeOutcome::Refused { reason } => DischargeState::Refused {
                    fact,
                    date,
                    reason: reason.clone(),
                },
            };
        }
        Vec::new()
    }

    /// A slip other than the one the ledger names is kept in the timeline and flagged; the expected one stays expected.
    pub(super) fn return_slip(&mut self, authored: &Authored, returned: &SlipReturn) -> Vec<Flag> {
        let what = EventKind::SlipReturn {
            invoice: returned.invoice.clone(),
            slip: returned.slip.clone(),
            signer: returned.signer.clone(),
            reserves: returned.reserves.clone(),
        };
        self.log(Event::new(authored, what, returned.attachments.clone()));
        let Some(invoice) = self.invoice_mut(&returned.invoice) else {
            return vec![Flag::UnknownInvoice];
        };
        let this_one = match &invoice.slip {
            SlipState::None => true,
            SlipState::Expected { slip } | SlipState::Returned { slip, .. } => {
                same_slip(slip, &returned.slip)
            }
        };
        if !this_one {
            return vec![Flag::UnknownReference];
        }
        let (fact, date) = (authored.fact_id, returned.date);
        let known_later = matches!(&invoice.slip, SlipState::Returned { fact: kept, date: on, .. } if (*on, *kept) > (date, fact));
        if !known_later {
            invoice.slip = SlipState::Returned {
                slip: returned.slip.clone(),
                fact,
                date,
            };
        }
        Vec::new()
    }

    pub(super) fn invoice_mut(&mut self, number: &InvoiceNumber) -> Option<&mut Invoice> {
        self.invoices
            .iter_mut()
            .find(|invoice| invoice.number == *number)
    }
}

impl Invoice {
    /// What the ledger's *Décharge* column says on `date`: it never takes back what was signed in the field, and it
    /// overrides a refusal only when it is not older.
    pub(crate) fn ledger_says_discharged(&mut self, discharged: bool, date: NaiveDate) {
        let by_ledger = DischargeState::Discharged {
            fact: None,
            date: None,
            signer: None,
        };
        self.discharge = match (&self.discharge, discharged) {
            (DischargeState::ToDeposit, true) => by_ledger,
            (DischargeState::Refused { date: refused, .. }, true) if *refused <= date => by_ledger,
            (DischargeState::Discharged { fact: None, .. }, false) => DischargeState::ToDeposit,
            _ => return,
        };
    }

    /// The slip the ledger names. An empty text takes back an expectation, never a returned slip.
    pub(crate) fn ledger_names_slip(&mut self, named: &str) {
        let named = named.trim();
        match &self.slip {
            SlipState::Returned { slip, .. } if named.is_empty() || same_slip(slip, named) => {}
            _ if named.is_empty() => self.slip = SlipState::None,
            _ => {
                self.slip = SlipState::Expected {
                    slip: named.to_owned(),
                }
            }
        }
    }

    fn discharge_gives_way_to(&self, fact: FactId, discharge: &Discharge) -> bool {
        match &self.discharge {
            DischargeState::ToDeposit => true,
            DischargeState::Refused {
                fact: kept, date, ..
            }
            | DischargeState::Discharged {
                fact: Some(kept),
                date: Some(date),
                ..
            } => (discharge.date, fact) > (*date, *kept),
            // A signature tells more than the ledger's *Oui*; a refusal counts only if the ledger spoke before it.
            DischargeState::Discharged { .. } => {
                matches!(discharge.outcome, DischargeOutcome::Discharged { .. })
                    || discharge.date > self.settled_on
            }
        }
    }
}

fn same_slip(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}
