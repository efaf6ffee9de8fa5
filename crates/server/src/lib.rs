#![doc = include_str!("../README.md")]

pub mod activity;
pub mod backup;
pub mod clock;
pub mod commands;
pub mod config;
pub mod database;
pub mod demo;
pub mod error;
pub mod files;
pub mod http;
pub mod import_undo;
pub mod ingest;
pub mod journal;
pub mod keys;
pub mod ledger_import;
pub mod office;
pub mod office_fact;
pub mod packs;
pub mod password;
pub mod payments_export;
pub mod pull;
pub mod quarantine;
pub mod random;
pub mod recompute;
pub mod rescue;
pub mod revocation;
pub mod staging;
pub mod uploads;

/// Reading and writing dossiers is one small allocation after the other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
