//! Accrued invoices (*factures à établir*): performed and accepted by the closing date, not invoiced on it (DOMAIN §2.5).

use crate::money::MoneyError;
use crate::{Amount, ClientCode, Currency, Money, Rate};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A delivery slip, a timesheet or a repair order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performance {
    /// Number of the slip.
    pub reference: String,
    pub client: ClientCode,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub activity: String,
    pub performed: NaiveDate,
    /// The client signed for it.
    pub accepted: Option<NaiveDate>,
    /// The signed paper came back to the office.
    pub returned: Option<NaiveDate>,
    pub invoiced: Option<NaiveDate>,
    pub vat: Rate,
    pub lines: Vec<PerformedLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformedLine {
    /// Hours or pieces.
    pub quantity: Decimal,
    /// Without VAT.
    pub unit_price: Amount,
    /// Down payments invoiced for this line already, without VAT.
    #[serde(default, skip_serializing_if = "Amount::is_zero_ref")]
    pub billed: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccruedLine {
    pub reference: String,
    pub client: ClientCode,
    pub activity: String,
    pub net: Amount,
    pub vat: Amount,
    pub gross: Amount,
    /// Calendar days from the performance to the closing.
    pub age_days: i64,
    /// Calendar days until the signed paper came back, or until the closing where it has not.
    pub return_days: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accrued {
    pub lines: Vec<AccruedLine>,
    pub net: Amount,
    pub vat: Amount,
    pub gross: Amount,
}

/// What was accepted until `closing` and is invoiced later or not yet, in the order given. A line billed beyond its worth
/// accrues nothing.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn accrued(
    performances: &[Performance],
    closing: NaiveDate,
    currency: Currency,
) -> Result<Accrued, MoneyError> {
    let mut accrued = Accrued::default();
    for performance in performances {
        let accepted = performance.accepted.is_some_and(|day| day <= closing);
        let invoiced = performance.invoiced.is_some_and(|day| day <= closing);
        if !accepted || invoiced || performance.performed > closing {
            continue;
        }
        let mut net = Money::zero(currency);
        for line in &performance.lines {
            let worth = line.quantity.checked_mul(line.unit_price.0);
            let worth = currency.round(Amount(worth.ok_or(MoneyError::Overflow)?));
            net = net.plus(Money::rounded(
                (worth - line.billed).max(Amount::ZERO),
                currency,
            ))?;
        }
        if net.amount().is_zero() {
            continue;
        }
        let vat = net.share(performance.vat)?;
        let gross = net.plus(vat)?;
        let until = performance
            .returned
            .filter(|day| *day <= closing)
            .unwrap_or(closing);
        let line = AccruedLine {
            reference: performance.reference.clone(),
            client: performance.client.clone(),
            activity: performance.activity.clone(),
            net: net.amount(),
            vat: vat.amount(),
            gross: gross.amount(),
            age_days: (closing - performance.performed).num_days(),
            return_days: (until - performance.performed).num_days(),
        };
        accrued.net += line.net;
        accrued.vat += line.vat;
        accrued.gross += line.gross;
        accrued.lines.push(line);
    }
    Ok(accrued)
}
