//! Invoices that together owe exactly what was paid (DOMAIN §6, matching).

use super::{OpenItem, Proposal, Rule, owing_oldest_first};
use crate::Amount;
use crate::fact::Allocation;
use std::collections::HashMap;

/// Invoices one payment can be matched with.
pub const SUBSET_MAX: usize = 8;

/// Invoices that are tried: the oldest that owe no more than was paid. All their subsets of [`SUBSET_MAX`] are, so that
/// an answer takes milliseconds on a phone too.
pub const SUBSET_CANDIDATES_MAX: usize = 40;

/// The fewest invoices, at most [`SUBSET_MAX`], that together owe exactly `amount`; of as many, the oldest. `None` when
/// there are none among the [`SUBSET_CANDIDATES_MAX`] oldest.
pub fn subset_match(items: &[OpenItem], amount: Amount) -> Option<Proposal> {
    subset_up_to(items, amount, |_, _| SUBSET_MAX)
}

/// How many times more values an amount can have than there are subsets to reach one, so that a match is meant and not found
/// by chance.
const CHANCE_AT_MOST_ONE_IN: i128 = 10;

/// The same among so few subsets that one of them hardly owes exactly `amount` by chance: of 25 invoices, any five or six
/// owe nearly every round sum.
pub(super) fn telling_match(items: &[OpenItem], amount: Amount) -> Option<Proposal> {
    subset_up_to(items, amount, |candidates, wanted| {
        let mut of_size = 1_i128;
        let mut subsets = 0;
        let sizes = 1..=SUBSET_MAX.min(candidates);
        let tells = sizes.take_while(|size| {
            of_size = of_size * (candidates + 1 - size) as i128 / *size as i128;
            subsets += of_size;
            subsets * CHANCE_AT_MOST_ONE_IN <= wanted
        });
        tells.last().unwrap_or(0)
    })
}

/// `most` says how many invoices a match may have, of so many candidates and for so many units.
fn subset_up_to(
    items: &[OpenItem],
    amount: Amount,
    most: impl Fn(usize, i128) -> usize,
) -> Option<Proposal> {
    let mut candidates = owing_oldest_first(items);
    candidates.retain(|item| item.open <= amount);
    candidates.truncate(SUBSET_CANDIDATES_MAX);
    let (units, wanted) = in_units(&candidates, amount)?;
    let most = most(units.len(), wanted);
    let places = (1..=most).find_map(|size| subset_of(size, &units, wanted))?;
    let allocation = |place: usize| Allocation {
        invoice: candidates[place].invoice.clone(),
        amount: candidates[place].open,
    };
    Some(Proposal {
        rule: Rule::SubsetMatch,
        allocations: places.into_iter().map(allocation).collect(),
        on_account: Amount::ZERO,
    })
}

/// Every amount as a whole number of the finest unit any of them has.
fn in_units(candidates: &[&OpenItem], amount: Amount) -> Option<(Vec<i128>, i128)> {
    let opens = candidates.iter().map(|item| item.open);
    let finest = opens.clone().chain([amount]).map(|open| open.0.scale());
    let finest = finest.max()?;
    let units = |amount: Amount| {
        let mut rescaled = amount.0;
        rescaled.rescale(finest);
        rescaled.mantissa()
    };
    Some((opens.map(units).collect(), units(amount)))
}

/// The first `size` places, in lexicographic order, whose units add up to `wanted`.
///
/// A subset is an earlier and a later half: for each earlier half, a table of the later halves knows the one that is
/// missing. That is the square root of trying all.
fn subset_of(size: usize, units: &[i128], wanted: i128) -> Option<Vec<usize>> {
    let later_size = size / 2;
    let mut later: HashMap<i128, Vec<Vec<usize>>> = HashMap::new();
    each_subset(later_size, units, &mut |places, sum| {
        later.entry(sum).or_default().push(places.to_vec());
        false
    });
    let mut found = None;
    each_subset(size - later_size, units, &mut |places, sum| {
        let Some(halves) = later.get(&(wanted - sum)) else {
            return false;
        };
        // The halves stand in lexicographic order: those that begin after this one ends are the last.
        let end = places.last().copied();
        let first = halves.partition_point(|half| half.first().copied() <= end);
        let half = match later_size {
            0 => halves.first(),
            _ => halves.get(first),
        };
        found = half.map(|half| [places, half].concat());
        found.is_some()
    });
    found
}

/// Calls `visit` with the places and the sum of each subset of `size`, in lexicographic order, until it says true.
fn each_subset(size: usize, units: &[i128], visit: &mut impl FnMut(&[usize], i128) -> bool) {
    let mut places: Vec<usize> = (0..size).collect();
    if size > units.len() {
        return;
    }
    loop {
        let sum = places.iter().map(|place| units[*place]).sum();
        if visit(&places, sum) {
            return;
        }
        // The last place that can still move on, moves; those after it follow close behind.
        let can_move = |i: &usize| places[*i] < units.len() - size + i;
        let Some(i) = (0..size).rev().find(can_move) else {
            return;
        };
        places[i] += 1;
        for next in i + 1..size {
            places[next] = places[next - 1] + 1;
        }
    }
}
