#![doc = include_str!("../README.md")]

pub mod ack;
pub mod blob;
pub mod certificate;
pub mod device;
pub mod encoding;
pub mod enrol;
pub mod envelope;
pub mod key;
pub mod office;
pub mod pull;
pub mod push;
pub mod rescue;

/// The protocol this code speaks; a push of any earlier version is accepted for ever (SYNC 36).
pub const PROTOCOL: u32 = 1;
