//! What the app knows and does: signals over the device's store, and the commands behind every tap.
//!
//! A screen reads signals and calls commands of [`App`]; it never touches storage or the network itself.

mod api;
mod app;
mod commands;
mod device;
mod engine;
mod identity;
mod office;
mod opening;
mod reports;
mod session;
mod types;
mod unsent;

pub use app::{App, use_app};
pub use office::{RescueTold, RescuedFact};
pub use types::*;
