//! `cargo xtask bench domain`: how fast reports over a large ledger are, the aged balance beside the same query in SQLite
//! in memory, whose answer has to be the same. `tests/browser.rs` measures it in a browser.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement looks at the clock, and ends where something is not as it should be"
)]

#[cfg(not(target_arch = "wasm32"))]
mod book;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(not(target_arch = "wasm32"))]
mod samples;
#[cfg(not(target_arch = "wasm32"))]
mod sqlite;
#[cfg(not(target_arch = "wasm32"))]
mod statement;

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    native::main();
}
