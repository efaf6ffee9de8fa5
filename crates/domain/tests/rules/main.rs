//! The rules of DOMAIN, through the crate's public functions.

mod ageing;
mod allocation;
mod attachments;
mod corrections;
mod dossier;
mod due;
mod intl;
mod ledger_and_field;
mod merge;
mod money;
mod money_vectors;
mod pack;
mod properties;
mod settlement;
mod settlement_properties;
mod summary;
mod support;
mod withholding;
mod words;
