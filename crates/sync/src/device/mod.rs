//! The device's half of the protocol: recording, sending, receiving. It reads no clock, holds no key and reaches no
//! network itself: everything outside comes through [`Ports`], each wait is a call of a port, and between two such calls
//! the device may be switched off. The app joins it with the browser, a simulator with whatever may go wrong.
//!
//! [`Desk`] is one user's work opened; [`record`] makes a fact durable; [`exchange`] pushes and pulls.

mod audit;
mod blobs;
mod chain;
mod desk;
mod enrol;
mod error;
mod exchange;
mod identity;
mod inspect;
mod portfolio;
mod ports;
mod pull;
mod push;
mod record;
pub mod rescue;
mod retention;
pub mod store;
mod taken;

pub use blobs::{AttachmentError, attachment, free_media, send_media};
pub use chain::*;
pub use desk::{Desk, OwnFact, OwnReader, OwnState, PendingFact};
pub use enrol::{EnrolError, sit_down};
pub use error::SyncError;
pub use exchange::{Exchanged, Progressed, exchange};
pub use identity::Identity;
pub use portfolio::Portfolio;
pub use ports::{CallError, LockName, Ports};
pub use record::{RecordError, closing, record};
pub use retention::FACTS_KEPT_MS;
