//! One file or folder a screen. A page reads signals and calls commands of `App`; it holds no rule and no storage.

pub mod activity;
pub mod attention;
pub mod balance;
pub mod broken;
pub mod capture;
pub mod cash;
pub mod clients;
pub mod common;
pub mod data;
pub mod dossier;
pub mod first_sync;
pub mod form;
pub mod labels;
pub mod more;
pub mod not_found;
pub mod papers;
pub mod pay;
pub mod pay_client;
pub mod proposals;
pub mod receipt;
pub mod round;
pub mod shell;
pub mod sign_in;
pub mod sync;
pub mod visit;
pub mod watchdog;
