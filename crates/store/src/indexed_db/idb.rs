//! IndexedDB as futures: a connection, and transactions that say why they were aborted.
//!
//! A request is issued when its method is called. Within a transaction nothing may be awaited but these requests, or
//! the browser ends the transaction (SYNC §3).

use js_sys::{Array, Function, JsString, Object, Promise, Reflect};
use std::cell::RefCell;
use tournee_sync::device::store::StoreError;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, Event, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest,
    IdbRequest, IdbTransaction,
};

/// How a transaction reaches the disk (SYNC §3: browsers take `relaxed` when not told).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// For facts: the browser flushes before it says `complete`.
    Strict,
    /// For what the office can send again.
    Relaxed,
}

/// Opens a database, after bringing it to `version` by `upgrade(database, version it had)`.
///
/// # Errors
/// [`StoreError::NewerVersion`] when a newer version of the app was there first.
pub async fn open(
    name: &str,
    version: u32,
    upgrade: fn(&IdbDatabase, u32) -> Result<(), JsValue>,
) -> Result<IdbDatabase, StoreError> {
    let request: IdbOpenDbRequest = factory()?
        .open_with_u32(name, version)
        .map_err(|error| reason(&error))?;
    let upgrading = request.clone();
    let on_upgrade = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let had = Reflect::get(&event, &"oldVersion".into())
            .ok()
            .and_then(|version| version.as_f64())
            .map_or(0, small_integer);
        let done = upgrading
            .result()
            .and_then(|result| result.dyn_into::<IdbDatabase>())
            .and_then(|database| upgrade(&database, had));
        if let (Err(_), Some(transaction)) = (done, upgrading.transaction()) {
            // The open request then fails, and the database stays as it was.
            let _aborted = transaction.abort();
        }
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    let opened = answer(&request).await?;
    opened
        .dyn_into()
        .map_err(|_| StoreError::Refused("the browser gave no database".to_owned()))
}

/// Deletes a whole database; connections to it are asked to close first.
///
/// # Errors
/// When the browser refuses.
pub async fn delete(name: &str) -> Result<(), StoreError> {
    let request = factory()?
        .delete_database(name)
        .map_err(|error| reason(&error))?;
    answer(&request).await.map(drop)
}

fn factory() -> Result<IdbFactory, StoreError> {
    let found = Reflect::get(&js_sys::global(), &"indexedDB".into());
    found
        .ok()
        .and_then(|factory| factory.dyn_into().ok())
        .ok_or_else(|| StoreError::Refused("this browser gives no IndexedDB here".to_owned()))
}

/// A transaction under way. One that writes is aborted when dropped without [`Transaction::finish`]; one that reads has
/// given what it had, and nobody waits for its end.
pub struct Transaction {
    transaction: IdbTransaction,
    /// By name, as they were first asked for: a page of a snapshot writes to one a thousand times.
    stores: RefCell<Vec<(String, IdbObjectStore)>>,
    ended: Promise,
    /// Whether there is something to take back.
    pending: bool,
}

impl Transaction {
    /// A transaction that reads.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when the connection is closed.
    pub fn read(database: &IdbDatabase, stores: &[&str]) -> Result<Self, StoreError> {
        let stores = names(stores);
        let transaction = database.transaction_with_str_sequence(&stores);
        transaction
            .map(|transaction| Self::new(transaction, false))
            .map_err(|error| reason(&error))
    }

    /// A transaction that writes.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when the connection is closed.
    pub fn write(
        database: &IdbDatabase,
        stores: &[&str],
        durability: Durability,
    ) -> Result<Self, StoreError> {
        let options = Object::new();
        let wanted = match durability {
            Durability::Strict => "strict",
            Durability::Relaxed => "relaxed",
        };
        // web-sys has no binding for the options yet.
        let transaction = Reflect::set(&options, &"durability".into(), &wanted.into())
            .and_then(|_| Reflect::get(database, &"transaction".into()))
            .and_then(|method| method.dyn_into::<Function>())
            .and_then(|method| {
                method.call3(database, &names(stores), &"readwrite".into(), &options)
            })
            .and_then(|transaction| transaction.dyn_into());
        transaction
            .map(|transaction| Self::new(transaction, true))
            .map_err(|error| reason(&error))
    }

    fn new(transaction: IdbTransaction, pending: bool) -> Self {
        let ended = Promise::new(&mut |resolve, _| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&resolve));
        });
        Self {
            transaction,
            stores: RefCell::default(),
            ended,
            pending,
        }
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, StoreError> {
        let mut stores = self.stores.borrow_mut();
        if let Some((_, store)) = stores.iter().find(|(known, _)| known == name) {
            return Ok(store.clone());
        }
        let store = self.transaction.object_store(name);
        let store = store.map_err(|error| reason(&error))?;
        stores.push((name.to_owned(), store.clone()));
        Ok(store)
    }

    /// The value under `key`, or `undefined`.
    pub async fn get(&self, store: &str, key: &JsValue) -> Result<JsValue, StoreError> {
        let request = self.store(store)?.get(key);
        answer(&request.map_err(|error| reason(&error))?).await
    }

    /// The text under `key`.
    pub async fn text(&self, store: &str, key: &JsValue) -> Result<Option<String>, StoreError> {
        Ok(self.get(store, key).await?.as_string())
    }

    /// Values of a range in the order of their keys, at most `limit` when given.
    pub async fn get_all(
        &self,
        store: &str,
        range: &JsValue,
        limit: Option<u32>,
    ) -> Result<Array, StoreError> {
        let store = self.store(store)?;
        let request = match limit {
            Some(limit) => store.get_all_with_key_and_limit(range, limit),
            None => store.get_all_with_key(range),
        };
        let found = answer(&request.map_err(|error| reason(&error))?).await?;
        Ok(found.unchecked_into())
    }

    /// Keys of a range, in order, at most `limit` when given.
    pub async fn get_all_keys(
        &self,
        store: &str,
        range: &JsValue,
        limit: Option<u32>,
    ) -> Result<Array, StoreError> {
        let store = self.store(store)?;
        let request = match limit {
            Some(limit) => store.get_all_keys_with_key_and_limit(range, limit),
            None => store.get_all_keys_with_key(range),
        };
        let found = answer(&request.map_err(|error| reason(&error))?).await?;
        Ok(found.unchecked_into())
    }

    /// Stores a value, in place of the former; a failure shows when the transaction ends.
    pub fn put(&self, store: &str, key: &JsValue, value: &JsValue) -> Result<(), StoreError> {
        let request = self.store(store)?.put_with_key(value, key);
        request.map(drop).map_err(|error| reason(&error))
    }

    /// Stores a value where none was; otherwise the whole transaction fails with [`StoreError::HeadMoved`].
    pub fn add(&self, store: &str, key: &JsValue, value: &JsValue) -> Result<(), StoreError> {
        let request = self.store(store)?.add_with_key(value, key);
        request.map(drop).map_err(|error| reason(&error))
    }

    /// Deletes a key or a range.
    pub fn delete(&self, store: &str, range: &JsValue) -> Result<(), StoreError> {
        let request = self.store(store)?.delete(range);
        request.map(drop).map_err(|error| reason(&error))
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// Why the browser took everything back.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        self.pending = false;
        let event: Event = JsFuture::from(self.ended.clone())
            .await
            .map_err(|error| reason(&error))?
            .unchecked_into();
        if event.type_() == "complete" {
            return Ok(());
        }
        Err(match self.transaction.error() {
            Some(error) => named(&error),
            // An abort without a reason comes from a connection that was closed under it.
            None => StoreError::Lost("the transaction was aborted".to_owned()),
        })
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.pending {
            // Fails only when the transaction has ended already.
            let _aborted = self.transaction.abort();
        }
    }
}

/// The range of keys `[first, *]`.
///
/// # Panics
/// Never: numbers and arrays are valid keys, and an empty array follows every number.
pub fn with_first(first: u32) -> JsValue {
    let lower = Array::of1(&first.into());
    let upper = Array::of2(&first.into(), &Array::new());
    IdbKeyRange::bound(&lower, &upper)
        .expect("both ends are valid keys in order")
        .into()
}

/// The range of keys `[first, *]` greater than `[first, after]`.
///
/// # Panics
/// Never: callers give valid keys, and an empty array follows each of them.
pub fn with_first_after(first: u32, after: &JsValue) -> JsValue {
    let lower = Array::of2(&first.into(), after);
    let upper = Array::of2(&first.into(), &Array::new());
    IdbKeyRange::bound_with_lower_open(&lower, &upper, true)
        .expect("both ends are valid keys in order")
        .into()
}

/// The range of keys greater than `key`.
///
/// # Panics
/// Never: callers give valid keys.
pub fn above(key: &JsValue) -> JsValue {
    IdbKeyRange::lower_bound_with_open(key, true)
        .expect("the key is valid")
        .into()
}

/// Waits for a request's success or error, whichever comes.
async fn answer(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let settled = Promise::new(&mut |resolve, _| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&resolve));
    });
    JsFuture::from(settled)
        .await
        .map_err(|error| reason(&error))?;
    match request.error() {
        Ok(None) => request.result().map_err(|error| reason(&error)),
        Ok(Some(error)) => Err(named(&error)),
        Err(error) => Err(reason(&error)),
    }
}

/// The store's error for what the browser threw.
pub fn reason(thrown: &JsValue) -> StoreError {
    match thrown.dyn_ref::<DomException>() {
        Some(error) => named(error),
        None => StoreError::Refused(format!("{thrown:?}")),
    }
}

fn named(error: &DomException) -> StoreError {
    let detail = || format!("{}: {}", error.name(), error.message());
    match error.name().as_str() {
        "QuotaExceededError" => StoreError::Full,
        "ConstraintError" => StoreError::HeadMoved,
        "VersionError" => StoreError::NewerVersion,
        // « The database connection is closing », « Connection to Indexed Database server lost », « Internal error ».
        "InvalidStateError" | "UnknownError" | "AbortError" | "TransactionInactiveError" => {
            StoreError::Lost(detail())
        }
        _ => StoreError::Refused(detail()),
    }
}

fn names(stores: &[&str]) -> Array {
    stores.iter().copied().map(JsString::from).collect()
}

/// JavaScript has one kind of number; versions and counts are whole and small.
fn small_integer(number: f64) -> u32 {
    format!("{number}").parse().unwrap_or(0)
}
