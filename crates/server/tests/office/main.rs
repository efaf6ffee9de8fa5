//! The office as devices and people meet it: a real server process on a real database, over real HTTP.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod assets;
mod backup;
mod blobs;
mod commands;
mod corrections;
mod devices;
mod exports;
mod imports;
mod journal;
mod looked_after;
mod mistakes;
mod moves;
mod operation;
mod pull;
mod push;
mod quarantine;
mod rescue;
mod roles;
mod sessions;
mod statements;
mod story;
mod support;
mod truth;
mod undo;
mod uploads;
mod versions;
