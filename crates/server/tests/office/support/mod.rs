//! A server to talk to, people who sign in, devices that sign.

#![allow(
    dead_code,
    unused_imports,
    reason = "two programs of tests share this, each uses its part"
)]

mod bodies;
mod client;
mod device;
mod folder;
mod rescue;
mod server;

pub use bodies::*;
pub use client::{Answer, Client};
pub use device::{Device, Scheme};
pub use folder::Folder;
pub use rescue::{rescue_file, seal_rescue};
pub use server::{Server, binary, command, log_of, signal};

use serde_json::Value;
use std::path::{Path, PathBuf};

pub const PASSWORD: &str = "correct horse battery";

/// The sample ledger.
pub fn ledger(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/ledger-export")
        .join(name)
}

pub fn truth() -> Value {
    serde_json::from_slice(&std::fs::read(ledger("truth.json")).unwrap()).unwrap()
}
