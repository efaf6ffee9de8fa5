//! Settings of this installation, in localStorage: nothing secret, nothing that cannot be chosen again.

use gloo_storage::{LocalStorage, Storage};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The value under `name`; `None` when it was never set or cannot be read.
pub fn get<T: DeserializeOwned>(name: &str) -> Option<T> {
    LocalStorage::get(name).ok()
}

/// Keeps a value. In a browser that refuses, the setting lasts as long as the page.
pub fn set<T: Serialize>(name: &str, value: &T) {
    let _kept = LocalStorage::set(name, value);
}
