//! The reports of DOMAIN §2, through the crate's public functions.

mod aged;
mod dso;
mod forecast;
mod hledger;
mod invoices_2012;
mod payer;
mod properties;
mod support;
