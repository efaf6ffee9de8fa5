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

/// The text under `name`, as it was kept by [`set_text`].
pub fn text(name: &str) -> Option<String> {
    LocalStorage::raw().get_item(name).ok().flatten()
}

/// Keeps a text as it is.
pub fn set_text(name: &str, text: &str) {
    let _kept = LocalStorage::raw().set_item(name, text);
}

/// Keeps nothing any more under `name`.
pub fn forget(name: &str) {
    LocalStorage::delete(name);
}
