//! The ledger of what dossiers know.

use super::builder::{Account, Entry, Instalment, LedgerBuilder, LedgerError, Part, Settlement};
use super::ledger::{EntryKind, Ledger};
use crate::dossier::{Dossier, Invoice, InvoiceKind, ReceivedPayment};
use crate::fold::fold;
use crate::{Amount, Currency};

/// Headings, folded, under which ledgers name the agency a client belongs to.
const AGENCY_HEADINGS: [&str; 4] = ["agence", "succursale", "agency", "branch"];

impl Ledger {
    /// Everything in `currency` of these dossiers, clients in the order given.
    ///
    /// # Errors
    /// [`LedgerError`] names the invoice or receipt that cannot be counted.
    pub fn of<'a>(
        dossiers: impl IntoIterator<Item = &'a Dossier>,
        currency: Currency,
    ) -> Result<Self, LedgerError> {
        let mut builder = LedgerBuilder::new(currency);
        for dossier in dossiers {
            let client = &dossier.client;
            let collector = client.portfolio.as_ref().map_or("", |code| code.as_str());
            builder.account(&Account {
                code: client.code.as_str(),
                name: &client.name,
                agency: dossier.agency(),
                collector,
            });
            let invoices = dossier.invoices.iter();
            for invoice in invoices.filter(|invoice| invoice.currency == currency) {
                add_invoice(&mut builder, invoice)?;
            }
            let payments = dossier.payments.iter();
            for payment in payments.filter(|payment| payment.currency == currency) {
                add_on_account(&mut builder, payment)?;
            }
        }
        Ok(builder.finish())
    }
}

impl Dossier {
    /// The agency the ledger names among the client's details; empty when it names none.
    pub fn agency(&self) -> &str {
        let mut details = self.client.details.iter();
        let agency = details.find(|detail| AGENCY_HEADINGS.contains(&fold(&detail.name).trim()));
        agency.map_or("", |detail| detail.value.trim())
    }
}

/// *Réglé* is known as of its statement only, so that what it holds of no field payment counts on every day; what it holds
/// of a field payment counts from that payment's day ([`Invoice::open_as_of`]).
fn add_invoice(builder: &mut LedgerBuilder, invoice: &Invoice) -> Result<(), LedgerError> {
    let booked: Amount = invoice.allocations.iter().map(|kept| kept.booked).sum();
    let undated = Settlement {
        date: None,
        amount: invoice.settled - booked,
    };
    let dated = invoice.allocations.iter().map(|kept| Settlement {
        date: Some(kept.date),
        amount: if kept.effective {
            kept.amount
        } else {
            kept.booked
        },
    });
    let settlements: Vec<Settlement> = std::iter::once(undated)
        .chain(dated)
        .filter(|settlement| !settlement.amount.is_zero())
        .collect();
    builder.entry(&Entry {
        reference: invoice.number.as_str(),
        kind: match invoice.kind {
            InvoiceKind::Invoice => EntryKind::Invoice,
            InvoiceKind::CreditNote => EntryKind::CreditNote,
        },
        issued: invoice.invoice_date,
        net: invoice.net,
        parts: &[Part {
            activity: &invoice.activity,
            gross: invoice.gross,
        }],
        instalments: &[Instalment {
            due: invoice.due_date,
            amount: invoice.gross,
        }],
        settlements: &settlements,
        marks: &[],
        statement: Some(invoice.settled_on),
    })
}

fn add_on_account(
    builder: &mut LedgerBuilder,
    payment: &ReceivedPayment,
) -> Result<(), LedgerError> {
    let credit = -payment.effective_on_account();
    if credit.is_zero() {
        return Ok(());
    }
    builder.entry(&Entry {
        reference: &payment.receipt.to_string(),
        kind: EntryKind::OnAccount,
        issued: payment.date,
        net: credit,
        parts: &[Part {
            activity: "",
            gross: credit,
        }],
        instalments: &[Instalment {
            due: payment.date,
            amount: credit,
        }],
        settlements: &[],
        marks: &[],
        statement: None,
    })
}
