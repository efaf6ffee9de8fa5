#![doc = include_str!("../README.md")]

pub mod error;
#[cfg(target_arch = "wasm32")]
pub mod indexed_db;
pub mod memory;
pub mod port;
pub mod record;
#[cfg(feature = "story")]
pub mod story;

pub use error::StoreError;
#[cfg(target_arch = "wasm32")]
pub use indexed_db::IndexedDb;
pub use memory::Memory;
pub use port::DeviceStore;
pub use record::{
    Append, BlobRecord, FactKey, FactRecord, FactState, Head, Loaded, PageWrite, PullState, Shadow,
    StoredFact, WaitingBlob,
};
