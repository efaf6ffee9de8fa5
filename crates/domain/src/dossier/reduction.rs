//! What reduces an invoice beside the field's payments: waivers, withheld taxes, credit notes.

use super::{Dossier, Event, EventKind, Invoice};
use crate::fact::{AmountWaived, Authored, Flag, Payment, Waiver, WithholdingAttested};
use crate::{Amount, FactId, InvoiceNumber};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One such reduction; as an allocation, part of it may be in the ledger's *Réglé* already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reduction {
    pub fact: FactId,
    pub date: NaiveDate,
    pub what: ReductionKind,
    /// What the invoice owes less by it. Negative where it takes an earlier one back, and on a credit note that is used up.
    pub amount: Amount,
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub booked: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReductionKind {
    Waived {
        why: Waiver,
        /// Within the amount.
        vat: Amount,
    },
    /// Does not count before it is attested (DOMAIN §3).
    Withheld {
        tax: String,
        attestation: Option<Attestation>,
    },
    /// Set against a credit note; on the credit note itself, against an invoice.
    Offset { with: InvoiceNumber },
}

/// The paper that proves a withheld tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    pub fact: FactId,
    pub number: String,
    pub date: NaiveDate,
}

impl Reduction {
    /// Since when it counts; `None` for a withheld tax without attestation.
    pub fn counts_from(&self) -> Option<NaiveDate> {
        match &self.what {
            ReductionKind::Withheld { attestation, .. } => {
                let attested = attestation.as_ref().map(|paper| paper.date);
                attested.map(|date| date.max(self.date))
            }
            _ => Some(self.date),
        }
    }

    /// What of it counts and is not in *Réglé* yet.
    pub fn unbooked(&self) -> Amount {
        match self.counts_from() {
            Some(_) => self.amount - self.booked,
            None => Amount::ZERO,
        }
    }
}

impl Invoice {
    /// Taxes the client kept back without having proved it at the end of `as_of` (*retenue sans attestation*): part of
    /// what is open, aged in a column of its own (DOMAIN §3).
    pub fn withheld_unattested(&self, as_of: NaiveDate) -> Amount {
        let pending = self.reductions.iter().filter(|reduction| {
            let withheld = matches!(reduction.what, ReductionKind::Withheld { .. });
            let counts = reduction.counts_from().is_some_and(|from| from <= as_of);
            withheld && reduction.date <= as_of && !counts
        });
        pending.map(|tax| tax.amount - tax.booked).sum()
    }

    fn has_reduction(&self, fact: FactId) -> bool {
        self.reductions.iter().any(|kept| kept.fact == fact)
    }

    /// Drops what `payment` said was withheld: of one that is not true. What is attested stays.
    pub(super) fn drop_unattested(&mut self, payment: FactId) {
        let pending = |kept: &Reduction| kept.fact == payment && kept.counts_from().is_none();
        self.reductions
            .retain(|kept| !pending(kept) || !kept.booked.is_zero());
    }
}

impl Dossier {
    /// Notes on their invoices the taxes a payment came without.
    pub(super) fn withhold(&mut self, fact: FactId, payment: &Payment) -> Vec<Flag> {
        let mut flags = Vec::new();
        for withheld in &payment.withheld {
            let Some(invoice) = self.invoice_mut(&withheld.invoice) else {
                flags.push(Flag::UnknownInvoice);
                continue;
            };
            if invoice.currency != payment.currency {
                flags.push(Flag::CurrencyMismatch);
                continue;
            }
            if !withheld.amount.is_positive() || !payment.currency.fits(withheld.amount) {
                flags.push(Flag::AmountInvalid);
                continue;
            }
            if withheld.amount > invoice.open() - invoice.withheld_unattested(payment.date) {
                flags.push(Flag::OverAllocated);
            }
            invoice.reductions.push(Reduction {
                fact,
                date: payment.date,
                what: ReductionKind::Withheld {
                    tax: withheld.tax.clone(),
                    attestation: None,
                },
                amount: withheld.amount,
                booked: Amount::ZERO,
            });
        }
        flags
    }

    pub(super) fn attest(
        &mut self,
        authored: &Authored,
        attested: &WithholdingAttested,
    ) -> Vec<Flag> {
        let what = EventKind::WithholdingAttested {
            invoice: attested.invoice.clone(),
            tax: attested.tax.clone(),
            number: attested.number.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let Some(invoice) = self.invoice_mut(&attested.invoice) else {
            return vec![Flag::UnknownInvoice];
        };
        let open = invoice.open();
        for reduction in &mut invoice.reductions {
            let ReductionKind::Withheld { tax, attestation } = &mut reduction.what else {
                continue;
            };
            if reduction.fact != attested.payment || *tax != attested.tax {
                continue;
            }
            return match attestation {
                Some(paper) if paper.fact == authored.fact_id => Vec::new(),
                Some(_) => vec![Flag::StaleBase],
                None => {
                    *attestation = Some(Attestation {
                        fact: authored.fact_id,
                        number: attested.number.clone(),
                        date: attested.date,
                    });
                    // Somebody paid what was kept back: the client has it to the good.
                    match reduction.unbooked() > open {
                        true => vec![Flag::OverAllocated],
                        false => Vec::new(),
                    }
                }
            };
        }
        vec![Flag::UnknownReference]
    }

    /// At most what is open is let go, and at most what was let go is taken back.
    pub(super) fn waive(&mut self, authored: &Authored, waived: &AmountWaived) -> Vec<Flag> {
        let what = EventKind::AmountWaived {
            invoice: waived.invoice.clone(),
            why: waived.why,
            amount: waived.amount,
        };
        self.log(Event::new(authored, what, Vec::new()));
        let Some(invoice) = self.invoice_mut(&waived.invoice) else {
            return vec![Flag::UnknownInvoice];
        };
        if invoice.has_reduction(authored.fact_id) {
            return Vec::new();
        }
        let fits = |amount: Amount| invoice.currency.fits(amount);
        let within = waived.vat.0.abs() <= waived.amount.0.abs()
            && (waived.vat.is_zero() || waived.vat.is_negative() == waived.amount.is_negative());
        if waived.amount.is_zero() || !fits(waived.amount) || !fits(waived.vat) || !within {
            return vec![Flag::AmountInvalid];
        }
        let same = |kept: &&Reduction| matches!(kept.what, ReductionKind::Waived { why, .. } if why == waived.why);
        let before: Amount = invoice
            .reductions
            .iter()
            .filter(same)
            .map(|kept| kept.amount)
            .sum();
        let most = invoice.open().max(Amount::ZERO);
        if waived.amount > most || waived.amount < -before {
            return vec![Flag::OverAllocated];
        }
        invoice.reductions.push(Reduction {
            fact: authored.fact_id,
            date: waived.date,
            what: ReductionKind::Waived {
                why: waived.why,
                vat: waived.vat,
            },
            amount: waived.amount,
            booked: Amount::ZERO,
        });
        Vec::new()
    }
}
