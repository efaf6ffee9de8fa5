//! The aged balance of any day (DOMAIN §2.1).

use super::builder::CommitmentKind;
use super::ledger::{Group, Ledger, MarkKind, day_number};
use crate::Amount;
use crate::ageing::Bounds;
use crate::order;
use chrono::NaiveDate;

/// The day an item's age is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    #[default]
    DueDate,
    InvoiceDate,
    /// The due date, but what a payment plan covers by the plan's days: a plan does not change the due date itself.
    PlannedDate,
}

/// Where credit notes, overpaid invoices and money on account are shown (DOMAIN §2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credits {
    /// In a column of their own; the buckets hold debts only.
    #[default]
    Separate,
    /// Set against the same client's oldest debts; what they exceed the debts by stays in the column.
    OldestDebt,
    /// In the bucket of their own date, negative.
    OwnDate,
}

#[derive(Clone, Debug)]
pub struct AgedQuery {
    pub as_of: NaiveDate,
    pub bounds: Bounds,
    pub basis: Basis,
    pub credits: Credits,
    pub group: Group,
}

impl AgedQuery {
    /// By client, on the due date, the default bounds, credits apart.
    pub fn new(as_of: NaiveDate) -> Self {
        Self {
            as_of,
            bounds: Bounds::default(),
            basis: Basis::default(),
            credits: Credits::default(),
            group: Group::Client,
        }
    }
}

/// An aged balance: a row for every number of its group, also where nothing is open.
#[derive(Clone, Debug)]
pub struct AgedTable<'l> {
    ledger: &'l Ledger,
    group: Group,
    buckets: usize,
    /// By group: the buckets, the credits, a column for each kind of mark.
    cells: Vec<i64>,
}

/// One row; its total is the sum of the buckets less the credits. Marked amounts stand in the buckets too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgedLine {
    /// The group's number; [`Ledger::label`] says what it stands for. `None` for the sum of all.
    pub number: Option<usize>,
    /// The least overdue first.
    pub buckets: Vec<Amount>,
    /// As a positive number.
    pub credits: Amount,
    /// In the order of [`MarkKind::ALL`].
    pub marked: [Amount; MarkKind::ALL.len()],
    pub total: Amount,
}

/// The aged balance at the end of the query's day.
pub fn aged_balance<'l>(ledger: &'l Ledger, query: &AgedQuery) -> AgedTable<'l> {
    let as_of = day_number(query.as_of);
    let buckets = query.bounds.len();
    let mut table = AgedTable {
        ledger,
        group: query.group,
        buckets,
        cells: Vec::new(),
    };
    let width = table.width();
    table.cells = vec![0; width * ledger.group_len(query.group)];
    let mut opens = ledger.opens(as_of);
    table.add_marks(&opens, as_of);

    let dates = match query.basis {
        Basis::InvoiceDate => &ledger.columns.issued,
        Basis::DueDate | Basis::PlannedDate => &ledger.columns.due,
    };
    if query.credits == Credits::OldestDebt {
        set_off(ledger, &mut opens, dates);
    }
    if query.basis == Basis::PlannedDate {
        table.add_planned(&mut opens, as_of, &query.bounds);
    }
    let buckets_by_age = BucketsByAge::new(&query.bounds);
    let own_date = query.credits == Credits::OwnDate;
    for ((open, date), key) in opens.iter().zip(dates).zip(ledger.keys(query.group)) {
        let (column, amount) = match *open > 0 || own_date {
            true => (buckets_by_age.bucket(as_of.saturating_sub(*date)), *open),
            false => (buckets, -*open),
        };
        table.cells[*key as usize * width + column] += amount;
    }
    table
}

/// The bucket of every age, to be looked up instead of compared with each bound.
struct BucketsByAge {
    /// The day after the last bound: no older debt is elsewhere.
    oldest: i32,
    /// By days overdue, from 0.
    buckets: Vec<u8>,
}

impl BucketsByAge {
    fn new(bounds: &Bounds) -> Self {
        let oldest = bounds.last_days().last().map_or(0, |last| i32::from(*last)) + 1;
        // There are few buckets (BOUNDS_MAX).
        let bucket = |days: i32| u8::try_from(bounds.bucket(days.into())).unwrap_or(u8::MAX);
        Self {
            oldest,
            buckets: (0..=oldest).map(bucket).collect(),
        }
    }

    fn bucket(&self, days_overdue: i32) -> usize {
        // What is not due yet is in the first bucket, as what is due today.
        usize::from(self.buckets[days_overdue.clamp(0, self.oldest) as usize])
    }
}

/// Sets each client's credits against their debts, oldest date first.
pub(super) fn set_off(ledger: &Ledger, opens: &mut [i64], dates: &[i32]) {
    let mut by_date: Vec<usize> = Vec::new();
    for client in 0..ledger.clients.len() {
        let items = ledger.items_of(client);
        if opens[items.clone()].iter().all(|open| *open >= 0) {
            continue;
        }
        // By the due date the ledger has them in order.
        if dates[items.clone()].is_sorted() {
            set_off_in_order(opens, items);
        } else {
            by_date.clear();
            by_date.extend(items.filter(|item| opens[*item] != 0));
            order::sort_by_key(&mut by_date, |item| dates[*item]);
            set_off_in_order(opens, by_date.iter().copied());
        }
    }
}

/// Sets the credits among `items` against the debts among them, both from the first on.
fn set_off_in_order(opens: &mut [i64], items: impl Iterator<Item = usize> + Clone) {
    let credit: i64 = items.clone().map(|item| -opens[item].min(0)).sum();
    let mut left = credit;
    for item in items.clone() {
        let taken = left.min(opens[item].max(0));
        opens[item] -= taken;
        left -= taken;
    }
    let mut used = credit - left;
    for item in items {
        let taken = used.min((-opens[item]).max(0));
        opens[item] += taken;
        used -= taken;
    }
}

impl AgedTable<'_> {
    fn width(&self) -> usize {
        self.buckets + 1 + MarkKind::ALL.len()
    }

    fn add_marks(&mut self, opens: &[i64], as_of: i32) {
        let keys = self.ledger.keys(self.group);
        let width = self.width();
        for (item, kind, amount) in self.ledger.marked(opens, as_of) {
            let column = self.buckets + 1 + kind as usize;
            self.cells[keys[item] as usize * width + column] += amount;
        }
    }

    /// Moves what plans cover from `opens` to the bucket of the plan's day.
    fn add_planned(&mut self, opens: &mut [i64], as_of: i32, bounds: &Bounds) {
        let keys = self.ledger.keys(self.group);
        let width = self.width();
        for commitments in self.ledger.commitments.chunk_by(|a, b| a.item == b.item) {
            let item = commitments[0].item as usize;
            let agreed = self
                .ledger
                .agreed(item, opens[item], as_of, &[CommitmentKind::Plan]);
            for planned in agreed.iter().filter(|one| one.kind == CommitmentKind::Plan) {
                let bucket = bounds.bucket(i64::from(as_of) - i64::from(planned.day));
                self.cells[keys[item] as usize * width + bucket] += planned.amount;
                opens[item] -= planned.amount;
            }
        }
    }

    /// The rows in which something is open, in the order of their numbers.
    pub fn rows(&self) -> impl Iterator<Item = AgedLine> {
        let rows = self.cells.chunks_exact(self.width()).enumerate();
        rows.filter(|(_, cells)| cells.iter().any(|cell| *cell != 0))
            .map(|(number, cells)| self.line(Some(number), cells))
    }

    /// The sum of all rows.
    pub fn total(&self) -> AgedLine {
        let mut sums = vec![0; self.width()];
        for row in self.cells.chunks_exact(self.width()) {
            sums.iter_mut()
                .zip(row)
                .for_each(|(sum, cell)| *sum += cell);
        }
        self.line(None, &sums)
    }

    fn line(&self, number: Option<usize>, cells: &[i64]) -> AgedLine {
        let amount = |units: i64| self.ledger.amount(units);
        let (buckets, rest) = cells.split_at(self.buckets);
        let mut marked = [Amount::ZERO; MarkKind::ALL.len()];
        for (marked, units) in marked.iter_mut().zip(&rest[1..]) {
            *marked = amount(*units);
        }
        AgedLine {
            number,
            buckets: buckets.iter().copied().map(amount).collect(),
            credits: amount(rest[0]),
            marked,
            total: amount(buckets.iter().sum::<i64>() - rest[0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_looked_up_is_what_the_bounds_say(
            days in prop::collection::btree_set(0..2_000_u16, 1..12),
            age in prop_oneof![-100..2_100_i32, any::<i32>()],
        ) {
            let bounds = Bounds::new(days.into_iter().collect()).expect("increasing");
            prop_assert_eq!(BucketsByAge::new(&bounds).bucket(age), bounds.bucket(age.into()));
        }
    }
}
