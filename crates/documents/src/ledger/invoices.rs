//! The table of open items: invoices and credit notes.

use super::bad::{BadRow, Why};
use super::columns::TableOptions;
use super::field::{Field, INVOICE_HEADINGS};
use super::file::FileError;
use super::open::{FileReport, Kind, OpenTable};
use super::table::Record;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashSet};
use tournee_domain::dossier::InvoiceKind;
use tournee_domain::fold::fold;
use tournee_domain::parse::{date, styled_amount};
use tournee_domain::statement::InvoiceRow;
use tournee_domain::terms::Terms;
use tournee_domain::{Amount, ClientCode, Currency, InvoiceNumber};

/// Every client an invoice may name, with the terms that give a missing due date.
pub type KnownClients = BTreeMap<ClientCode, Option<Terms>>;

/// A file of open items, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoicesTable {
    pub report: FileReport,
    /// Good rows in the file's order.
    pub invoices: Vec<InvoiceRow>,
    pub bad_rows: Vec<BadRow>,
    /// Due dates the file did not give, from the client's terms.
    pub derived_due: BTreeMap<InvoiceNumber, NaiveDate>,
}

const KIND: Kind = Kind {
    headings: INVOICE_HEADINGS,
    required: &[
        &[Field::Number],
        &[Field::Client],
        &[Field::InvoiceDate],
        &[Field::Gross],
        // Without either, everything ever paid would be owed again.
        &[Field::Settled, Field::Open],
    ],
    numbers: &[
        Field::Net,
        Field::Vat,
        Field::Gross,
        Field::Settled,
        Field::Open,
    ],
    dates: &[Field::InvoiceDate, Field::DueDate],
};

/// Reads an export of open items. Rows without a currency of their own are in `currency`, the organisation's. A missing due
/// date comes from the client's terms; missing net or VAT from the other two amounts; no type, from the sign.
///
/// # Errors
/// [`FileError`] when the file as a whole cannot be read; single rows go to `bad_rows`.
pub fn read_invoices(
    bytes: &[u8],
    name: &str,
    options: &TableOptions,
    currency: Currency,
    clients: &KnownClients,
) -> Result<InvoicesTable, FileError> {
    let table = OpenTable::open(bytes, name, &KIND, options, currency)?;
    let reader = RowReader {
        table: &table,
        currency,
        clients,
    };
    let mut seen = HashSet::new();
    let (mut invoices, mut bad_rows, mut derived_due) = (Vec::new(), Vec::new(), BTreeMap::new());
    for row in table.rows() {
        let number = table.mapping.cell(&row, Field::Number);
        let repeated = !number.is_empty() && !seen.insert(number.to_owned());
        match reader.invoice(&row, repeated) {
            Ok((invoice, due)) => {
                if due == Due::Derived {
                    derived_due.insert(invoice.number.clone(), invoice.due_date);
                }
                invoices.push(invoice);
            }
            Err((field, why)) => bad_rows.push(BadRow {
                line: row.line,
                piece: number.to_owned(),
                column: table.mapping.heading(field).to_owned(),
                why,
            }),
        }
    }
    Ok(InvoicesTable {
        report: table.report,
        invoices,
        bad_rows,
        derived_due,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Given,
    Derived,
}

type Fault = (Field, Why);

struct RowReader<'t> {
    table: &'t OpenTable<'t>,
    currency: Currency,
    clients: &'t KnownClients,
}

struct Amounts {
    net: Amount,
    vat: Amount,
    gross: Amount,
    settled: Amount,
}

impl RowReader<'_> {
    /// One reason a row, in this order: what the row is, whose, when, how much, and whether it agrees with itself.
    fn invoice(&self, row: &Record, repeated: bool) -> Result<(InvoiceRow, Due), Fault> {
        let cell = |field| self.table.mapping.cell(row, field);
        self.shape(row, repeated)?;
        let client = ClientCode::new(cell(Field::Client));
        if cell(Field::Client).is_empty() {
            return Err((Field::Client, Why::Empty));
        }
        let terms = *self
            .clients
            .get(&client)
            .ok_or((Field::Client, Why::UnknownClient))?;
        let kind = match cell(Field::Kind) {
            "" => None,
            text => Some(kind(text).ok_or((Field::Kind, Why::UnknownType))?),
        };
        let currency = match cell(Field::Currency) {
            "" => self.currency,
            text => self
                .named_currency(text)
                .ok_or((Field::Currency, Why::UnknownCurrency))?,
        };
        let invoice_date = self
            .date(row, Field::InvoiceDate)?
            .ok_or((Field::InvoiceDate, Why::Empty))?;
        let given = self.date(row, Field::DueDate)?;
        let amounts = self.amounts(row, currency)?;
        let kind = signed_kind(kind, amounts.gross)?;
        let (due_date, due) = match (given, terms) {
            (Some(date), _) => (date, Due::Given),
            (None, Some(terms)) => (terms.due_date(invoice_date), Due::Derived),
            (None, None) => return Err((Field::DueDate, Why::UnknownTerms)),
        };
        let discharged = match self.table.mapping.column(Field::Discharge) {
            None => None,
            Some(_) => {
                Some(yes(cell(Field::Discharge)).ok_or((Field::Discharge, Why::NeitherYesNorNo))?)
            }
        };
        let receipts =
            cell(Field::Receipts).split([' ', ',', '\n', '\r', '\t', '\u{a0}', '/', '+']);
        let invoice = InvoiceRow {
            number: InvoiceNumber::new(cell(Field::Number)),
            kind,
            client,
            activity: cell(Field::Activity).to_owned(),
            currency,
            invoice_date,
            due_date,
            net: amounts.net,
            vat: amounts.vat,
            gross: amounts.gross,
            settled: amounts.settled,
            purchase_order: cell(Field::PurchaseOrder).to_owned(),
            slip: cell(Field::Slip).to_owned(),
            discharged,
            charges: is_charges(cell(Field::Kind)),
            instalments: Vec::new(),
            // Other numbers are the accounting package's own and explain nothing here.
            receipts: receipts.filter_map(|text| text.parse().ok()).collect(),
        };
        Ok((invoice, due))
    }

    fn shape(&self, row: &Record, repeated: bool) -> Result<(), Fault> {
        let number = Field::Number;
        if self.table.mapping.cell(row, number).is_empty() {
            return Err((number, Why::Empty));
        }
        // The first row of a number wins, even a bad one (DOMAIN §2.6).
        if repeated {
            return Err((number, Why::NumberRepeated));
        }
        self.table.misshapen(row, number).map_or(Ok(()), Err)
    }

    /// A currency by its code or as ledgers write it; « F CFA » is the organisation's own franc.
    fn named_currency(&self, text: &str) -> Option<Currency> {
        match fold(text).trim() {
            "f cfa" | "fcfa" | "cfa" | "franc cfa" | "francs cfa" => {
                matches!(self.currency.code(), "XOF" | "XAF").then_some(self.currency)
            }
            "€" | "euro" | "euros" => Some(Currency::EUR),
            code => code.parse().ok(),
        }
    }

    /// `None` for an empty cell or no such column.
    fn date(&self, row: &Record, field: Field) -> Result<Option<NaiveDate>, Fault> {
        match (
            self.table.mapping.cell(row, field),
            self.table.styles.dates.get(&field),
        ) {
            ("", _) | (_, None) => Ok(None),
            (text, Some(style)) => date(text, *style)
                .map(Some)
                .map_err(|_| (field, Why::InvalidDate)),
        }
    }

    fn amounts(&self, row: &Record, currency: Currency) -> Result<Amounts, Fault> {
        let amount = |field| self.amount(row, field, currency);
        let (net, vat) = (amount(Field::Net)?, amount(Field::Vat)?);
        let gross = amount(Field::Gross)?.ok_or((Field::Gross, Why::Empty))?;
        let settled = match (amount(Field::Settled)?, amount(Field::Open)?) {
            (Some(settled), _) => settled,
            (None, Some(open)) => gross - open,
            (None, None) if self.table.mapping.column(Field::Settled).is_some() => Amount::ZERO,
            (None, None) => return Err((Field::Open, Why::Empty)),
        };
        let (net, vat) = match (net, vat) {
            (Some(net), Some(vat)) if net + vat != gross => {
                return Err((Field::Gross, Why::GrossNotNetPlusVat));
            }
            (Some(net), Some(vat)) => (net, vat),
            (Some(net), None) => (net, gross - net),
            (None, Some(vat)) => (gross - vat, vat),
            (None, None) => (gross, Amount::ZERO),
        };
        Ok(Amounts {
            net,
            vat,
            gross,
            settled,
        })
    }

    /// `None` for an empty cell or no such column.
    fn amount(
        &self,
        row: &Record,
        field: Field,
        currency: Currency,
    ) -> Result<Option<Amount>, Fault> {
        match (
            self.table.mapping.cell(row, field),
            self.table.styles.decimals.get(&field),
        ) {
            ("", _) | (_, None) => Ok(None),
            (text, Some(style)) => styled_amount(text, *style, currency)
                .map(Some)
                .map_err(|error| (field, error.into())),
        }
    }
}

fn kind(text: &str) -> Option<InvoiceKind> {
    let folded = fold(text);
    Some(match folded.trim() {
        "facture" | "fa" | "fac" | "fact" | "f" | "invoice" | "inv" | "vente"
        | "facture client" | "facture de vente" | "sales invoice" | "380" => InvoiceKind::Invoice,
        "avoir" | "av" | "avr" | "a" | "credit note" | "credit" | "cn" | "facture d'avoir"
        | "facture avoir" | "avoir client" | "note de credit" | "credit memo" | "381" => {
            InvoiceKind::CreditNote
        }
        "facture d'acompte"
        | "facture acompte"
        | "down payment invoice"
        | "prepayment invoice"
        | "386" => InvoiceKind::DownPayment,
        _ if is_charges(text) => InvoiceKind::Invoice,
        _ => return None,
    })
}

/// Whether the row's type says costs or interest.
fn is_charges(text: &str) -> bool {
    matches!(
        fold(text).trim(),
        "interets"
            | "interets de retard"
            | "interest"
            | "late interest"
            | "penalite"
            | "penalites"
            | "penalites de retard"
            | "penalty"
            | "frais"
            | "frais de recouvrement"
            | "costs"
            | "fees"
    )
}

/// The kind by the row's type, else by its sign; both must agree.
fn signed_kind(named: Option<InvoiceKind>, gross: Amount) -> Result<InvoiceKind, Fault> {
    match named {
        Some(InvoiceKind::Invoice | InvoiceKind::DownPayment) if gross.is_negative() => {
            Err((Field::Gross, Why::SignAgainstType))
        }
        Some(InvoiceKind::CreditNote) if gross.is_positive() => {
            Err((Field::Gross, Why::SignAgainstType))
        }
        Some(kind) => Ok(kind),
        None if gross.is_negative() => Ok(InvoiceKind::CreditNote),
        None => Ok(InvoiceKind::Invoice),
    }
}

fn yes(text: &str) -> Option<bool> {
    let folded = fold(text);
    Some(match folded.trim() {
        "oui" | "o" | "yes" | "y" | "1" | "x" | "vrai" | "true" | "obtenue" | "signee" => true,
        "" | "non" | "n" | "no" | "0" | "faux" | "false" | "-" => false,
        _ => return None,
    })
}
