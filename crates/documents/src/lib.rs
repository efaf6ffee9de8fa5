#![doc = include_str!("../README.md")]

pub mod ledger;
pub mod payments_csv;
pub mod sheet;
mod spreadsheet;
