//! What the page's script has read of the last user's database while the program was on its way.
//!
//! The script (`public/boot.js`) knows nothing of what it reads: it follows the [`note`] that the program left in localStorage,
//! reads whole stores in one transaction, and leaves a promise in `window.tourneeAhead`. The note of an older program, or a
//! read that failed, is as good as none.

use super::loading;
use super::schema::VERSION;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbDatabase;

/// What the next start is to read of a user's database, as JSON: its name, its version, the stores.
pub fn note(database: &str) -> String {
    let stores = loading::WHOLE.join("\",\"");
    format!("[\"{database}\",{VERSION},[\"{stores}\"]]")
}

/// The database that a note names.
pub fn database_of(note: &str) -> Option<&str> {
    note.split('"').nth(1)
}

/// Whole stores of one database, all of one moment.
pub struct ReadAhead {
    pub connection: IdbDatabase,
    stores: JsValue,
}

impl ReadAhead {
    /// What the script has read of `database`; given once.
    pub async fn take(database: &str) -> Option<Self> {
        let (page, name) = (js_sys::global(), JsValue::from("tourneeAhead"));
        let promise: Promise = Reflect::get(&page, &name).ok()?.dyn_into().ok()?;
        let read = JsFuture::from(promise).await.ok()?;
        let part = |name: &str| Reflect::get(&read, &name.into()).ok();
        if part("database")?.as_string()? != database {
            return None;
        }
        let _gone = Reflect::delete_property(&page, &name);
        Some(Self {
            connection: part("connection")?.dyn_into().ok()?,
            stores: part("stores")?,
        })
    }

    /// Keys and values of a store; `None` when the note did not name it.
    pub fn entries(&self, store: &str) -> Option<(Array, Array)> {
        let found = Reflect::get(&self.stores, &store.into()).ok()?;
        let found: &Array = found.dyn_ref()?;
        Some((found.get(0).dyn_into().ok()?, found.get(1).dyn_into().ok()?))
    }
}
