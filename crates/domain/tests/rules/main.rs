//! The rules of DOMAIN §2.1 and §2.6, through the crate's public functions.

mod ageing;
mod allocation;
mod attachments;
mod corrections;
mod dossier;
mod ledger_and_field;
mod measure;
mod merge;
mod properties;
mod summary;
mod support;
