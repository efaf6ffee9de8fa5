//! What the office decides about arriving facts: pure, so that every case is a line of a table (SYNC 14–16).
//!
//! The office's ports look up what is known, check signatures and store; the decisions are made here. Two questions are
//! kept apart: [`place`] asks where a fact stands in its device's chain, [`admit`] asks whether a fact that took its
//! place may change records. `api` holds the messages of the office's own screens.

mod admit;
mod api;
mod flags;
mod place;

pub use admit::{Admitted, Author, Refusal, admit};
pub use api::*;
pub use flags::{CLOCK_SKEW_MAX_MS, ReceiptSeries, clock_is_suspect, receipt_is_unexpected};
pub use place::{Arrival, Aside, Chain, Known, Place, place};

/// Facts of one device and epoch that may wait for earlier ones.
pub const STAGED_MAX: usize = 10_000;
