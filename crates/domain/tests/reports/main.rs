//! The reports of DOMAIN §2 and §3, through the crate's public functions.

mod accrued;
mod aged;
mod dso;
mod exemption;
mod exposure;
mod forecast;
mod hledger;
mod interest;
mod invoices_2012;
mod payer;
mod properties;
mod provision;
mod support;
mod withholding;
