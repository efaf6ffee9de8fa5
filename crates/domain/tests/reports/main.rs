//! The reports of DOMAIN §2, through the crate's public functions.

mod aged;
mod hledger;
mod properties;
mod support;
