//! What this browser remembers before anybody's database is open: small texts by name.
//!
//! Not in localStorage, which browsers write out seconds later: somebody who has just signed in would be forgotten when
//! the battery dies, and their facts would lie in a database that nobody opens.

use super::ahead::{self, Question, ReadAhead};
use super::idb::{self, Durability, Transaction};
use tournee_sync::device::store::StoreError;
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

pub(super) const DATABASE: &str = "tournee-registry";
pub(super) const VERSION: u32 = 1;
const VALUES: &str = "values";

/// What the page's script asks ahead ([`ahead`]): all names and their texts.
pub(super) const QUESTIONS: &[Question] = &[(VALUES, "getAllKeys"), (VALUES, "getAll")];

/// The text under `name`.
///
/// # Errors
/// [`StoreError`] says why the browser does not give it.
pub async fn get(name: &str) -> Result<Option<String>, StoreError> {
    if let Some(ahead) = ReadAhead::take(&ahead::of_registry()).await {
        let _closed = Registry(ahead.connection.clone());
        let at = u32::try_from(ahead.answer(0).index_of(&name.into(), 0));
        return Ok(at.ok().and_then(|at| ahead.answer(1).get(at).as_string()));
    }
    let registry = Registry::open().await?;
    let transaction = Transaction::read(&registry.0, &[VALUES])?;
    let text = transaction.text(VALUES, &name.into()).await?;
    Ok(text)
}

/// Keeps texts by name, all or none; `None` forgets one. On return they are durable.
///
/// # Errors
/// [`StoreError`] says why they were not kept.
pub async fn put(values: &[(&str, Option<String>)]) -> Result<(), StoreError> {
    let registry = Registry::open().await?;
    let transaction = Transaction::write(&registry.0, &[VALUES], Durability::Strict)?;
    for (name, value) in values {
        let name = JsValue::from(*name);
        match value {
            Some(text) => transaction.put(VALUES, &name, &text.into())?,
            None => transaction.delete(VALUES, &name)?,
        }
    }
    transaction.finish().await
}

/// Open for one operation: it is used too seldom to keep a connection that may die.
struct Registry(IdbDatabase);

impl Registry {
    async fn open() -> Result<Self, StoreError> {
        let upgrade = |database: &IdbDatabase, _| database.create_object_store(VALUES).map(drop);
        idb::open(DATABASE, VERSION, upgrade).await.map(Self)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.0.close();
    }
}
