//! Reports on receivables (DOMAIN §2, §3): one columnar ledger, and functions that read it.
//!
//! A device with its few clients and the office with all of them build the same [`Ledger`] from their dossiers and call
//! the same functions, so that their figures cannot differ.

pub mod accrued;
pub mod aged;
mod builder;
pub mod cohort;
mod commitments;
pub mod dso;
pub mod exemption;
pub mod exposure;
pub mod forecast;
mod from_dossiers;
pub mod interest;
mod ledger;
pub mod payer;
pub mod period;
pub mod provision;
pub mod roll;
mod spread;
pub mod withholding;

pub use builder::{
    Account, Commitment, CommitmentKind, Entry, Instalment, LedgerBuilder, LedgerError,
};
pub use builder::{Mark, Part, Settlement, VOLUME_MAX};
pub use ledger::{EntryKind, Group, Item, Ledger, MarkKind};
