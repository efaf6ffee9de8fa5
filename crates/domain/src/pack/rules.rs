//! The kinds of rules a pack has. Each says when it holds, where it comes from, and whether somebody confirmed it.

use crate::ageing::Bounds;
use crate::discount::SmallDifference;
use crate::fact::PaymentMethod;
use crate::terms::Terms;
use crate::{Amount, Currency, Money, MoneyError, Rate};
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// From when until when a rule holds, both days included; open where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Validity {
    pub fn holds(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        let begins_by = |from: Option<NaiveDate>, to: Option<NaiveDate>| match (from, to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        begins_by(self.from, other.to) && begins_by(other.from, self.to)
    }
}

/// What all rules have.
pub trait Rule {
    fn validity(&self) -> Validity;
    /// The law or the page it was read in.
    fn source(&self) -> &str;
    /// False where it comes from common practice or one secondary page: not to be relied on without asking.
    fn is_confirmed(&self) -> bool;
    /// What tells it from rules of its kind that hold at the same time.
    fn key(&self) -> String;
    /// Why it cannot hold in a pack of `currency`.
    ///
    /// # Errors
    /// A text that names the field.
    fn check(&self, currency: Currency) -> Result<(), String>;
}

fn yes() -> bool {
    true
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident($rule:ident) {
        $($(#[$attr:meta])* $field:ident: $type:ty,)*
    } by $key:expr, checked $check:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name {
                $($(#[$attr])* pub $field: $type,)*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub valid_from: Option<NaiveDate>,
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub valid_to: Option<NaiveDate>,
                pub source: String,
                #[serde(default = "yes")]
                pub confirmed: bool,
                #[serde(default, skip_serializing_if = "String::is_empty")]
                pub note: String,
            }

            impl Rule for $name {
                fn validity(&self) -> Validity {
                    Validity { from: self.valid_from, to: self.valid_to }
                }
                fn source(&self) -> &str {
                    &self.source
                }
                fn is_confirmed(&self) -> bool {
                    self.confirmed
                }
                fn key(&self) -> String {
                    let $rule = self;
                    $key
                }
                fn check(&self, currency: Currency) -> Result<(), String> {
                    let check: fn(&Self, Currency) -> Result<(), String> = $check;
                    check(self, currency)
                }
            }
        )*
    };
}

rules! {
    /// A rate of VAT.
    Vat(rule) {
        name: String,
        rate: Rate,
    } by rule.name.clone(), checked |rule, _| share("rate", rule.rate);

    /// A tax that a client keeps back to pay it to the state (DOMAIN §3).
    Withholding(rule) {
        tax: String,
        base: TaxBase,
        rate: Rate,
        /// Which clients keep it back: `with_tax_id`, `without_tax_id`, `designated`.
        payer: String,
        /// The certificate that frees from it.
        exempt_with: Option<String>,
        /// Of the month after.
        remitted_by_day: Option<u8>,
    } by format!("{} {}", rule.tax, rule.payer), checked |rule, _| {
        share("rate", rule.rate)?;
        calendar_day("remitted_by_day", rule.remitted_by_day)
    };

    /// Duty on a receipt (*timbre de quittance*, DOMAIN §5).
    StampDuty(rule) {
        methods: Vec<MethodKind>,
        /// Due only on more than this.
        threshold_exclusive: Amount,
        rate: Option<Rate>,
        fixed: Option<Amount>,
    } by format!("{:?}", rule.methods), checked |rule, currency| {
        share("rate", rule.rate.unwrap_or_default())?;
        fits("threshold_exclusive", rule.threshold_exclusive, currency)?;
        fits("fixed", rule.fixed.unwrap_or_default(), currency)?;
        match rule.rate.is_some() != rule.fixed.is_some() {
            true => Ok(()),
            false => Err("give either rate or fixed".to_owned()),
        }
    };

    /// The most that may be paid so on one debt, all payments together (DOMAIN §5).
    CashCeiling(rule) {
        /// `anyone` or `public_body`.
        payee: String,
        amount: Amount,
        /// Whether the amount itself is too much already.
        reached_is_too_much: bool,
        method: MethodKind,
    } by format!("{} {:?}", rule.payee, rule.method), checked |rule, currency| {
        fits("amount", rule.amount, currency)
    };

    /// How long after its date a cheque may be presented.
    ChequePresentation(rule) {
        place: String,
        days: u16,
    } by rule.place.clone(), checked |_, _| Ok(());

    /// Interest on what is paid late (DOMAIN §3).
    LateInterest(rule) {
        /// `legal`, or `default` where no contract says another rate.
        regime: String,
        starts: Starts,
        annual_rate: Rate,
        /// Days of the year interest is counted by.
        day_count: u16,
        /// A fixed sum for each invoice paid late.
        indemnity: Option<Amount>,
    } by rule.regime.clone(), checked |rule, currency| {
        share("annual_rate", rule.annual_rate)?;
        fits("indemnity", rule.indemnity.unwrap_or_default(), currency)?;
        match rule.day_count {
            360 | 365 | 366 => Ok(()),
            _ => Err("day_count is 360, 365 or 366".to_owned()),
        }
    };

    /// A rate no contract may exceed.
    RateCap(rule) {
        what: String,
        annual_rate: Rate,
    } by rule.what.clone(), checked |rule, _| share("annual_rate", rule.annual_rate);

    /// Terms no contract may exceed; of several, one has to hold.
    LongestTerms(rule) {
        terms: Terms,
    } by format!("{:?}", rule.terms), checked |_, _| Ok(());

    /// A step on the way to court (DOMAIN §4).
    LegalStage(rule) {
        key: String,
        order: u8,
        name: Name,
        /// The stage or event its delay counts from.
        after: Option<String>,
        #[serde(default)]
        days: Vec<i32>,
        months: Option<u32>,
        /// Management has to approve before.
        #[serde(default)]
        approval: bool,
    } by rule.key.clone(), checked |rule, _| {
        let delays = !rule.days.is_empty() || rule.months.is_some();
        match (delays, &rule.after) {
            (true, None) => Err("a delay counts from something: give after".to_owned()),
            (false, Some(_)) => Err("after has no delay: give days or months".to_owned()),
            _ if rule.months.is_some() && !rule.days.is_empty() => {
                Err("give either days or months".to_owned())
            }
            _ => Ok(()),
        }
    };

    /// The share of a debt set aside by its age, where no claim is judged by itself (DOMAIN §2.4).
    ProvisionMatrix(_rule) {
        /// One for each bucket of [`Bounds::default`], the least overdue first.
        rates: Vec<Rate>,
    } by String::new(), checked |rule, _| {
        let buckets = Bounds::default().len();
        match rule.rates.len() == buckets {
            true => rule.rates.iter().try_for_each(|rate| share("rates", *rate)),
            false => Err(format!("there are {} rates: give {buckets}, one for each age", rule.rates.len())),
        }
    };

    /// What may be given up of an invoice without asking; both limits hold (PRODUCT C11).
    SmallDifferenceRule(_rule) {
        at_most: Amount,
        /// Of the invoice's gross.
        share_at_most: Rate,
    } by String::new(), checked |rule, currency| {
        share("share_at_most", rule.share_at_most)?;
        fits("at_most", rule.at_most, currency)
    };

    /// When a claim can no longer be sued for.
    Prescription(rule) {
        claim: String,
        years: u8,
        /// Months before it at which to warn.
        warn_months: Vec<u32>,
    } by rule.claim.clone(), checked |_, _| Ok(());

    /// How long papers have to be kept.
    DocumentRetention(rule) {
        what: String,
        years: u8,
    } by rule.what.clone(), checked |_, _| Ok(());

    /// A number that companies of the country bear.
    Identifier(rule) {
        key: String,
        name: Name,
    } by rule.key.clone(), checked |_, _| Ok(());

    /// A system of the state that certifies invoices, and what has to be kept of it.
    InvoiceCertification(rule) {
        system: String,
        required_fields: Vec<String>,
        archive_years: u8,
    } by rule.system.clone(), checked |_, _| Ok(());

    /// A day nobody works: each year on the same date, or so many days after Easter Sunday.
    Holiday(rule) {
        name: Name,
        month: Option<u8>,
        day: Option<u8>,
        easter_plus: Option<i16>,
    } by rule.name.en.clone(), checked |rule, _| match (rule.month, rule.day, rule.easter_plus) {
        (None, None, Some(_)) => Ok(()),
        // A leap year, so that the 29th of February can be a feast.
        (Some(month), Some(day), None) => NaiveDate::from_ymd_opt(2024, month.into(), day.into())
            .map(drop)
            .ok_or_else(|| format!("{day}/{month} is no day of the calendar")),
        _ => Err("give either month and day, or easter_plus".to_owned()),
    };
}

/// A name in both languages of the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub fr: String,
    pub en: String,
}

/// The rate at which the country's currency is pegged to another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PegRule {
    pub of: Currency,
    /// Units of the pack's currency for one of it.
    pub rate: Rate,
    pub source: String,
}

/// What a tax is reckoned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxBase {
    Net,
    Vat,
}

/// From when interest runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Starts {
    DayAfterDue,
    /// From the day the formal notice is sent.
    FormalNotice,
}

/// [`PaymentMethod`] without its details, by the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Cash,
    Cheque,
    Transfer,
    MobileMoney,
}

impl From<&PaymentMethod> for MethodKind {
    fn from(method: &PaymentMethod) -> Self {
        match method {
            PaymentMethod::Cash { .. } => Self::Cash,
            PaymentMethod::Cheque { .. } => Self::Cheque,
            PaymentMethod::Transfer { .. } => Self::Transfer,
            PaymentMethod::MobileMoney { .. } => Self::MobileMoney,
        }
    }
}

impl Withholding {
    /// What the client keeps back of an invoice of `net` and `vat`, rounded half away from zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn on(&self, net: Money, vat: Money) -> Result<Money, MoneyError> {
        match self.base {
            TaxBase::Net => net.share(self.rate),
            TaxBase::Vat => vat.share(self.rate),
        }
    }
}

impl StampDuty {
    /// The duty on a receipt for `paid`; it is no part of what the invoices get.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn on(&self, method: MethodKind, paid: Money) -> Result<Money, MoneyError> {
        let due = self.methods.contains(&method) && paid.amount() > self.threshold_exclusive;
        match (due, self.rate, self.fixed) {
            (true, Some(rate), _) => paid.share(rate),
            (true, None, Some(fixed)) => Money::new(fixed, paid.currency()),
            _ => Ok(Money::zero(paid.currency())),
        }
    }
}

impl CashCeiling {
    /// Whether `total`, all that was paid so on one debt, is more than the law allows.
    pub fn is_exceeded_by(&self, total: Amount) -> bool {
        total > self.amount || self.reached_is_too_much && total == self.amount
    }
}

impl From<&SmallDifferenceRule> for SmallDifference {
    fn from(rule: &SmallDifferenceRule) -> Self {
        Self {
            at_most: rule.at_most,
            share_at_most: rule.share_at_most,
        }
    }
}

/// After how long something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// Negative before the event.
    Days(i32),
    Months(u32),
}

impl LegalStage {
    pub fn delays(&self) -> impl Iterator<Item = Delay> {
        let days = self.days.iter().copied().map(Delay::Days);
        days.chain(self.months.map(Delay::Months))
    }
}

impl Delay {
    /// The day it ends; `None` beyond the calendar.
    pub fn after(self, event: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Days(days @ 0..) => event.checked_add_days(Days::new(days.unsigned_abs().into())),
            Self::Days(days) => event.checked_sub_days(Days::new(days.unsigned_abs().into())),
            Self::Months(months) => event.checked_add_months(Months::new(months)),
        }
    }
}

fn share(field: &str, rate: Rate) -> Result<(), String> {
    match rate.fraction() <= rust_decimal::Decimal::ONE {
        true => Ok(()),
        false => Err(format!("{field} is {rate}: write 19 % as \"0.19\"")),
    }
}

fn fits(field: &str, amount: Amount, currency: Currency) -> Result<(), String> {
    match currency.fits(amount) && !amount.is_negative() {
        true => Ok(()),
        false => Err(format!("{field}: {amount} is no amount of {currency}")),
    }
}

fn calendar_day(field: &str, day: Option<u8>) -> Result<(), String> {
    match day.is_none_or(|day| (1..=31).contains(&day)) {
        true => Ok(()),
        false => Err(format!("{field} is a day of the month, 1 to 31")),
    }
}
