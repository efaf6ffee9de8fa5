//! What an app in parts opens without, and what another tab does meanwhile.

use crate::support::{desk, other_tab, photo, pulled, record_with};
use tournee_sync::device::store::StoreError;

#[test]
fn what_reads_own_facts_is_asked_for_only_when_some_wait_and_nothing_opens_without_it_then() {
    pollster::block_on(async {
        let desk = desk().await;
        desk.reload().await.expect("reads");
        assert_eq!(desk.ports.readers.get(), 0, "nothing waits");

        record_with(&desk, 1, &photo(1, 10)).await;
        desk.reload().await.expect("reads");
        assert!(desk.ports.readers.get() > 0);
        assert_eq!(desk.waiting().len(), 1);

        desk.ports.no_reader.set(true);
        let refused = desk.reload().await;
        assert_eq!(refused, Err(StoreError::Refused("no reader".to_owned())));
        assert_eq!(desk.waiting().len(), 1, "what was read before stays");
    });
}

#[test]
fn what_another_tab_changed_while_this_one_opened_is_read_once() {
    pollster::block_on(async {
        let desk = desk().await;
        let clients = || {
            let shown = desk.portfolio.borrow().shown();
            shown
                .iter()
                .map(|row| row.code.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(desk.catch_up().await, Ok(false), "nobody else was there");

        let other = other_tab(&desk).await;
        pulled(&other, "C1").await;
        assert_eq!(clients(), [""; 0]);
        assert_eq!(desk.catch_up().await, Ok(true));
        assert_eq!(clients(), ["C1"]);

        other.reload().await.expect("reads");
        record_with(&other, 1, &photo(1, 10)).await;
        assert!(desk.waiting().is_empty());
        assert_eq!(desk.catch_up().await, Ok(true));
        assert_eq!(desk.waiting().len(), 1);
        assert_eq!(desk.catch_up().await, Ok(false), "all of it is known");

        // And what it records itself is chained to what the other tab recorded.
        record_with(&desk, 2, &photo(2, 10)).await;
        assert_eq!(desk.catch_up().await, Ok(false));
        assert_eq!(desk.waiting().len(), 2);
    });
}
