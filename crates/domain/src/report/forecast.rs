//! What will be paid, by month (DOMAIN §2.3): what is promised, what is planned, and the rest as clients have paid until now.

use super::builder::CommitmentKind;
use super::cohort::Curve;
use super::ledger::{EntryKind, Ledger, MarkKind, UNDATED, day_number};
use super::payer::{PROFILE_MONTHS, Paid, paid_by};
use super::period::months_from;
use crate::{Amount, Rate};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// How what is neither promised nor planned is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every debt on its due date: a yardstick.
    DueDate,
    /// Every debt the average delay of all clients after its due date: a yardstick.
    AverageDelay,
    /// Each client's own weighted delay after the due date; that of all where the client has paid nothing yet.
    PayerDelay,
    /// The monthly cohort curve; each client's delay while there is no history to learn it from.
    Cohorts,
}

#[derive(Clone, Copy, Debug)]
pub struct ForecastQuery {
    pub as_of: NaiveDate,
    /// Months forecast, each ending on the day of `as_of`, or on the last of the month where that is one.
    pub months: u32,
    pub method: Method,
    /// How likely a disputed amount is paid as though it were not; zero leaves it out.
    pub disputed: Rate,
}

/// Months a forecast may span.
pub const FORECAST_MONTHS_MAX: u32 = 24;

impl ForecastQuery {
    /// Six months by the cohort curve, without what is disputed.
    pub fn new(as_of: NaiveDate) -> Self {
        Self {
            as_of,
            months: 6,
            method: Method::Cohorts,
            disputed: Rate::ZERO,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastMonth {
    /// Its last day.
    pub until: NaiveDate,
    pub promised: Amount,
    pub planned: Amount,
    /// The rest, by the query's method.
    pub expected: Amount,
    /// The three together.
    pub total: Amount,
    /// Of invoices not issued yet, where the cohort curve can tell; no part of the total.
    pub of_new_sales: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub months: Vec<ForecastMonth>,
    /// Of what is open, not expected within these months.
    pub later: Amount,
}

/// Sums by month, in minor units.
struct Sums {
    /// The last day of each month.
    ends: Vec<i32>,
    promised: Vec<i64>,
    planned: Vec<i64>,
    expected: Vec<Decimal>,
    of_new: Vec<Decimal>,
}

/// What is expected of the debts open at the end of the query's day. At most [`FORECAST_MONTHS_MAX`] months.
pub fn forecast(ledger: &Ledger, query: &ForecastQuery) -> Forecast {
    let as_of = day_number(query.as_of);
    let months = query.months.min(FORECAST_MONTHS_MAX);
    let dates: Vec<NaiveDate> = (1..=months)
        .filter_map(|month| i32::try_from(month).ok())
        .map(|month| months_from(query.as_of, month))
        .collect();
    let mut sums = Sums {
        ends: dates.iter().copied().map(day_number).collect(),
        promised: vec![0; dates.len()],
        planned: vec![0; dates.len()],
        expected: vec![Decimal::ZERO; dates.len()],
        of_new: vec![Decimal::ZERO; dates.len()],
    };
    let mut opens = ledger.opens(as_of);
    opens.iter_mut().for_each(|open| *open = (*open).max(0));
    discount_disputes(ledger, &mut opens, as_of, query.disputed);
    let open: i64 = opens.iter().sum();
    sums.take_agreed(ledger, &mut opens, as_of);
    let done = query.method == Method::Cohorts && sums.by_cohorts(ledger, &opens, query.as_of);
    if !done {
        sums.by_delay(ledger, &opens, query);
    }

    let currency = ledger.currency();
    let scale = Decimal::new(1, currency.scale());
    let round = |units: Decimal| currency.round(Amount(units * scale));
    let months: Vec<ForecastMonth> = dates
        .iter()
        .enumerate()
        .map(|(month, until)| {
            let (promised, planned) = (sums.promised[month], sums.planned[month]);
            let (promised, planned) = (ledger.amount(promised), ledger.amount(planned));
            let expected = round(sums.expected[month]);
            ForecastMonth {
                until: *until,
                promised,
                planned,
                expected,
                total: promised + planned + expected,
                of_new_sales: round(sums.of_new[month]),
            }
        })
        .collect();
    let within: Amount = months.iter().map(|month| month.total).sum();
    Forecast {
        months,
        later: ledger.amount(open) - within,
    }
}

/// What is disputed counts as far as it is likely.
fn discount_disputes(ledger: &Ledger, opens: &mut [i64], as_of: i32, likely: Rate) {
    use rust_decimal::prelude::ToPrimitive;
    let disputed: Vec<_> = ledger
        .marked(opens, as_of)
        .filter(|(_, kind, _)| *kind == MarkKind::Disputed)
        .collect();
    for (item, _, amount) in disputed {
        let counts = Decimal::from(amount) * likely.fraction();
        opens[item] -= amount - counts.round().to_i64().unwrap_or(amount);
    }
}

impl Sums {
    fn month_of(&self, day: i32) -> usize {
        self.ends.partition_point(|end| *end < day)
    }

    /// Moves what is promised or planned for a day to come from `opens` to its month. What an agreement wanted earlier is
    /// expected as though nobody had agreed.
    fn take_agreed(&mut self, ledger: &Ledger, opens: &mut [i64], as_of: i32) {
        let kinds = [CommitmentKind::Promise, CommitmentKind::Plan];
        for commitments in ledger.commitments.chunk_by(|a, b| a.item == b.item) {
            let item = commitments[0].item as usize;
            let agreed = ledger.agreed(item, opens[item], as_of, &kinds);
            for one in agreed.iter().filter(|one| one.day > as_of) {
                opens[item] -= one.amount;
                let month = self.month_of(one.day);
                let sums = match one.kind {
                    CommitmentKind::Promise => &mut self.promised,
                    CommitmentKind::Plan => &mut self.planned,
                };
                if let Some(sum) = sums.get_mut(month) {
                    *sum += one.amount;
                }
            }
        }
    }

    /// Every debt on one day: its due date and a delay; in the first month where that has passed (DOMAIN §2.3: tomorrow).
    fn by_delay(&mut self, ledger: &Ledger, opens: &[i64], query: &ForecastQuery) {
        let as_of = day_number(query.as_of);
        let from = day_number(months_from(query.as_of, -PROFILE_MONTHS));
        let clients = 0..ledger.clients.len();
        let paid: Vec<Paid> = match query.method {
            Method::DueDate => vec![Paid::default(); clients.len()],
            _ => clients
                .map(|client| paid_by(ledger, client, from, as_of))
                .collect(),
        };
        let mut all = Paid::default();
        paid.iter().for_each(|paid| all.add_all(paid));
        let average = all.delay_days().unwrap_or(0);
        let mut sums = vec![0_i64; self.ends.len()];
        for (client, paid) in paid.iter().enumerate() {
            let delay = match query.method {
                Method::AverageDelay | Method::DueDate => average,
                Method::PayerDelay | Method::Cohorts => paid.delay_days().unwrap_or(average),
            };
            for item in ledger.items_of(client) {
                let day = ledger.columns.due[item].saturating_add(delay);
                if let Some(sum) = sums.get_mut(self.month_of(day)) {
                    *sum += opens[item];
                }
            }
        }
        self.expected = sums.into_iter().map(Decimal::from).collect();
    }

    /// Returns whether there was history to learn from.
    fn by_cohorts(&mut self, ledger: &Ledger, opens: &[i64], as_of: NaiveDate) -> bool {
        let curve = Curve::learn(ledger, as_of);
        let by_age = Curve::ages(ledger, as_of, opens);
        let Some(expected) = curve.expect(&by_age, self.ends.len()) else {
            return false;
        };
        self.expected = expected.of_open;
        self.of_new = expected.of_new;
        true
    }
}

/// What a bucket of the aged balance is expected to bring (DOMAIN §2.3, 2).
///
/// # Errors
/// [`RatesMismatch`] unless there is a rate for each bucket.
pub fn by_bucket_rates(buckets: &[Amount], rates: &[Rate]) -> Result<Amount, RatesMismatch> {
    if buckets.len() != rates.len() {
        return Err(RatesMismatch {
            buckets: buckets.len(),
            rates: rates.len(),
        });
    }
    let parts = buckets.iter().zip(rates);
    Ok(parts
        .map(|(bucket, rate)| Amount(bucket.0 * rate.fraction()))
        .sum())
}

/// There is not one rate for each bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{buckets} buckets and {rates} rates: give one rate for each bucket, the least overdue first"
)]
pub struct RatesMismatch {
    pub buckets: usize,
    pub rates: usize,
}

/// What was paid after one day and until another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Of what was open on the first day: what a forecast of that day is held against.
    pub of_open: Amount,
    /// Of invoices issued since.
    pub of_new_sales: Amount,
}

/// Dated payments of invoices.
pub fn received(ledger: &Ledger, after: NaiveDate, until: NaiveDate) -> Received {
    let columns = &ledger.columns;
    let (after, until) = (day_number(after), day_number(until));
    let (mut of_open, mut of_new) = (0, 0);
    for item in 0..ledger.len() {
        if columns.kind[item] != EntryKind::Invoice {
            continue;
        }
        let came: i64 = ledger
            .movements_of(item)
            .filter(|movement| {
                let day = columns.movement_day[*movement];
                day != UNDATED && day > after && day <= until
            })
            .map(|movement| columns.movement_amount[movement])
            .sum();
        match columns.issued[item] > after {
            true => of_new += came,
            false => of_open += came,
        }
    }
    Received {
        of_open: ledger.amount(of_open),
        of_new_sales: ledger.amount(of_new),
    }
}
