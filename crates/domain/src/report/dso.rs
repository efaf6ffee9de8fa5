//! Days sales outstanding and its companions (DOMAIN §2.2). Days and percents have two decimals.

use super::ledger::{EntryKind, Group, Ledger, MarkKind, day_number};
use super::period::{end_of_month, months_from};
use crate::Amount;
use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

/// Months a count-back looks at; whoever owes more is told « more than ».
pub const COUNT_BACK_MONTHS_MAX: u32 = 60;

/// Days of sales that are not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dso {
    Days(Decimal),
    /// The history known does not suffice.
    MoreThan(u32),
}

/// The sales of one month, VAT included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthSales {
    /// Days the month has, or that have passed of it.
    pub days: u32,
    pub sales: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountBack {
    pub dso: Dso,
    /// Places of the months left out because their credit notes exceed their sales: a warning.
    pub skipped: Vec<usize>,
}

/// The count-back (*méthode d'épuisement*): whole months from the latest back, the last one in proportion. Zero when
/// nothing is owed. Months of negative sales are skipped with their days.
pub fn count_back(receivables: Amount, latest_first: &[MonthSales]) -> CountBack {
    let mut left = receivables;
    let mut days = 0;
    let mut skipped = Vec::new();
    for (place, month) in latest_first.iter().enumerate() {
        if !left.is_positive() {
            break;
        }
        if month.sales.is_negative() {
            skipped.push(place);
            continue;
        }
        if month.sales > left {
            let part = left.0 / month.sales.0 * Decimal::from(month.days);
            let dso = Dso::Days(two_decimals(Decimal::from(days) + part));
            return CountBack { dso, skipped };
        }
        left -= month.sales;
        days += month.days;
    }
    let dso = match left.is_positive() {
        true => Dso::MoreThan(days),
        false => Dso::Days(two_decimals(days.into())),
    };
    CountBack { dso, skipped }
}

/// The balance method: receivables ÷ sales × days, both VAT included. With what is not due as `receivables` it is the best
/// possible DSO. `None` without sales.
pub fn by_balance(receivables: Amount, sales: Amount, period_days: u32) -> Option<Decimal> {
    if !sales.is_positive() {
        return None;
    }
    let ratio = receivables.0.checked_div(sales.0)?;
    Some(two_decimals(ratio * Decimal::from(period_days)))
}

/// ADD: what lateness adds to the best possible DSO.
pub fn average_days_delinquent(dso: Decimal, best_possible: Decimal) -> Decimal {
    dso - best_possible
}

/// CEI: the percentage collected of what could be, over a period with that period's own sales. `None` when nothing could be.
pub fn collection_effectiveness(
    opening: Amount,
    sales: Amount,
    closing: Amount,
    closing_not_due: Amount,
) -> Option<Decimal> {
    let collected = opening + sales - closing;
    let collectable = opening + sales - closing_not_due;
    let share = match collectable.is_positive() {
        true => collected.0.checked_div(collectable.0)?,
        false => return None,
    };
    Some(two_decimals(share * Decimal::ONE_HUNDRED))
}

#[derive(Clone, Copy, Debug)]
pub struct DsoQuery {
    pub as_of: NaiveDate,
    /// Months of sales the balance method divides by, the last ending at `as_of`.
    pub months: u32,
    /// Doubtful receivables are no part of the numerator, as a rule.
    pub with_doubtful: bool,
}

impl DsoQuery {
    /// Over the last three months, without doubtful receivables.
    pub fn new(as_of: NaiveDate) -> Self {
        Self {
            as_of,
            months: 3,
            with_doubtful: false,
        }
    }
}

/// The figures of one activity, or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DsoLine {
    /// The group's number; `None` for all. The DSO of all is not the mean of the groups' (DOMAIN §2.2).
    pub number: Option<usize>,
    /// Credits deducted.
    pub receivables: Amount,
    pub not_due: Amount,
    /// Over the query's months.
    pub sales: Amount,
    pub count_back: CountBack,
    pub by_balance: Option<Decimal>,
    pub best_possible: Option<Decimal>,
    pub average_days_delinquent: Option<Decimal>,
    /// Of the month of the query's day, until that day.
    pub collection_effectiveness: Option<Decimal>,
}

/// The line of all, then of every number of `group` that has sales or receivables.
pub fn dso(ledger: &Ledger, query: &DsoQuery, group: Group) -> Vec<DsoLine> {
    let sums = Sums::of(ledger, query, group);
    let numbers = 0..ledger.group_len(group);
    let mut lines = vec![sums.line(ledger, None, &sums.all())];
    lines.extend(numbers.filter_map(|number| {
        let sums_of = &sums.groups[number];
        let empty = sums_of.opening == 0
            && sums_of.receivables == 0
            && sums_of.sales.iter().all(|sales| *sales == 0);
        (!empty).then(|| sums.line(ledger, Some(number), sums_of))
    }));
    lines
}

/// What the figures of one group are made of, in minor units.
#[derive(Clone, Debug, Default)]
struct GroupSums {
    opening: i64,
    receivables: i64,
    not_due: i64,
    /// By calendar month, the latest first.
    sales: Vec<i64>,
    /// Over the query's months.
    period_sales: i64,
}

struct Sums {
    groups: Vec<GroupSums>,
    /// Days of each month of the sales, the latest first.
    days: Vec<u32>,
    period_days: u32,
}

impl Sums {
    fn of(ledger: &Ledger, query: &DsoQuery, group: Group) -> Self {
        let as_of = day_number(query.as_of);
        let columns = &ledger.columns;
        let before = i32::try_from(query.months).unwrap_or(i32::MAX);
        let period_start = day_number(months_from(query.as_of, -before));
        // The last days of the months before, the latest first.
        let first = columns.issued.iter().min().copied().unwrap_or(as_of);
        let mut month_ends = Vec::new();
        let mut days = Vec::new();
        let mut end = query.as_of;
        for _ in 0..COUNT_BACK_MONTHS_MAX {
            let before = end
                .with_day(1)
                .and_then(|first| first.pred_opt())
                .unwrap_or(end);
            month_ends.push(day_number(before));
            days.push(end.day());
            if day_number(before) < first {
                break;
            }
            end = end_of_month(before);
        }

        let empty = GroupSums {
            sales: vec![0; days.len()],
            ..GroupSums::default()
        };
        let mut groups = vec![empty; ledger.group_len(group)];
        let keys = ledger.keys(group);
        let opening = counted(ledger, month_ends[0], query.with_doubtful);
        let opens = counted(ledger, as_of, query.with_doubtful);
        for (item, key) in keys.iter().enumerate() {
            let sums = &mut groups[*key as usize];
            sums.opening += opening[item];
            sums.receivables += opens[item];
            if columns.due[item] >= as_of {
                sums.not_due += opens[item].max(0);
            }
            let issued = columns.issued[item];
            if columns.kind[item] == EntryKind::OnAccount || issued > as_of {
                continue;
            }
            let month = month_ends.partition_point(|end| issued <= *end);
            if let Some(sales) = sums.sales.get_mut(month) {
                *sales += columns.gross[item];
            }
            if issued > period_start {
                sums.period_sales += columns.gross[item];
            }
        }
        Self {
            groups,
            days,
            period_days: u32::try_from(as_of - period_start).unwrap_or(0),
        }
    }

    fn all(&self) -> GroupSums {
        let mut all = GroupSums {
            sales: vec![0; self.days.len()],
            ..GroupSums::default()
        };
        for group in &self.groups {
            all.opening += group.opening;
            all.receivables += group.receivables;
            all.not_due += group.not_due;
            all.period_sales += group.period_sales;
            all.sales
                .iter_mut()
                .zip(&group.sales)
                .for_each(|(all, one)| *all += one);
        }
        all
    }

    fn line(&self, ledger: &Ledger, number: Option<usize>, sums: &GroupSums) -> DsoLine {
        let amount = |units| ledger.amount(units);
        let (receivables, not_due) = (amount(sums.receivables), amount(sums.not_due));
        let sales = amount(sums.period_sales);
        let months: Vec<MonthSales> = self
            .days
            .iter()
            .zip(&sums.sales)
            .map(|(days, sales)| MonthSales {
                days: *days,
                sales: amount(*sales),
            })
            .collect();
        let balance = by_balance(receivables, sales, self.period_days);
        let best_possible = by_balance(not_due, sales, self.period_days);
        DsoLine {
            number,
            receivables,
            not_due,
            sales,
            count_back: count_back(receivables, &months),
            by_balance: balance,
            best_possible,
            average_days_delinquent: balance
                .zip(best_possible)
                .map(|(dso, best)| average_days_delinquent(dso, best)),
            collection_effectiveness: collection_effectiveness(
                amount(sums.opening),
                amount(sums.sales[0]),
                receivables,
                not_due,
            ),
        }
    }
}

/// What every item owes at the end of a day, without what was doubtful then unless it counts.
fn counted(ledger: &Ledger, day: i32, with_doubtful: bool) -> Vec<i64> {
    let opens = ledger.opens(day);
    let mut counted = opens.clone();
    for (item, kind, amount) in ledger.marked(&opens, day) {
        if kind == MarkKind::Doubtful && !with_doubtful {
            counted[item] -= amount;
        }
    }
    counted
}

fn two_decimals(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
