//! Interest and indemnity for late payment, by regime and dated rates (DOMAIN §3).

use crate::{Amount, Currency, Rate};
use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An annual rate, and the day it stands from until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedRate {
    pub from: NaiveDate,
    pub rate: Rate,
}

/// What interest runs from when the contract says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunsFrom {
    /// The day after the due date, without a reminder (France, L441-10).
    DueDate,
    /// The day after a formal notice was sent (OHADA, AUDCG 291).
    FormalNotice,
}

/// The rules of one country, as its pack gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regime {
    pub runs_from: RunsFrom,
    /// Without a clause in the contract; by day.
    pub default_rates: Vec<DatedRate>,
    /// The least a clause can give, by day: three times the legal rate in France. It binds clauses only.
    #[serde(default)]
    pub clause_floors: Vec<DatedRate>,
    /// The most a clause can give: the usury ceiling.
    #[serde(default)]
    pub clause_ceiling: Option<Rate>,
    /// Due for each invoice once it is late, even when partly paid; no VAT.
    #[serde(default)]
    pub indemnity: Amount,
    #[serde(default)]
    pub after_judgment: Option<AfterJudgment>,
}

/// What a judgment that can be enforced makes of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterJudgment {
    /// Whole months from the day it can be enforced.
    pub months: u32,
    pub factor: Rate,
}

/// One late invoice.
#[derive(Clone, Copy, Debug)]
pub struct Late<'a> {
    /// VAT included.
    pub principal: Amount,
    pub due: NaiveDate,
    pub formal_notice: Option<NaiveDate>,
    /// The annual rate the contract names; then interest runs from the due date.
    pub contract_rate: Option<Rate>,
    /// The day a judgment can be enforced.
    pub enforceable: Option<NaiveDate>,
    /// What was paid of it, in any order. The day of a payment still bears interest on what it pays.
    pub payments: &'a [(NaiveDate, Amount)],
}

/// Days of one principal at one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterestPeriod {
    /// Both days count.
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub days: i64,
    pub principal: Amount,
    pub rate: Decimal,
    /// Rounded so that the periods add up to the whole.
    pub interest: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateInterest {
    pub periods: Vec<InterestPeriod>,
    pub interest: Amount,
    pub indemnity: Amount,
    /// Interest and indemnity.
    pub total: Amount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InterestError {
    #[error("no rate is known for {day}: add it to the country's rules")]
    NoRate { day: NaiveDate },
    #[error("the interest has more digits than an amount can hold")]
    TooLarge,
}

/// Days of a year, also of a leap year (DOMAIN §3).
const YEAR_DAYS: i64 = 365;

impl Regime {
    /// The annual rate of one day. A clause is kept between floor and ceiling; the default rate stays as it is.
    ///
    /// # Errors
    /// [`InterestError::NoRate`].
    pub fn rate(&self, late: &Late, day: NaiveDate) -> Result<Decimal, InterestError> {
        let rate = match late.contract_rate {
            Some(clause) => {
                let floor = rate_of(&self.clause_floors, day).unwrap_or(Rate::ZERO);
                let rate = clause.max(floor);
                self.clause_ceiling
                    .map_or(rate, |ceiling| rate.min(ceiling))
            }
            None => rate_of(&self.default_rates, day).ok_or(InterestError::NoRate { day })?,
        };
        let raised = self.raised_from(late).is_some_and(|from| day >= from);
        let factor = self.after_judgment.filter(|_| raised);
        let raised = factor.map(|judgment| rate.fraction().checked_mul(judgment.factor.fraction()));
        raised
            .unwrap_or(Some(rate.fraction()))
            .ok_or(InterestError::TooLarge)
    }

    /// The first day at the raised rate: the one after the months granted.
    fn raised_from(&self, late: &Late) -> Option<NaiveDate> {
        let months = Months::new(self.after_judgment?.months);
        late.enforceable?.checked_add_months(months)?.succ_opt()
    }

    /// The day after which interest runs; `None` while it waits for a formal notice.
    fn starts_after(&self, late: &Late) -> Option<NaiveDate> {
        match self.runs_from {
            RunsFrom::FormalNotice if late.contract_rate.is_none() => late.formal_notice,
            RunsFrom::DueDate | RunsFrom::FormalNotice => Some(late.due),
        }
    }
}

/// What is owed for being late at the end of `until`: interest on 365 days a year, rounded once, and the indemnity.
///
/// # Errors
/// [`InterestError::NoRate`] for a day before the first rate, [`InterestError::TooLarge`].
pub fn late_interest(
    late: &Late,
    until: NaiveDate,
    regime: &Regime,
    currency: Currency,
) -> Result<LateInterest, InterestError> {
    let mut periods = Vec::new();
    let mut exact = Decimal::ZERO;
    let mut interest = Amount::ZERO;
    for (first, last) in spans(late, until, regime) {
        let paid = late.payments.iter().filter(|(date, _)| *date < first);
        let principal = late.principal - paid.map(|(_, amount)| *amount).sum::<Amount>();
        if !principal.is_positive() {
            break;
        }
        let rate = regime.rate(late, first)?;
        let days = (last - first).num_days() + 1;
        let of_period = principal
            .0
            .checked_mul(rate)
            .and_then(|year| year.checked_mul(days.into()))
            .and_then(|days| days.checked_div(YEAR_DAYS.into()));
        exact = of_period
            .and_then(|part| exact.checked_add(part))
            .ok_or(InterestError::TooLarge)?;
        let until_here = currency.round(Amount(exact));
        periods.push(InterestPeriod {
            first,
            last,
            days,
            principal,
            rate,
            interest: until_here - interest,
        });
        interest = until_here;
    }
    let settled: Amount = late
        .payments
        .iter()
        .filter(|(date, _)| *date <= late.due)
        .map(|(_, amount)| *amount)
        .sum();
    let is_late = until > late.due && late.principal > settled;
    let indemnity = if is_late {
        regime.indemnity
    } else {
        Amount::ZERO
    };
    Ok(LateInterest {
        periods,
        interest,
        indemnity,
        total: interest + indemnity,
    })
}

/// First and last days between which neither the rate nor the principal changes.
fn spans(late: &Late, until: NaiveDate, regime: &Regime) -> Vec<(NaiveDate, NaiveDate)> {
    let Some(start) = regime.starts_after(late).and_then(|day| day.succ_opt()) else {
        return Vec::new();
    };
    let dated = regime.default_rates.iter().chain(&regime.clause_floors);
    let mut firsts: Vec<NaiveDate> = dated
        .map(|rate| rate.from)
        .chain(late.payments.iter().filter_map(|(date, _)| date.succ_opt()))
        .chain(regime.raised_from(late))
        .filter(|first| *first > start && *first <= until)
        .chain((start <= until).then_some(start))
        .collect();
    firsts.sort_unstable();
    firsts.dedup();
    let ends = firsts.iter().skip(1).filter_map(|next| next.pred_opt());
    let ends: Vec<NaiveDate> = ends.chain([until]).collect();
    firsts.into_iter().zip(ends).collect()
}

fn rate_of(rates: &[DatedRate], day: NaiveDate) -> Option<Rate> {
    let standing = rates.iter().filter(|rate| rate.from <= day);
    standing.max_by_key(|rate| rate.from).map(|rate| rate.rate)
}
