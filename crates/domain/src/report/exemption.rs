//! Exemption certificates: invoices without a tax need one that stood on their day (DOMAIN §3, PRODUCT D6).

use crate::{Amount, BlobHash, ClientCode, Currency, InvoiceNumber, Rate};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub reference: String,
    pub client: ClientCode,
    /// `VAT`, `customs`.
    pub tax: String,
    /// Mining convention, investment code, a market of an NGO.
    pub legal_basis: String,
    pub issuer: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The most it covers, without the tax; `None` without a ceiling.
    #[serde(default)]
    pub ceiling: Option<Amount>,
    pub valid_from: NaiveDate,
    /// The last day.
    pub valid_until: NaiveDate,
    #[serde(default)]
    pub scan: Option<BlobHash>,
}

/// An invoice issued without a tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptInvoice {
    pub number: InvoiceNumber,
    pub client: ClientCode,
    pub tax: String,
    pub date: NaiveDate,
    /// Without the tax; negative on a credit note, which gives its amount back.
    pub net: Amount,
}

/// Days before the end at which people are warned, decreasing.
pub const ALERT_DAYS: [u16; 3] = [60, 30, 15];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// It ends within this many days: one of [`ALERT_DAYS`].
    EndsWithin(u16),
    Ended,
}

/// What became of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateUse {
    pub reference: String,
    pub consumed: Amount,
    /// `None` without a ceiling.
    pub left: Option<Amount>,
    pub alert: Option<Alert>,
}

/// What of an invoice no certificate covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    pub number: InvoiceNumber,
    pub net: Amount,
    /// The tax that may have to be paid all the same.
    pub risk: Amount,
    pub reason: UncoveredReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UncoveredReason {
    /// The client has none for this tax.
    NoCertificate,
    /// None stood on the invoice's day.
    NotValidThen,
    CeilingReached,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptionReport {
    /// In the order of the certificates.
    pub uses: Vec<CertificateUse>,
    /// By date, then number.
    pub uncovered: Vec<Uncovered>,
}

/// Sets invoices against certificates, oldest invoice first, each against the certificate that ends first. `rate` is that of
/// the tax, for the risk; `today` for the alerts.
pub fn exemptions(
    certificates: &[Certificate],
    invoices: &[ExemptInvoice],
    rate: Rate,
    currency: Currency,
    today: NaiveDate,
) -> ExemptionReport {
    let mut consumed = vec![Amount::ZERO; certificates.len()];
    let mut oldest: Vec<&ExemptInvoice> = invoices.iter().collect();
    oldest.sort_by(|a, b| (a.date, &a.number).cmp(&(b.date, &b.number)));
    let mut uncovered = Vec::new();
    for invoice in oldest {
        let mut left = invoice.net;
        let of_client = |certificate: &Certificate| {
            certificate.client == invoice.client && certificate.tax == invoice.tax
        };
        let stood = |certificate: &Certificate| {
            (certificate.valid_from..=certificate.valid_until).contains(&invoice.date)
        };
        let mut fitting: Vec<usize> = (0..certificates.len())
            .filter(|place| of_client(&certificates[*place]) && stood(&certificates[*place]))
            .collect();
        fitting.sort_by_key(|place| certificates[*place].valid_until);
        for place in &fitting {
            let room = match certificates[*place].ceiling {
                Some(ceiling) => (ceiling - consumed[*place]).max(Amount::ZERO),
                None => left,
            };
            let taken = left.min(room);
            consumed[*place] += taken;
            left -= taken;
        }
        if !left.is_positive() {
            continue;
        }
        uncovered.push(Uncovered {
            number: invoice.number.clone(),
            net: left,
            risk: currency.round(Amount(left.0 * rate.fraction())),
            reason: match () {
                () if !fitting.is_empty() => UncoveredReason::CeilingReached,
                () if certificates.iter().any(of_client) => UncoveredReason::NotValidThen,
                () => UncoveredReason::NoCertificate,
            },
        });
    }
    let uses = certificates.iter().zip(consumed);
    let uses = uses.map(|(certificate, consumed)| CertificateUse {
        reference: certificate.reference.clone(),
        consumed,
        left: certificate.ceiling.map(|ceiling| ceiling - consumed),
        alert: certificate.alert(today),
    });
    ExemptionReport {
        uses: uses.collect(),
        uncovered,
    }
}

impl Certificate {
    /// The nearest warning on `today`: `EndsWithin(30)` from 30 days before its last day until 16 days before.
    pub fn alert(&self, today: NaiveDate) -> Option<Alert> {
        let days = (self.valid_until - today).num_days();
        if days < 0 {
            return Some(Alert::Ended);
        }
        let within = ALERT_DAYS
            .iter()
            .rev()
            .find(|alert| days <= i64::from(**alert));
        within.copied().map(Alert::EndsWithin)
    }
}
