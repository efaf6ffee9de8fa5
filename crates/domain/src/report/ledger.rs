//! What is owed, in columns of whole minor units: built once, read by every report.
//!
//! A row is one *item*: an instalment of an invoice (its part in one activity, where there are several), a credit note, or
//! money on account, whose gross is negative. What settled an item are its dated *movements*. An amount is what stands in
//! the books at the end of a day: gross less the movements dated until then.
//!
//! No sum of these columns can overflow: the builder refuses a ledger whose amounts, all taken as positive, do not fit an
//! `i64` together, and a report adds each amount once at most.

use crate::{Amount, ClientCode, Currency};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use std::ops::Range;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Invoice,
    CreditNote,
    /// Money received and not set against an invoice, and down payments: a credit that is not a sale.
    OnAccount,
}

/// What a report can be broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Client,
    Activity,
    Agency,
    Collector,
}

/// Why part of an item is shown in a column of its own; it stays in its bucket too (DOMAIN §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    Disputed,
    Doubtful,
    /// Paid by a cheque that the bank has not credited.
    ChequePending,
    /// Withheld by the client, and the attestation is not there yet (DOMAIN §3).
    WithholdingPending,
}

impl MarkKind {
    pub const ALL: [Self; 4] = [
        Self::Disputed,
        Self::Doubtful,
        Self::ChequePending,
        Self::WithholdingPending,
    ];
}

/// The receivables of any number of clients in one currency.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) currency: Currency,
    /// Codes and names, in the order the clients were added.
    pub(super) clients: Vec<(ClientCode, String)>,
    /// Where each client's items end.
    pub(super) client_ends: Vec<u32>,
    /// Texts by number; number 0 is the empty text, « not assigned ».
    pub(super) activities: Vec<String>,
    pub(super) agencies: Vec<String>,
    pub(super) collectors: Vec<String>,
    pub(super) columns: Columns,
    /// By item.
    pub(super) marks: Vec<ItemMark>,
    /// By item, kind and the day they were made, then by their own day.
    pub(super) commitments: Vec<ItemCommitment>,
    /// Day of the latest statement any item rests on.
    pub(super) latest_statement: i32,
}

/// One value an item. Days are counted from the first of January of year one.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub reference: Vec<String>,
    pub kind: Vec<EntryKind>,
    pub issued: Vec<i32>,
    pub due: Vec<i32>,
    pub gross: Vec<i64>,
    pub net: Vec<i64>,
    pub client: Vec<u32>,
    pub activity: Vec<u32>,
    pub agency: Vec<u32>,
    pub collector: Vec<u32>,
    /// Where each item's movements end.
    pub movement_ends: Vec<u32>,
    /// Whose each movement is: what [`Ledger::opens`] follows instead of the ends.
    pub movement_item: Vec<u32>,
    pub movement_day: Vec<i32>,
    pub movement_amount: Vec<i64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ItemMark {
    pub item: u32,
    pub kind: MarkKind,
    pub amount: i64,
    pub from: i32,
    /// The last day it stood.
    pub until: i32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ItemCommitment {
    pub item: u32,
    pub kind: super::CommitmentKind,
    pub made: i32,
    /// The last day it stood.
    pub until: i32,
    pub day: i32,
    pub amount: i64,
}

/// The day of a movement whose date nobody knows: *Réglé* of a statement. It counts on every day.
pub(super) const UNDATED: i32 = i32::MIN;

/// One item, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub client: ClientCode,
    pub reference: String,
    pub kind: EntryKind,
    pub issued: NaiveDate,
    pub due: NaiveDate,
    pub gross: Amount,
    /// At the end of the day asked for; negative for a credit.
    pub open: Amount,
}

impl Ledger {
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.columns.gross.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.gross.is_empty()
    }

    /// What a group's number stands for: a client's code, or the text of the others; empty for what is not assigned.
    /// `None` when there is no such group.
    pub fn label(&self, group: Group, number: usize) -> Option<&str> {
        match group {
            Group::Client => self.clients.get(number).map(|(code, _)| code.as_str()),
            Group::Activity => self.activities.get(number).map(String::as_str),
            Group::Agency => self.agencies.get(number).map(String::as_str),
            Group::Collector => self.collectors.get(number).map(String::as_str),
        }
    }

    /// The name of client `number`.
    pub fn client_name(&self, number: usize) -> Option<&str> {
        self.clients.get(number).map(|(_, name)| name.as_str())
    }

    /// The number of the client with this code.
    pub fn client_number(&self, code: &ClientCode) -> Option<usize> {
        self.clients.iter().position(|(known, _)| known == code)
    }

    /// The collector's code of client `number`; empty when nobody is assigned, or nothing is known of the client.
    pub fn collector_of(&self, number: usize) -> &str {
        let first = self.items_of(number).next();
        let collector = first.map(|item| self.columns.collector[item] as usize);
        collector.map_or("", |collector| &self.collectors[collector])
    }

    /// How many numbers a group has.
    pub fn group_len(&self, group: Group) -> usize {
        match group {
            Group::Client => self.clients.len(),
            Group::Activity => self.activities.len(),
            Group::Agency => self.agencies.len(),
            Group::Collector => self.collectors.len(),
        }
    }

    /// *Réglé* is known only as of a statement later than `as_of` (DOMAIN §2.6).
    pub fn rests_on_later_statement(&self, as_of: NaiveDate) -> bool {
        self.latest_statement > day_number(as_of)
    }

    /// What is owed at the end of `as_of`, credits deducted.
    pub fn balance(&self, as_of: NaiveDate) -> Amount {
        let as_of = day_number(as_of);
        self.amount(self.opens(as_of).iter().sum())
    }

    /// The items of one group that are not settled at the end of `as_of`, in the ledger's order: the drill-down.
    pub fn open_items(&self, group: Group, number: usize, as_of: NaiveDate) -> Vec<Item> {
        let day = day_number(as_of);
        let keys = self.keys(group);
        (0..self.len())
            .filter(|item| keys[*item] as usize == number)
            .map(|item| self.item(item, day))
            .filter(|item| !item.open.is_zero())
            .collect()
    }

    pub(super) fn item(&self, item: usize, as_of: i32) -> Item {
        let columns = &self.columns;
        let client = columns.client[item] as usize;
        Item {
            client: self.clients[client].0.clone(),
            reference: columns.reference[item].clone(),
            kind: columns.kind[item],
            issued: date_of(columns.issued[item]),
            due: date_of(columns.due[item]),
            gross: self.amount(columns.gross[item]),
            open: self.amount(self.open(item, as_of)),
        }
    }

    pub(super) fn keys(&self, group: Group) -> &[u32] {
        match group {
            Group::Client => &self.columns.client,
            Group::Activity => &self.columns.activity,
            Group::Agency => &self.columns.agency,
            Group::Collector => &self.columns.collector,
        }
    }

    pub(super) fn items_of(&self, client: usize) -> Range<usize> {
        range(&self.client_ends, client)
    }

    pub(super) fn movements_of(&self, item: usize) -> Range<usize> {
        range(&self.columns.movement_ends, item)
    }

    /// What an item owes at the end of a day; nothing before it exists.
    pub(super) fn open(&self, item: usize, as_of: i32) -> i64 {
        let columns = &self.columns;
        if columns.issued[item] > as_of {
            return 0;
        }
        let movements = self.movements_of(item);
        columns.gross[item] - self.moved(movements, as_of)
    }

    /// What every item owes at the end of a day.
    ///
    /// It goes through each column once and without a branch: no processor could guess which item was paid, and when.
    pub(super) fn opens(&self, as_of: i32) -> Vec<i64> {
        let columns = &self.columns;
        let mut opens = columns.gross.clone();
        let dated = columns.movement_day.iter().zip(&columns.movement_amount);
        for (item, (day, amount)) in columns.movement_item.iter().zip(dated) {
            opens[*item as usize] -= if *day <= as_of { *amount } else { 0 };
        }
        for (open, issued) in opens.iter_mut().zip(&columns.issued) {
            *open = if *issued <= as_of { *open } else { 0 };
        }
        opens
    }

    /// Items, kinds and amounts of the marks that stand on a day. They cover at most what is open, several of a kind on one
    /// item not more than it together.
    pub(super) fn marked(
        &self,
        opens: &[i64],
        as_of: i32,
    ) -> impl Iterator<Item = (usize, MarkKind, i64)> {
        let by_item = self
            .marks
            .chunk_by(|a, b| (a.item, a.kind) == (b.item, b.kind));
        by_item.map(move |marks| {
            let (item, kind) = (marks[0].item as usize, marks[0].kind);
            let standing = marks
                .iter()
                .filter(|mark| mark.from <= as_of && mark.until >= as_of);
            let amount = standing.fold(0_i64, |sum, mark| sum.saturating_add(mark.amount));
            (item, kind, amount.min(opens[item].max(0)))
        })
    }

    #[inline]
    fn moved(&self, movements: Range<usize>, as_of: i32) -> i64 {
        let days = &self.columns.movement_day[movements.clone()];
        let amounts = &self.columns.movement_amount[movements];
        let dated = days.iter().zip(amounts);
        dated
            .map(|(day, amount)| if *day <= as_of { *amount } else { 0 })
            .sum()
    }

    /// Minor units as an amount.
    pub(super) fn amount(&self, units: i64) -> Amount {
        Amount(Decimal::new(units, self.currency.scale()))
    }
}

fn range(ends: &[u32], at: usize) -> Range<usize> {
    let start = if at == 0 { 0 } else { ends[at - 1] };
    start as usize..ends[at] as usize
}

pub(super) fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

pub(super) fn date_of(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day).unwrap_or(NaiveDate::MAX)
}
