//! Country packs: what the law of a country says, as data (DOMAIN §8). Each rule has its days of validity and its source, so
//! that a screen can show both and an organisation can replace it.
//!
//! The files are under `packs/`. They come in as text; [`load`] checks them and names file and line of what is wrong.

mod accounts;
mod calendar;
mod load;
mod office;
mod rules;

pub use accounts::{Account, Accounts};
pub use load::{PackError, PackFault, Rules, load};
pub use office::OfficeRules;
pub use rules::{
    CashCeiling, ChequePresentation, Delay, DocumentRetention, Holiday, Identifier,
    InvoiceCertification, LateInterest, LegalStage, LongestTerms, MethodKind, Name, PegRule,
    Prescription, ProvisionMatrix, RateCap, Rule, SmallDifferenceRule, StampDuty, Starts, TaxBase,
    Validity, Vat, Withholding,
};

use crate::Currency;
use crate::terms::EndOfMonth;
use chrono::{NaiveDate, Weekday};

/// The packs that come with the program: name and text.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("ohada.toml", include_str!("../packs/ohada.toml")),
    ("niger.toml", include_str!("../packs/niger.toml")),
    ("france.toml", include_str!("../packs/france.toml")),
];

/// The rules of one country, those of the pack it extends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// ISO 3166 code of the country, or the name of a community of states.
    pub code: String,
    pub name: Name,
    pub currency: Currency,
    pub peg: Option<PegRule>,
    /// How *fin de mois* is read where the client says nothing else.
    pub end_of_month: EndOfMonth,
    pub weekend: Vec<Weekday>,
    pub accounts: Accounts,
    pub rules: Rules,
}

/// Those of `rules` that hold on `day`, in the order of the file.
pub fn in_force<R: Rule>(rules: &[R], day: NaiveDate) -> impl Iterator<Item = &R> {
    rules.iter().filter(move |rule| rule.validity().holds(day))
}

impl Pack {
    /// The rate of VAT by its name, `standard`, on `day`.
    pub fn vat(&self, name: &str, day: NaiveDate) -> Option<&Vat> {
        in_force(&self.rules.vat, day).find(|vat| vat.name == name)
    }

    /// Interest by its regime, `legal` or `default`, on `day`. What no rule covers has no rate: nothing is guessed.
    pub fn late_interest(&self, regime: &str, day: NaiveDate) -> Option<&LateInterest> {
        in_force(&self.rules.late_interest, day).find(|rule| rule.regime == regime)
    }
}
