//! Taxes the client withholds from a payment and remits in our name (DOMAIN §3).

use crate::money::MoneyError;
use crate::{Amount, Currency, Money, Rate};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithholdingBase {
    /// The amount without VAT.
    Net,
    Vat,
}

/// One rule of a country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithholdingRule {
    /// `ISB`, `VAT`.
    pub tax: String,
    pub base: WithholdingBase,
    pub rate: Rate,
    /// Of a supplier without a tax number, where it differs.
    #[serde(default)]
    pub rate_without_tax_id: Option<Rate>,
    /// The payers that have to withhold; `None` for all.
    #[serde(default)]
    pub payer_class: Option<String>,
    /// A supplier with a dispensation is not withheld from.
    pub can_be_dispensed: bool,
    pub from: NaiveDate,
    /// The last day it stands.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// Who pays whom.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parties<'a> {
    pub payer_class: Option<&'a str>,
    pub supplier_has_tax_id: bool,
    /// Taxes the supplier is dispensed from on the day.
    pub dispensed: &'a [&'a str],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithheldTax {
    pub tax: String,
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetDue {
    /// In the order of the rules.
    pub withheld: Vec<WithheldTax>,
    /// What the client has to pay in money: gross less what is withheld.
    pub net_due: Amount,
}

/// What a payer withholds on `day` from an invoice of `net` and `vat`, each tax rounded by itself.
///
/// # Errors
/// [`MoneyError::FinerThanCurrency`], [`MoneyError::Overflow`].
pub fn net_due(
    net: Amount,
    vat: Amount,
    currency: Currency,
    rules: &[WithholdingRule],
    parties: &Parties,
    day: NaiveDate,
) -> Result<NetDue, MoneyError> {
    let net = Money::new(net, currency)?;
    let vat = Money::new(vat, currency)?;
    let mut due = net.plus(vat)?;
    let mut withheld = Vec::new();
    for rule in rules.iter().filter(|rule| rule.applies(parties, day)) {
        let base = match rule.base {
            WithholdingBase::Net => net,
            WithholdingBase::Vat => vat,
        };
        let rate = match rule.rate_without_tax_id {
            Some(rate) if !parties.supplier_has_tax_id => rate,
            _ => rule.rate,
        };
        let amount = base.share(rate)?;
        due = due.minus(amount)?;
        withheld.push(WithheldTax {
            tax: rule.tax.clone(),
            amount: amount.amount(),
        });
    }
    Ok(NetDue {
        withheld,
        net_due: due.amount(),
    })
}

impl WithholdingRule {
    fn applies(&self, parties: &Parties, day: NaiveDate) -> bool {
        let stands = self.from <= day && self.until.is_none_or(|last| day <= last);
        let class = self.payer_class.as_deref();
        let of_payer = class.is_none_or(|class| parties.payer_class == Some(class));
        let dispensed = self.can_be_dispensed && parties.dispensed.contains(&self.tax.as_str());
        stands && of_payer && !dispensed
    }
}

/// Where an invoice stands when part of it was withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithheldState {
    /// Neither paid nor withheld.
    pub open: Amount,
    /// Withheld, and no attestation shows it yet (*retenue sans attestation*): it ages by itself.
    pub without_attestation: Amount,
    /// Money and withheld taxes make the gross, and every attestation is there.
    pub is_settled: bool,
}

/// The state of an invoice of `gross` after `paid` in money and these taxes, each with whether its attestation is there.
pub fn withheld_state(gross: Amount, paid: Amount, withheld: &[(Amount, bool)]) -> WithheldState {
    let all: Amount = withheld.iter().map(|(amount, _)| *amount).sum();
    let missing = withheld.iter().filter(|(_, attested)| !attested);
    let without_attestation: Amount = missing.map(|(amount, _)| *amount).sum();
    let open = gross - paid - all;
    WithheldState {
        open,
        without_attestation,
        is_settled: open.is_zero() && without_attestation.is_zero(),
    }
}
