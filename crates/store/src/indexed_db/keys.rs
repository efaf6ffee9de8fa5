//! Keys that cannot leave the browser: IndexedDB keeps the handle, nobody sees the bytes (SYNC 1).

use super::IndexedDb;
use super::idb::{Durability, Transaction};
use super::schema::KEYS;
use tournee_sync::device::store::StoreError;
use wasm_bindgen::JsValue;

impl IndexedDb {
    /// Keeps a `CryptoKey` by name.
    ///
    /// # Errors
    /// As every operation of the store.
    pub async fn put_key(&self, name: &str, key: &JsValue) -> Result<(), StoreError> {
        self.run(async |database| {
            let transaction = Transaction::write(database, &[KEYS], Durability::Strict)?;
            transaction.put(KEYS, &name.into(), key)?;
            transaction.finish().await
        })
        .await
    }

    /// The `CryptoKey` of that name.
    ///
    /// # Errors
    /// As every operation of the store.
    pub async fn key(&self, name: &str) -> Result<Option<JsValue>, StoreError> {
        let known = |keys: &[(String, JsValue)]| {
            let found = keys.iter().find(|(of, _)| of == name);
            found.map(|(_, key)| key.clone())
        };
        if let Some(key) = known(&self.0.keys.borrow()) {
            return Ok(Some(key));
        }
        self.run(async |database| {
            let transaction = Transaction::read(database, &[KEYS])?;
            let key = transaction.get(KEYS, &name.into()).await?;
            Ok((!key.is_undefined()).then_some(key))
        })
        .await
    }
}
