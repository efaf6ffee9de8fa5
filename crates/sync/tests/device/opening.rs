//! What an app in parts opens without.

use crate::support::{desk, photo, record_with};
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
