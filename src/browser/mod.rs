//! The browser's side of the ports: the only place of the app that names `web-sys`, with the store's own adapter.

pub mod panic;
