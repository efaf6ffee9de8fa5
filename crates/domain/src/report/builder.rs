//! How a [`Ledger`] comes to be: from dossiers, or entry by entry.

use super::ledger::{Columns, EntryKind, ItemCommitment, ItemMark, Ledger, MarkKind};
use super::ledger::{UNDATED, day_number};
use super::spread::Spread;
use crate::order;
use crate::{Amount, ClientCode, Currency};
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;
use std::collections::HashMap;

/// The client the entries that follow belong to.
#[derive(Clone, Debug, Default)]
pub struct Account<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub agency: &'a str,
    pub collector: &'a str,
}

/// An invoice, a credit note, or money on account.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Number of the invoice, or of the receipt.
    pub reference: &'a str,
    pub kind: EntryKind,
    pub issued: NaiveDate,
    /// Without VAT; its share of each part follows the part's gross.
    pub net: Amount,
    /// By activity; one part almost always. Together they are what the instalments are together.
    pub parts: &'a [Part<'a>],
    /// In the order of their days; payments fill them in this order.
    pub instalments: &'a [Instalment],
    pub settlements: &'a [Settlement],
    pub marks: &'a [Mark],
    /// Day of the statement an undated settlement comes from.
    pub statement: Option<NaiveDate>,
}

/// What of an entry belongs to one activity, VAT included.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub activity: &'a str,
    pub gross: Amount,
}

#[derive(Clone, Copy, Debug)]
pub struct Instalment {
    pub due: NaiveDate,
    /// VAT included; negative on a credit.
    pub amount: Amount,
}

/// What reduced an entry: a payment, a credit set against it; negative where one was taken back.
#[derive(Clone, Copy, Debug)]
pub struct Settlement {
    /// `None` for what a statement says is settled without saying when: it counts on every day.
    pub date: Option<NaiveDate>,
    pub amount: Amount,
}

#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub kind: MarkKind,
    /// `None` for all of the entry.
    pub amount: Option<Amount>,
    pub from: NaiveDate,
    /// The last day it stood; `None` while it stands.
    pub until: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitmentKind {
    /// Comes before a plan where both cover the same money (DOMAIN §2.3).
    Promise,
    Plan,
}

/// A promise, or one instalment of a payment plan; those of one plan share the day they were made.
#[derive(Clone, Copy, Debug)]
pub struct Commitment<'a> {
    pub kind: CommitmentKind,
    /// The entry it is about; `None` spreads it over the client's debts, oldest first.
    pub reference: Option<&'a str>,
    pub made: NaiveDate,
    /// The last day it stood; `None` while nobody took it back.
    pub until: Option<NaiveDate>,
    pub date: NaiveDate,
    pub amount: Amount,
}

/// The entries cannot become a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    #[error(
        "{reference}: {amount} is finer than {currency} allows: correct it where it comes from"
    )]
    FinerThanCurrency {
        reference: String,
        amount: Amount,
        currency: Currency,
    },
    #[error("{reference}: instalments and activities do not add up to the same gross")]
    PartsDiffer { reference: String },
    #[error(
        "at {reference} the amounts together exceed what a report can hold: report fewer clients at a time"
    )]
    TooLarge { reference: String },
}

/// Minor units that all amounts of a ledger may come to, each taken as positive. What is left of an `i64` holds the units
/// that spreading over instalments and activities moves about, so that no sum of a report can overflow.
pub const VOLUME_MAX: i64 = i64::MAX / 4;

/// Takes accounts and their entries, in any order of days.
#[derive(Debug)]
pub struct LedgerBuilder {
    ledger: Ledger,
    labels: [HashMap<String, u32>; 3],
    /// Of the current account, not in columns yet.
    pending: Vec<Pending>,
    commitments: Vec<ItemCommitment>,
    agency: u32,
    collector: u32,
    /// Every amount as positive: no report sums more.
    volume: i64,
}

/// An item on its way into the columns.
#[derive(Debug)]
struct Pending {
    reference: String,
    kind: EntryKind,
    issued: i32,
    due: i32,
    gross: i64,
    net: i64,
    activity: u32,
    movements: Vec<(i32, i64)>,
    marks: Vec<ItemMark>,
}

impl LedgerBuilder {
    pub fn new(currency: Currency) -> Self {
        let unassigned = || vec![String::new()];
        Self {
            ledger: Ledger {
                currency,
                clients: Vec::new(),
                client_ends: Vec::new(),
                activities: unassigned(),
                agencies: unassigned(),
                collectors: unassigned(),
                columns: Columns::default(),
                marks: Vec::new(),
                commitments: Vec::new(),
                latest_statement: i32::MIN,
            },
            labels: Default::default(),
            pending: Vec::new(),
            commitments: Vec::new(),
            agency: 0,
            collector: 0,
            volume: 0,
        }
    }

    pub(super) fn currency(&self) -> Currency {
        self.ledger.currency
    }

    /// Starts a client: the entries that follow are theirs.
    pub fn account(&mut self, account: &Account) {
        self.close_account();
        let [_, agencies, collectors] = &mut self.labels;
        self.agency = number(&mut self.ledger.agencies, agencies, account.agency);
        self.collector = number(&mut self.ledger.collectors, collectors, account.collector);
        let client = (ClientCode::new(account.code), account.name.to_owned());
        self.ledger.clients.push(client);
        self.ledger.client_ends.push(self.items());
    }

    /// # Errors
    /// [`LedgerError`] names the entry; nothing of it is in.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        if self.ledger.clients.is_empty() {
            self.account(&Account::default());
        }
        let units = |amount| self.units(entry.reference, amount);
        let instalments: Vec<i64> = entry
            .instalments
            .iter()
            .map(|instalment| units(instalment.amount))
            .collect::<Result<_, _>>()?;
        let parts: Vec<i64> = entry
            .parts
            .iter()
            .map(|part| units(part.gross))
            .collect::<Result<_, _>>()?;
        let mut settlements: Vec<(i32, i64)> = entry
            .settlements
            .iter()
            .map(|settled| {
                Ok((
                    settled.date.map_or(UNDATED, day_number),
                    units(settled.amount)?,
                ))
            })
            .collect::<Result<_, LedgerError>>()?;
        let net = units(entry.net)?;
        let marks = self.marks_of(entry)?;

        let mut volume = self.volume;
        let settled = settlements.iter().map(|(_, amount)| amount);
        for amount in instalments.iter().chain(settled).chain([&net]) {
            volume = amount
                .checked_abs()
                .and_then(|amount| volume.checked_add(amount))
                .filter(|volume| *volume <= VOLUME_MAX)
                .ok_or_else(|| too_large(entry.reference))?;
        }
        let spread = Spread::new(&instalments, &parts).ok_or_else(|| LedgerError::PartsDiffer {
            reference: entry.reference.to_owned(),
        })?;
        let count = self.pending.len() + self.ledger.columns.gross.len() + spread.len();
        let movements = self.ledger.columns.movement_day.len() + settlements.len() * spread.len();
        if u32::try_from(count.max(movements)).is_err() {
            return Err(too_large(entry.reference));
        }
        self.volume = volume;

        order::sort_by(&mut settlements, Ord::cmp);
        let grosses = spread.grosses();
        let nets = spread.share(net);
        let mut movements = vec![Vec::new(); spread.len()];
        spread.settle(&settlements, |item, day, amount| {
            movements[item].push((day, amount));
        });
        let first = self.pending.len();
        for (item, movements) in movements.into_iter().enumerate() {
            let (instalment, part) = (item / parts.len(), item % parts.len());
            let activity = entry.parts[part].activity;
            let activity = number(&mut self.ledger.activities, &mut self.labels[0], activity);
            self.pending.push(Pending {
                reference: entry.reference.to_owned(),
                kind: entry.kind,
                issued: day_number(entry.issued),
                due: day_number(entry.instalments[instalment].due),
                gross: grosses[item],
                net: nets[item],
                activity,
                movements,
                marks: Vec::new(),
            });
        }
        for mark in marks {
            spread_mark(mark, &mut self.pending[first..]);
        }
        if let Some(statement) = entry.statement.map(day_number) {
            self.ledger.latest_statement = self.ledger.latest_statement.max(statement);
        }
        Ok(())
    }

    /// Adds promises and plans of the current account, after all its entries. What they cover beyond the entries is left out.
    ///
    /// # Errors
    /// [`LedgerError::FinerThanCurrency`].
    pub fn commitments(&mut self, commitments: &[Commitment]) -> Result<(), LedgerError> {
        self.close_account();
        let Some(client) = self.ledger.clients.len().checked_sub(1) else {
            return Ok(());
        };
        let mut sorted: Vec<&Commitment> = commitments.iter().collect();
        order::sort_by_key(&mut sorted, |one| (one.kind, one.made, one.date));
        let items = self.ledger.items_of(client);
        let mut covered = vec![0; items.len()];
        let mut previous = None;
        for one in sorted {
            // Each promise and each plan covers the debts from the oldest on; instalments of one plan follow each other.
            let agreement = (one.kind, one.made, one.until);
            if one.kind == CommitmentKind::Promise || previous != Some(agreement) {
                covered.fill(0);
            }
            previous = Some(agreement);
            let reference = one.reference.unwrap_or("promise");
            let mut left = self.units(reference, one.amount)?;
            let made = day_number(one.made);
            for (item, covered) in items.clone().zip(&mut covered) {
                let about = one
                    .reference
                    .is_none_or(|it| it == self.ledger.columns.reference[item]);
                let open = self.ledger.open(item, made) - *covered;
                let amount = left.min(open);
                if about && amount > 0 {
                    *covered += amount;
                    left -= amount;
                    self.commitments.push(ItemCommitment {
                        item: u32::try_from(item).unwrap_or(u32::MAX),
                        kind: one.kind,
                        made,
                        until: one.until.map_or(i32::MAX, day_number),
                        day: day_number(one.date),
                        amount,
                    });
                }
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Ledger {
        self.close_account();
        order::sort_by_key(&mut self.commitments, |one| {
            (one.item, one.kind, one.made, one.until, one.day)
        });
        self.ledger.commitments = self.commitments;
        self.ledger
    }

    fn items(&self) -> u32 {
        // `entry` refuses more.
        u32::try_from(self.ledger.columns.gross.len()).unwrap_or(u32::MAX)
    }

    /// Puts the pending items of the current account into the columns, oldest debt first, so that the order they came in
    /// leaves no trace.
    fn close_account(&mut self) {
        order::sort_by(&mut self.pending, |a, b| {
            (a.due, a.issued, &a.reference, a.activity).cmp(&(
                b.due,
                b.issued,
                &b.reference,
                b.activity,
            ))
        });
        let client = u32::try_from(self.ledger.clients.len().saturating_sub(1)).unwrap_or(u32::MAX);
        for mut pending in std::mem::take(&mut self.pending) {
            let item = self.items();
            let columns = &mut self.ledger.columns;
            columns.reference.push(pending.reference);
            columns.kind.push(pending.kind);
            columns.issued.push(pending.issued);
            columns.due.push(pending.due);
            columns.gross.push(pending.gross);
            columns.net.push(pending.net);
            columns.client.push(client);
            columns.activity.push(pending.activity);
            columns.agency.push(self.agency);
            columns.collector.push(self.collector);
            for (day, amount) in pending.movements {
                columns.movement_item.push(item);
                columns.movement_day.push(day);
                columns.movement_amount.push(amount);
            }
            let movements = u32::try_from(columns.movement_day.len()).unwrap_or(u32::MAX);
            columns.movement_ends.push(movements);
            order::sort_by_key(&mut pending.marks, |mark| (mark.kind, mark.from));
            let marks = pending.marks.into_iter();
            self.ledger
                .marks
                .extend(marks.map(|mark| ItemMark { item, ..mark }));
        }
        let items = self.items();
        if let Some(end) = self.ledger.client_ends.last_mut() {
            *end = items;
        }
    }

    fn marks_of(&self, entry: &Entry) -> Result<Vec<ItemMark>, LedgerError> {
        let mark = |mark: &Mark| {
            Ok(ItemMark {
                item: 0,
                kind: mark.kind,
                amount: match mark.amount {
                    Some(amount) => self.units(entry.reference, amount)?,
                    None => i64::MAX,
                },
                from: day_number(mark.from),
                until: mark.until.map_or(i32::MAX, day_number),
            })
        };
        entry.marks.iter().map(mark).collect()
    }

    fn units(&self, reference: &str, amount: Amount) -> Result<i64, LedgerError> {
        let currency = self.ledger.currency;
        if !currency.fits(amount) {
            return Err(LedgerError::FinerThanCurrency {
                reference: reference.to_owned(),
                amount,
                currency,
            });
        }
        let factor = 10_i64.pow(currency.scale());
        let units = amount.0.checked_mul(factor.into());
        units
            .and_then(|units| units.to_i64())
            .ok_or_else(|| too_large(reference))
    }
}

fn too_large(reference: &str) -> LedgerError {
    LedgerError::TooLarge {
        reference: reference.to_owned(),
    }
}

fn number(texts: &mut Vec<String>, numbers: &mut HashMap<String, u32>, text: &str) -> u32 {
    if text.is_empty() {
        return 0;
    }
    if let Some(number) = numbers.get(text) {
        return *number;
    }
    // Fewer than items, which `entry` counts.
    let number = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    texts.push(text.to_owned());
    numbers.insert(text.to_owned(), number);
    number
}

/// The amount of a mark falls on the instalments from the first on.
fn spread_mark(mark: ItemMark, items: &mut [Pending]) {
    let mut left = mark.amount;
    for pending in items {
        let amount = left.min(pending.gross);
        if amount > 0 {
            left -= amount;
            pending.marks.push(ItemMark { amount, ..mark });
        }
    }
}
