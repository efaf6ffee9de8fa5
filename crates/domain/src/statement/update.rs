//! One row of a statement meets one invoice.

use super::{ChangedGross, InvoiceRow};
use crate::Amount;
use crate::dossier::{DischargeState, Invoice, SlipState};
use chrono::NaiveDate;

/// What a row did to an invoice that was known.
pub(super) struct Updated {
    /// Anything but the statement's date.
    pub changed: bool,
    pub flagged: bool,
    pub changed_gross: Option<ChangedGross>,
}

impl Invoice {
    /// An invoice the statement of `date` is the first to list. What it had settled by then was known from the start:
    /// none of it is unexplained.
    pub(super) fn from_row(row: &InvoiceRow, date: NaiveDate) -> Self {
        let mut invoice = Self {
            number: row.number.clone(),
            kind: row.kind,
            activity: row.activity.clone(),
            charges: row.charges,
            currency: row.currency,
            invoice_date: row.invoice_date,
            due_date: row.due_date,
            net: row.net,
            vat: row.vat,
            gross: row.gross,
            settled: row.settled,
            settled_on: date,
            allocations: Vec::new(),
            reductions: Vec::new(),
            instalments: row.instalments.clone(),
            unexplained: Amount::ZERO,
            received_by_office: Amount::ZERO,
            possible_double: false,
            decisions: Vec::new(),
            purchase_order: row.purchase_order.clone(),
            slip: SlipState::None,
            discharge: DischargeState::ToDeposit,
        };
        invoice.ledger_names_slip(&row.slip);
        invoice.ledger_says_discharged(row.discharged.unwrap_or(false), date);
        invoice
    }

    /// A known number in a later statement is an update (DOMAIN §2.6).
    pub(super) fn update(&mut self, row: &InvoiceRow, date: NaiveDate) -> Updated {
        let before = self.clone();
        self.kind = row.kind;
        self.activity.clone_from(&row.activity);
        self.charges = row.charges;
        self.currency = row.currency;
        self.invoice_date = row.invoice_date;
        self.due_date = row.due_date;
        self.net = row.net;
        self.vat = row.vat;
        self.gross = row.gross;
        self.instalments.clone_from(&row.instalments);
        self.purchase_order.clone_from(&row.purchase_order);
        let flagged = self.settle(row.settled, &row.receipts);
        self.ledger_names_slip(&row.slip);
        if let Some(discharged) = row.discharged {
            self.ledger_says_discharged(discharged, date);
        }
        let changed = *self != before;
        self.settled_on = date;
        let changed_gross = (before.gross != self.gross).then(|| ChangedGross {
            invoice: self.number.clone(),
            from: before.gross,
            to: self.gross,
        });
        Updated {
            changed,
            flagged,
            changed_gross,
        }
    }
}
