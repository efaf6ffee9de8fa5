//! The browser's side of the ports: the only place of the app that names `web-sys`, with the store's own adapter.

pub mod channel;
pub mod clock;
pub mod crypto;
pub mod files;
pub mod install;
mod js;
pub mod listen;
pub mod locks;
pub mod network;
pub mod panic;
pub mod photo;
pub mod position;
pub mod random;
pub mod sealing;
pub mod server_events;
pub mod settings;
pub mod storage;
pub mod updates;
pub mod upload;
pub mod viewport;
