//! The device's machine on a store in memory.

mod media;
mod opening;
mod rescue;
mod support;
