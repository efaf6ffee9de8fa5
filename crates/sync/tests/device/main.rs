//! The device's machine on a store in memory.

mod media;
mod rescue;
mod support;
