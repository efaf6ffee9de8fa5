//! The ledger of what dossiers know.

use super::builder::{
    Account, Entry, Instalment, LedgerBuilder, LedgerError, Mark, Part, Settlement,
};
use super::ledger::{EntryKind, Ledger, MarkKind};
use crate::dossier::{Dossier, Invoice, InvoiceKind, ReceivedPayment, Reduction, ReductionKind};
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
            builder.dossier(dossier)?;
        }
        Ok(builder.finish())
    }
}

impl LedgerBuilder {
    /// Adds a client and everything in the ledger's currency of the dossier.
    ///
    /// # Errors
    /// [`LedgerError`] names the invoice or receipt that cannot be counted.
    pub fn dossier(&mut self, dossier: &Dossier) -> Result<(), LedgerError> {
        let client = &dossier.client;
        let collector = client.portfolio.as_ref().map_or("", |code| code.as_str());
        self.account(&Account {
            code: client.code.as_str(),
            name: &client.name,
            agency: dossier.agency(),
            collector,
        });
        let currency = self.currency();
        let invoices = dossier.invoices.iter();
        for invoice in invoices.filter(|invoice| invoice.currency == currency) {
            add_invoice(self, invoice)?;
        }
        let payments = dossier.payments.iter();
        for payment in payments.filter(|payment| payment.currency == currency) {
            add_on_account(self, payment)?;
        }
        Ok(())
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

/// *Réglé* is known as of its statement only, so that what it holds of nothing recorded counts on every day; everything
/// else counts from its own day ([`Invoice::movements`]).
fn add_invoice(builder: &mut LedgerBuilder, invoice: &Invoice) -> Result<(), LedgerError> {
    let settlements: Vec<Settlement> = invoice
        .movements()
        .map(|(date, amount)| Settlement { date, amount })
        .collect();
    let instalments: Vec<Instalment> = invoice
        .due_parts()
        .into_iter()
        .map(|part| Instalment {
            due: part.due_date,
            amount: part.amount,
        })
        .collect();
    let marks: Vec<Mark> = invoice.reductions.iter().filter_map(withheld).collect();
    builder.entry(&Entry {
        reference: invoice.number.as_str(),
        kind: match invoice.kind {
            InvoiceKind::Invoice | InvoiceKind::DownPayment => EntryKind::Invoice,
            InvoiceKind::CreditNote => EntryKind::CreditNote,
        },
        issued: invoice.invoice_date,
        net: invoice.net,
        parts: &[Part {
            activity: &invoice.activity,
            gross: invoice.gross,
        }],
        instalments: &instalments,
        settlements: &settlements,
        marks: &marks,
        statement: Some(invoice.settled_on),
    })
}

/// A tax the client kept back, until its attestation is there (DOMAIN §3).
fn withheld(reduction: &Reduction) -> Option<Mark> {
    matches!(reduction.what, ReductionKind::Withheld { .. }).then(|| Mark {
        kind: MarkKind::WithholdingPending,
        amount: Some(reduction.amount),
        from: reduction.date,
        until: reduction.counts_from().and_then(|from| from.pred_opt()),
    })
}

/// What came on account or left it later are movements of what the payment left there at first.
fn add_on_account(
    builder: &mut LedgerBuilder,
    payment: &ReceivedPayment,
) -> Result<(), LedgerError> {
    // An announced transfer is no credit yet, whatever became of it.
    if !payment.method.reduces_balance() {
        return Ok(());
    }
    let at_first = payment.on_account_as_of(payment.date);
    let (credit, allocated) = match payment.moves.is_empty() {
        true => (at_first, Amount::ZERO),
        // Money may have come back from an invoice to a payment that left nothing on account.
        false => (payment.amount, payment.amount - at_first),
    };
    if credit.is_zero() {
        return Ok(());
    }
    let allocated = Settlement {
        date: Some(payment.date),
        amount: -allocated,
    };
    let moves = payment.moves.iter().map(|kept| Settlement {
        date: Some(kept.date),
        amount: kept.amount,
    });
    let settlements: Vec<Settlement> = std::iter::once(allocated)
        .chain(moves)
        .filter(|settlement| !settlement.amount.is_zero())
        .collect();
    builder.entry(&Entry {
        reference: &payment.receipt.to_string(),
        kind: EntryKind::OnAccount,
        issued: payment.date,
        net: -credit,
        parts: &[Part {
            activity: "",
            gross: -credit,
        }],
        instalments: &[Instalment {
            due: payment.date,
            amount: -credit,
        }],
        settlements: &settlements,
        marks: &[],
        statement: None,
    })
}
