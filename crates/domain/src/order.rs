//! Sorting that stays small: the standard library's is compiled anew for every type and every order, some six kilobytes each
//! in an app whose first download is counted (docs/decisions/0002-build.md). Here one sort of places serves all.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A set of these: `collect` would sort them first, with the standard library's sort.
pub fn set_of<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// A map of these, the last of each key.
pub fn map_of<K: Ord, V>(items: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in items {
        map.insert(key, value);
    }
    map
}

/// Sorts by `compare`; equal items keep their order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let mut places: Vec<usize> = (0..items.len()).collect();
    sort_places(&mut places, &mut |a, b| compare(&items[a], &items[b]));
    // Each circle of items that wait for each other's place is turned once.
    for start in 0..items.len() {
        let mut here = start;
        loop {
            let next = std::mem::replace(&mut places[here], here);
            if next == start {
                break;
            }
            items.swap(here, next);
            here = next;
        }
    }
}

/// Sorts by `key`; equal items keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Merges ever longer runs.
fn sort_places(places: &mut Vec<usize>, compare: &mut dyn FnMut(usize, usize) -> Ordering) {
    let len = places.len();
    let mut merged = Vec::with_capacity(len);
    let mut run = 1;
    while run < len {
        merged.clear();
        for start in (0..len).step_by(2 * run) {
            let middle = len.min(start + run);
            let end = len.min(middle + run);
            let (mut left, mut right) = (start, middle);
            while left < middle && right < end {
                let from = match compare(places[right], places[left]) {
                    Ordering::Less => &mut right,
                    _ => &mut left,
                };
                merged.push(places[*from]);
                *from += 1;
            }
            merged.extend_from_slice(&places[left..middle]);
            merged.extend_from_slice(&places[right..end]);
        }
        std::mem::swap(places, &mut merged);
        run *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(numbers in prop::collection::vec(0..20_u8, 0..70)) {
            let mut expected: Vec<(usize, u8)> = numbers.into_iter().enumerate().collect();
            let mut found = expected.clone();
            expected.sort_by_key(|(_, number)| *number);
            sort_by_key(&mut found, |(_, number)| *number);
            prop_assert_eq!(found, expected);
        }
    }
}
