//! What the app knows and does: signals over the device's store, and the commands behind every tap.
//!
//! A screen reads signals and calls commands of [`App`]; it never touches storage or the network itself.

mod api;
mod app;
mod blobs;
mod commands;
mod desk;
mod engine;
mod identity;
mod office;
mod portfolio;
mod pull;
mod push;
mod record;
mod session;
mod types;

pub use app::{App, use_app};
pub use types::*;
