//! The story on IndexedDB, in a real browser:
//! `CHROMEDRIVER=/usr/bin/chromedriver CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
//! WASM_BINDGEN_TEST_WEBDRIVER_JSON=$PWD/tests/web/webdriver.json cargo test --target wasm32-unknown-unknown
//! -p tournee-store --tests`, as `cargo xtask test` does.
#![cfg(target_arch = "wasm32")]

use tournee_store::IndexedDb;
use tournee_store::indexed_db::registry;
use tournee_store::story::story;
use tournee_sync::device::store::{DeviceStore, FactKey, Head, StoreError};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn indexed_db_passes_the_story() {
    let name = "story";
    IndexedDb::delete(name).await.expect("deletes");
    let store = IndexedDb::open(name).await.expect("opens");
    let other = IndexedDb::open(name).await.expect("opens a second time");
    story(&store, &other).await;

    // Everything is there for the next start.
    store.close();
    let again = IndexedDb::open(name).await.expect("opens again");
    let facts = again.facts_after(FactKey::START, 10).await.expect("facts");
    assert_eq!(facts.len(), 2);
}

#[wasm_bindgen_test]
async fn a_dead_connection_is_replaced_once() {
    let name = "dead";
    IndexedDb::delete(name).await.expect("deletes");
    let store = IndexedDb::open(name).await.expect("opens");
    let head = Head {
        epoch: 1,
        seq: 0,
        hash: "0".repeat(64),
        receipts: 0,
        tally: None,
    };
    store.enrol("{}", &head).await.expect("enrols");
    store.close();
    assert_eq!(
        store.head().await,
        Ok(Some(head)),
        "reopened without a word"
    );
}

#[wasm_bindgen_test]
async fn a_newer_version_in_another_tab_is_told_apart() {
    let name = "newer";
    IndexedDb::delete(name).await.expect("deletes");
    let store = IndexedDb::open(name).await.expect("opens");
    // Opening a higher version asks this connection to close, and it does.
    let newer = tournee_store::indexed_db::idb::open(name, 1_000, |_, _| Ok(()))
        .await
        .expect("the newer version is not blocked");
    assert_eq!(store.head().await, Err(StoreError::NewerVersion));
    newer.close();
}

#[wasm_bindgen_test]
async fn the_registry_remembers_and_forgets() {
    let text = |text: &str| Some(text.to_owned());
    registry::put(&[("who", text("mariama")), ("where", text("Niamey"))])
        .await
        .expect("keeps");
    registry::put(&[("who", None)]).await.expect("forgets");
    assert_eq!(registry::get("who").await, Ok(None));
    assert_eq!(registry::get("where").await, Ok(text("Niamey")));
}
