//! The story on the memory adapter.
#![cfg(not(target_arch = "wasm32"))]

use tournee_store::Memory;
use tournee_store::story::story;

#[test]
fn memory_passes_the_story() {
    let store = Memory::default();
    pollster::block_on(story(&store, &store.clone()));
}
