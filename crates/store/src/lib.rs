#![doc = include_str!("../README.md")]

#[cfg(target_arch = "wasm32")]
pub mod indexed_db;
pub mod memory;
#[cfg(feature = "story")]
pub mod story;

#[cfg(target_arch = "wasm32")]
pub use indexed_db::IndexedDb;
pub use memory::Memory;
