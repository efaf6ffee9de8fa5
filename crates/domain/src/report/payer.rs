//! How late a client pays, and whether promises are kept (DOMAIN §2.3, PRODUCT H4).

use super::builder::CommitmentKind;
use super::ledger::{EntryKind, Ledger, UNDATED, day_number};
use super::period::months_from;
use crate::Amount;
use crate::order;
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

/// Months of payments a profile looks at.
pub const PROFILE_MONTHS: i32 = 12;
/// Months of payments that count as recent.
pub const RECENT_MONTHS: i32 = 3;

/// Payments of a period, against their due dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// Minor units.
    pub(super) amount: i64,
    /// Of these, after the due date.
    pub(super) late: i64,
    /// Sum of amount × days after the due date; before it they are negative.
    pub(super) amount_days: i128,
}

impl Paid {
    fn add(&mut self, amount: i64, days: i32) {
        self.amount += amount;
        self.amount_days += i128::from(amount) * i128::from(days);
        if days > 0 {
            self.late += amount;
        }
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        self.amount += other.amount;
        self.late += other.late;
        self.amount_days += other.amount_days;
    }

    /// Days from the due date to the payment, weighted by amount, one decimal; negative when paid before. `None` when
    /// nothing was paid.
    pub fn weighted_delay(&self) -> Option<Decimal> {
        let delay = self.exact_delay()?;
        Some(delay.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
    }

    /// The delay in whole days.
    pub(super) fn delay_days(&self) -> Option<i32> {
        use rust_decimal::prelude::ToPrimitive;
        let days = self.exact_delay()?;
        days.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
            .to_i32()
    }

    fn exact_delay(&self) -> Option<Decimal> {
        let amount_days = Decimal::try_from_i128_with_scale(self.amount_days, 0).ok()?;
        amount_days.checked_div(self.amount.into())
    }

    /// The share of one that was paid after its due date, three decimals. `None` when nothing was paid.
    pub fn late_share(&self) -> Option<Decimal> {
        let share = Decimal::from(self.late).checked_div(self.amount.into())?;
        Some(share.round_dp_with_strategy(3, RoundingStrategy::MidpointAwayFromZero))
    }
}

/// Days from the due date to the payment, weighted by amount, one decimal. `None` when the amounts add up to zero.
pub fn weighted_delay(payments: impl IntoIterator<Item = (Amount, i64)>) -> Option<Decimal> {
    let (mut amounts, mut amount_days) = (Decimal::ZERO, Decimal::ZERO);
    for (amount, days) in payments {
        amounts = amounts.checked_add(amount.0)?;
        amount_days = amount_days.checked_add(amount.0.checked_mul(days.into())?)?;
    }
    let delay = amount_days.checked_div(amounts)?;
    Some(delay.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

/// What came of promises whose day has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promises {
    pub kept: u32,
    pub partly: u32,
    pub broken: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayerProfile {
    /// In the last [`PROFILE_MONTHS`].
    pub paid: Amount,
    pub weighted_delay: Option<Decimal>,
    pub late_share: Option<Decimal>,
    /// In the last [`RECENT_MONTHS`].
    pub recent_delay: Option<Decimal>,
    /// The recent delay less that of the whole time: positive when the client pays later than before.
    pub trend: Option<Decimal>,
    pub promises: Promises,
}

/// How client `number` paid until the end of `as_of`. A promise is kept when its amount came within `grace_days` of its day.
pub fn profile(ledger: &Ledger, number: usize, as_of: NaiveDate, grace_days: u16) -> PayerProfile {
    let until = day_number(as_of);
    let whole = paid_by(
        ledger,
        number,
        day_number(months_from(as_of, -PROFILE_MONTHS)),
        until,
    );
    let recent = paid_by(
        ledger,
        number,
        day_number(months_from(as_of, -RECENT_MONTHS)),
        until,
    );
    PayerProfile {
        paid: ledger.amount(whole.amount),
        weighted_delay: whole.weighted_delay(),
        late_share: whole.late_share(),
        recent_delay: recent.weighted_delay(),
        trend: recent
            .weighted_delay()
            .zip(whole.weighted_delay())
            .map(|(recent, whole)| recent - whole),
        promises: promises(ledger, number, until, grace_days),
    }
}

/// What all clients paid in the months of a profile.
pub fn paid_by_all(ledger: &Ledger, as_of: NaiveDate) -> Paid {
    let from = day_number(months_from(as_of, -PROFILE_MONTHS));
    let mut all = Paid::default();
    for client in 0..ledger.clients.len() {
        all.add_all(&paid_by(ledger, client, from, day_number(as_of)));
    }
    all
}

/// Dated payments of one client's invoices after `from` and until `until`.
pub(super) fn paid_by(ledger: &Ledger, client: usize, from: i32, until: i32) -> Paid {
    let columns = &ledger.columns;
    let mut paid = Paid::default();
    let mut standing: Vec<(i32, i64)> = Vec::new();
    for item in ledger.items_of(client) {
        if columns.kind[item] != EntryKind::Invoice {
            continue;
        }
        standing.clear();
        for movement in ledger.movements_of(item) {
            let (day, amount) = (
                columns.movement_day[movement],
                columns.movement_amount[movement],
            );
            if day == UNDATED || day > until {
                continue;
            }
            if amount < 0 {
                take_back(&mut standing, -amount);
            } else {
                standing.push((day, amount));
            }
        }
        for (day, amount) in standing.iter().filter(|(day, _)| *day > from) {
            paid.add(*amount, day - columns.due[item]);
        }
    }
    paid
}

/// A payment that bounced was never made: the latest ones go first.
fn take_back(standing: &mut Vec<(i32, i64)>, mut amount: i64) {
    while amount > 0
        && let Some((_, last)) = standing.last_mut()
    {
        let taken = amount.min(*last);
        *last -= taken;
        amount -= taken;
        if *last == 0 {
            standing.pop();
        }
    }
}

fn promises(ledger: &Ledger, client: usize, as_of: i32, grace_days: u16) -> Promises {
    let mut all: Vec<_> = ledger
        .items_of(client)
        .flat_map(|item| ledger.commitments_of(item))
        .filter(|one| one.kind == CommitmentKind::Promise)
        .collect();
    // A promise over several invoices is one promise.
    order::sort_by_key(&mut all, |one| (one.made, one.day, one.item));
    let mut outcome = Promises::default();
    for promise in all.chunk_by(|a, b| (a.made, a.day) == (b.made, b.day)) {
        let last = promise[0].day + i32::from(grace_days);
        if last >= as_of || promise[0].until < promise[0].day {
            continue;
        }
        let promised: i64 = promise.iter().map(|one| one.amount).sum();
        let received: i64 = promise
            .iter()
            .map(|one| {
                let item = one.item as usize;
                let came = ledger.open(item, one.made) - ledger.open(item, last);
                came.clamp(0, one.amount)
            })
            .sum();
        match received {
            received if received >= promised => outcome.kept += 1,
            0 => outcome.broken += 1,
            _ => outcome.partly += 1,
        }
    }
    outcome
}
