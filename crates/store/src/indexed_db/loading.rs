//! Everything a desk is opened with, in as few ways to the browser's process and back as there can be.

use super::idb::Transaction;
use super::schema::{FACT_STATES, FACTS, META, SUMMARIES, WAITING_BLOBS};
use super::{NOTE_PREFIX, read, read_all, read_facts, read_states};
use futures::future::{try_join, try_join4};
use js_sys::Array;
use tournee_sync::device::store::{Loaded, StoreError};
use wasm_bindgen::prelude::*;
use web_sys::IdbDatabase;

/// What the store holds of a desk; without summaries when only own facts changed.
pub async fn load(database: &IdbDatabase, with_summaries: bool) -> Result<Loaded, StoreError> {
    let stores = [META, SUMMARIES, FACTS, FACT_STATES, WAITING_BLOBS];
    let transaction = Transaction::read(database, &stores)?;
    // Asked for together: each answer is a way to the browser's process and back, which is what opening waits for.
    let all = async |store| transaction.get_all(store, &JsValue::UNDEFINED, None).await;
    let keys = async |store| {
        transaction
            .get_all_keys(store, &JsValue::UNDEFINED, None)
            .await
    };
    let summaries = async {
        match with_summaries {
            true => try_join(keys(SUMMARIES), all(SUMMARIES)).await,
            false => Ok(<(Array, Array)>::default()),
        }
    };
    let ((names, values), (places, chunks), states, waiting) = try_join4(
        try_join(keys(META), all(META)),
        summaries,
        read_states(&transaction),
        all(WAITING_BLOBS),
    )
    .await?;
    let mut loaded = read_meta(&names, &values)?;
    let present = places.iter().zip(chunks.iter()).filter(|(place, _)| {
        let generation = Array::from(place).get(0).as_f64();
        generation == Some(f64::from(loaded.pull.generation))
    });
    loaded.chunks = present.filter_map(|(_, chunk)| chunk.as_string()).collect();
    let from = loaded.pull.applied_through.min(loaded.acked_through);
    loaded.facts = read_facts(&transaction, from, None, &states).await?;
    let flagged = states.iter().filter(|(_, state)| state.is_flagged());
    loaded.flagged = tournee_sync::device::store::count(flagged);
    loaded.waiting_blobs = read_all(&waiting)?;
    Ok(loaded)
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
