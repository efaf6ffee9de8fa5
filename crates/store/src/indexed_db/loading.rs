//! Everything a desk is opened with, in as few ways to the browser's process and back as there can be.

use super::idb::Transaction;
use super::schema::{FACT_STATES, FACTS, KEYS, META, SUMMARIES, WAITING_BLOBS};
use super::{NOTE_PREFIX, read, read_all, read_facts, read_states, with_states};
use futures::future::{try_join, try_join3};
use js_sys::Array;
use tournee_sync::device::store::{Loaded, StoreError};
use wasm_bindgen::prelude::*;
use web_sys::IdbDatabase;

/// What the store holds of a desk, and its keys by name.
pub async fn everything(
    database: &IdbDatabase,
) -> Result<(Loaded, Vec<(String, JsValue)>), StoreError> {
    let stores = [META, SUMMARIES, FACTS, FACT_STATES, WAITING_BLOBS, KEYS];
    let transaction = Transaction::read(database, &stores)?;
    // Asked for together: each answer is a way to the browser's process and back, which is what opening waits for.
    let (mut loaded, (places, chunks), (names, keys)) = try_join3(
        read_own(&transaction),
        entries(&transaction, SUMMARIES),
        entries(&transaction, KEYS),
    )
    .await?;
    let present = places.iter().zip(chunks.iter()).filter(|(place, _)| {
        let generation = Array::from(place).get(0).as_f64();
        generation == Some(f64::from(loaded.pull.generation))
    });
    loaded.chunks = present.filter_map(|(_, chunk)| chunk.as_string()).collect();
    let named = names.iter().zip(keys.iter());
    let keys = named.filter_map(|(name, key)| Some((name.as_string()?, key)));
    Ok((loaded, keys.collect()))
}

/// The same without records and keys, for when only own facts changed.
pub async fn own(database: &IdbDatabase) -> Result<Loaded, StoreError> {
    let stores = [META, FACTS, FACT_STATES, WAITING_BLOBS];
    read_own(&Transaction::read(database, &stores)?).await
}

async fn read_own(transaction: &Transaction) -> Result<Loaded, StoreError> {
    // Which facts are wanted is known while larger answers are still on their way.
    let meta_and_facts = async {
        let (names, values) = entries(transaction, META).await?;
        let loaded = read_meta(&names, &values)?;
        let from = loaded.pull.applied_through.min(loaded.acked_through);
        let facts = read_facts(transaction, from, None).await?;
        Ok((loaded, facts))
    };
    let ((mut loaded, facts), states, waiting) = try_join3(
        meta_and_facts,
        read_states(transaction),
        transaction.get_all(WAITING_BLOBS, &JsValue::UNDEFINED, None),
    )
    .await?;
    loaded.facts = with_states(facts, &states);
    let flagged = states.iter().filter(|(_, state)| state.is_flagged());
    loaded.flagged = tournee_sync::device::store::count(flagged);
    loaded.waiting_blobs = read_all(&waiting)?;
    Ok(loaded)
}

/// All keys of a store with their values.
async fn entries(transaction: &Transaction, store: &str) -> Result<(Array, Array), StoreError> {
    try_join(
        transaction.get_all_keys(store, &JsValue::UNDEFINED, None),
        transaction.get_all(store, &JsValue::UNDEFINED, None),
    )
    .await
}

fn read_meta(names: &Array, values: &Array) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for (name, value) in names.iter().zip(values.iter()) {
        let (Some(name), Some(value)) = (name.as_string(), value.as_string()) else {
            return Err(StoreError::Corrupt("a value in meta is no text".to_owned()));
        };
        match name.as_str() {
            "identity" => loaded.identity = Some(value),
            "head" => loaded.head = Some(read(&value)?),
            "acked" => loaded.acked_through = read(&value)?,
            "forgotten" => loaded.forgotten_through = read(&value)?,
            "pull" => loaded.pull = read(&value)?,
            other => {
                if let Some(note) = other.strip_prefix(NOTE_PREFIX) {
                    loaded.notes.insert(note.to_owned(), value);
                }
            }
        }
    }
    Ok(loaded)
}
