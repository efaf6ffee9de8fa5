//! The office's machine, without I/O, clock or random source (SYNC 13–29).
//!
//! [`push()`] takes facts in, [`pull()`] gives records out, [`enrol()`] registers devices, [`record()`] writes what the
//! office does itself; [`acknowledge()`] says what is durable. Each works on one open transaction, an [`OfficeStore`];
//! what it decides is decided in memory, so that every case is a line of a table: [`place()`] asks where a fact stands in
//! its device's chain, [`admit()`] whether one that took its place may change records. `memory` is an office without a
//! disk, `story` what every adapter must pass, `api` the messages of the office's own screens.

mod acknowledge;
mod admit;
mod api;
mod batch;
mod cursor;
mod enrol;
mod examined;
mod flags;
pub mod memory;
mod names;
mod outcome;
mod own;
mod place;
mod projection;
mod pull;
mod push;
mod release;
mod scope;
mod store;
pub mod story;

pub use acknowledge::acknowledge;
pub use admit::{Admitted, Author, Refusal, admit};
pub use api::*;
pub use enrol::{EnrolRefused, enrol};
pub use examined::Examined;
pub use flags::{CLOCK_SKEW_MAX_MS, ReceiptSeries, clock_is_suspect, receipt_is_unexpected};
pub use names::{Lookups, Names, operator_transaction};
pub use outcome::{Evidence, NewFact, NewPayment, Outcome, Quarantined};
pub use own::{OFFICE_EPOCH, OFFICE_LABEL, OfficeAuthor, OfficeFact, RecordRefused, record};
pub use place::{Arrival, Aside, Chain, Known, Place, place};
pub use projection::Dossiers;
pub use pull::{PullRefused, pull};
pub use push::{PushRefused, Pushed, certified, is_authorised, push};
pub use release::{Unreleasable, releasable, released, released_bytes};
pub use scope::Scope;
pub use store::{
    DeviceEpoch, EPOCH_ROOM, Enrolment, LABEL_ROOM, OfficeDatabase, OfficeKey, OfficeStore,
    OfficeUser, OrganisationState, PAGE_RECORDS_MAX, Span, TOMBSTONES_KEPT_MS, label_number,
};

/// Facts of one device and epoch that may wait for earlier ones.
pub const STAGED_MAX: usize = 10_000;
