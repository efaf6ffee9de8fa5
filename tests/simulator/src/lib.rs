//! Devices and an office in one thread, with everything that may go wrong between them (SYNC §5).
//!
//! The machines are the ones the app and the server run (`tournee_sync::device`, `tournee_sync::office`). Their ports are
//! simulated: time, chance, disks, locks and the network come from one seed, so that a seed tells the same story each time.

pub mod books;
mod check;
pub mod defect;
mod keys;
mod ledger;
mod office;
mod people;
mod plan;
mod ports;
pub mod scenario;
#[cfg(test)]
mod scripted;
mod seen;
mod still;
mod storage;
mod vault;
mod world;

pub use defect::Defect;
pub use scenario::{Report, SQLITE_EVERY, run};
