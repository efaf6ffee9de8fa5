//! What moved money, as CSV for accounting (PRODUCT K3): one line per invoice, and one for what stays on account, without what
//! the ledger holds already.

use crate::spreadsheet::{all_decimals, date, disarmed};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use tournee_domain::fact::{Allocation, Payment, PaymentMethod, Waiver};
use tournee_domain::format::Language;
use tournee_domain::{Amount, ClientCode, Currency, InvoiceNumber, ReceiptNumber};

/// One fact to write, with the names the office gives.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `None` for what has no receipt.
    pub receipt: Option<ReceiptNumber>,
    pub date: NaiveDate,
    pub client: ClientCode,
    pub client_name: String,
    pub what: What,
    pub currency: Currency,
    /// What the parts, and what the ledger holds of them already, add up to.
    pub total: Amount,
    /// By invoice; what is on account bears no number.
    pub parts: Vec<(Option<InvoiceNumber>, Amount)>,
    /// The author's name.
    pub collector: String,
    /// The device's label, `D03`.
    pub device_label: String,
}

/// What a fact did, as the columns *Mode*, *Référence* and *Banque* say it.
#[derive(Clone, Debug)]
pub enum What {
    Payment(PaymentMethod),
    /// It counts as never taken; with the receipt it reverses.
    Reversal(PaymentMethod, ReceiptNumber),
    /// The bank returned the cheque.
    Bounce(PaymentMethod),
    /// Money of a payment changed its place; with the reason.
    Reallocation(String),
    /// A credit note was set against invoices, or taken off them.
    Offset(InvoiceNumber),
    /// With the comment.
    Waived(Waiver, String),
    /// A withheld tax was proven; with its name and the attestation's number.
    Withheld(String, String),
}

const HEADINGS_FR: [&str; COLUMNS] = [
    "Reçu",
    "Date",
    "Code client",
    "Client",
    "Mode",
    "Référence",
    "Banque ou opérateur",
    "Devise",
    "Montant",
    "Total du règlement",
    "Facture",
    "Encaisseur",
    "Appareil",
];

const HEADINGS_EN: [&str; COLUMNS] = [
    "Receipt",
    "Date",
    "Client code",
    "Client",
    "Method",
    "Reference",
    "Bank or operator",
    "Currency",
    "Amount",
    "Payment total",
    "Invoice",
    "Collector",
    "Device",
];

const COLUMNS: usize = 13;

/// UTF-8 with its mark, as spreadsheets need it to see accents. In French `;`, decimal comma and dd/mm/yyyy; in English `,`,
/// decimal dot and ISO dates. Amounts have no thousands separators; the lines of an entry and what of it is booked add up to
/// its total, the line without an invoice is on account. Text that a spreadsheet would run as a formula is disarmed by an apostrophe.
pub fn payments_csv<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    language: Language,
) -> String {
    let delimiter = match language {
        Language::Fr => b';',
        Language::En => b',',
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut write = |cells: &[String; COLUMNS]| {
        writer
            .write_record(cells)
            .expect("memory takes every record of as many cells");
    };
    let headings = match language {
        Language::Fr => HEADINGS_FR,
        Language::En => HEADINGS_EN,
    };
    write(&headings.map(str::to_owned));
    for entry in entries {
        for (invoice, amount) in &entry.parts {
            write(&cells(entry, invoice.as_ref(), *amount, language));
        }
    }
    let bytes = writer.into_inner().expect("memory takes what is left");
    String::from_utf8(bytes).expect("only text was written")
}

/// What each invoice got of a payment and the ledger does not contain yet, then what no invoice got. A payment allocated beyond
/// its amount ends with a negative rest: the lines add up all the same, and the accountant sees it. Empty when the ledger holds
/// all of it. `booked` is what of it the ledger's *Réglé* contains already, by invoice (DOMAIN §2.6): written again, accounting
/// would count it twice.
pub fn parts_of(
    payment: &Payment,
    booked: &BTreeMap<InvoiceNumber, Amount>,
) -> Vec<(Option<InvoiceNumber>, Amount)> {
    let mut parts = with_rest(&payment.allocations, payment.amount);
    for (invoice, booked) in booked {
        let mut left = *booked;
        let of_invoice = parts
            .iter_mut()
            .filter(|(of, _)| of.as_ref() == Some(invoice));
        for (_, amount) in of_invoice {
            let taken = left.min(*amount);
            *amount -= taken;
            left -= taken;
        }
    }
    let is_left = |(invoice, amount): &(Option<InvoiceNumber>, Amount)| {
        let is_booked = |invoice| booked.contains_key(invoice);
        !amount.is_zero() || !invoice.as_ref().is_some_and(is_booked)
    };
    parts.retain(is_left);
    parts
}

/// The lines, and what is left of `total` as the account's.
pub fn with_rest(lines: &[Allocation], total: Amount) -> Vec<(Option<InvoiceNumber>, Amount)> {
    let allocated: Amount = lines.iter().map(|line| line.amount).sum();
    let lines = lines
        .iter()
        .map(|line| (Some(line.invoice.clone()), line.amount));
    let mut parts: Vec<_> = lines.collect();
    let rest = total - allocated;
    if !rest.is_zero() || parts.is_empty() {
        parts.push((None, rest));
    }
    parts
}

fn cells(
    entry: &Entry,
    invoice: Option<&InvoiceNumber>,
    amount: Amount,
    language: Language,
) -> [String; COLUMNS] {
    let (reference, bank) = entry.what.reference(language);
    let receipt = entry.receipt.as_ref().map(ReceiptNumber::to_string);
    [
        disarmed(&receipt.unwrap_or_default()),
        date(entry.date, language),
        disarmed(entry.client.as_str()),
        disarmed(&entry.client_name),
        disarmed(&entry.what.word(language)),
        disarmed(&reference),
        disarmed(bank),
        entry.currency.code().to_owned(),
        plain(amount, entry.currency, language),
        plain(entry.total, entry.currency, language),
        disarmed(invoice.map_or("", InvoiceNumber::as_str)),
        disarmed(&entry.collector),
        disarmed(&entry.device_label),
    ]
}

impl What {
    fn word(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Payment(method) | Self::Reversal(method, _) | Self::Bounce(method) => {
                return method_word(method, language).to_owned();
            }
            Self::Withheld(tax, _) => {
                return match language {
                    Language::Fr => format!("Retenue {tax}"),
                    Language::En => format!("{tax} withheld"),
                };
            }
            Self::Reallocation(_) => ("Réimputation", "Reallocation"),
            Self::Offset(_) => ("Avoir imputé", "Credit note used"),
            Self::Waived(Waiver::SmallDifference, _) => ("Petite différence", "Small difference"),
            Self::Waived(Waiver::EarlyPayment, _) => ("Escompte", "Early-payment discount"),
        };
        match language {
            Language::Fr => french.to_owned(),
            Language::En => english.to_owned(),
        }
    }

    /// What tells it from others of its kind, and the bank or operator.
    fn reference(&self, language: Language) -> (String, &str) {
        match self {
            Self::Payment(method) => {
                let (reference, bank) = details(method);
                (reference.to_owned(), bank)
            }
            Self::Reversal(method, receipt) => {
                let reference = match language {
                    Language::Fr => format!("annule {receipt}"),
                    Language::En => format!("reverses {receipt}"),
                };
                (reference, details(method).1)
            }
            Self::Bounce(method) => {
                let (number, bank) = details(method);
                let reference = match language {
                    Language::Fr => format!("impayé {number}"),
                    Language::En => format!("unpaid {number}"),
                };
                (reference, bank)
            }
            Self::Reallocation(text) | Self::Waived(_, text) | Self::Withheld(_, text) => {
                (text.clone(), "")
            }
            Self::Offset(note) => (note.to_string(), ""),
        }
    }
}

fn details(method: &PaymentMethod) -> (&str, &str) {
    match method {
        PaymentMethod::Cash { .. } => ("", ""),
        PaymentMethod::Cheque { number, bank, .. } => (number, bank),
        PaymentMethod::Transfer { reference, bank } => (reference, bank),
        PaymentMethod::MobileMoney {
            transaction,
            operator,
            ..
        } => (transaction, operator),
    }
}

fn method_word(method: &PaymentMethod, language: Language) -> &'static str {
    match (method, language) {
        (PaymentMethod::Cash { .. }, Language::Fr) => "Espèces",
        (PaymentMethod::Cash { .. }, Language::En) => "Cash",
        (PaymentMethod::Cheque { .. }, Language::Fr) => "Chèque",
        (PaymentMethod::Cheque { .. }, Language::En) => "Cheque",
        (PaymentMethod::Transfer { .. }, Language::Fr) => "Virement",
        (PaymentMethod::Transfer { .. }, Language::En) => "Transfer",
        (PaymentMethod::MobileMoney { .. }, _) => "Mobile money",
    }
}

fn plain(amount: Amount, currency: Currency, language: Language) -> String {
    let text = all_decimals(amount, currency);
    match language {
        Language::Fr => text.replace('.', ","),
        Language::En => text,
    }
}

#[cfg(test)]
mod tests;
