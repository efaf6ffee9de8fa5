//! Everything a desk is opened with, in as few ways to the browser's process and back as there can be.

use super::ahead::{Question, ReadAhead};
use super::idb::Transaction;
use super::schema::{FACT_STATES, FACTS, KEYS, META, SUMMARIES, WAITING_BLOBS};
use super::{NOTE_PREFIX, read, read_all, read_facts, read_states, with_states};
use futures::future::{try_join, try_join5};
use js_sys::Array;
use tournee_sync::device::store::{FactKey, FactRecord, FactState, Loaded, StoreError};
use wasm_bindgen::prelude::*;
use web_sys::IdbDatabase;

/// The stores that opening reads.
const STORES: &[&str] = &[META, SUMMARIES, KEYS, FACT_STATES, WAITING_BLOBS, FACTS];

/// What opening asks where no own facts wait; [`everything_ahead`] takes the answers by their places.
pub const QUESTIONS: &[Question] = &[
    (META, "getAllKeys"),
    (META, "getAll"),
    (SUMMARIES, "getAllKeys"),
    (SUMMARIES, "getAll"),
    (KEYS, "getAllKeys"),
    (KEYS, "getAll"),
    (FACT_STATES, "getAll"),
    (WAITING_BLOBS, "getAll"),
];

/// Keys by name, as handles that do not leave the browser.
pub type Keys = Vec<(String, JsValue)>;

/// What the store holds of a desk, and its keys.
pub struct Everything {
    pub loaded: Loaded,
    pub keys: Keys,
}

/// Asks the database; without summaries and keys when only own facts changed.
pub async fn everything(
    database: &IdbDatabase,
    with_summaries: bool,
) -> Result<Everything, StoreError> {
    let transaction = Transaction::read(database, STORES)?;
    let wanted = async |store| match with_summaries {
        true => entries(&transaction, store).await,
        false => Ok(<(Array, Array)>::default()),
    };
    // Which facts are wanted is known while larger answers are still on their way.
    let meta_and_facts = async {
        let loaded = read_meta(&entries(&transaction, META).await?)?;
        let facts = read_facts(&transaction, needed_after(&loaded), None).await?;
        Ok((loaded, facts))
    };
    // Asked for together: each answer is a way to the browser's process and back, which is what opening waits for.
    let ((mut loaded, facts), states, blobs, summaries, keys) = try_join5(
        meta_and_facts,
        read_states(&transaction),
        transaction.get_all(WAITING_BLOBS, &JsValue::UNDEFINED, None),
        wanted(SUMMARIES),
        wanted(KEYS),
    )
    .await?;
    add_own(&mut loaded, facts, &states, &blobs)?;
    loaded.chunks = chunks(&loaded, &summaries);
    let keys = named(&keys);
    Ok(Everything { loaded, keys })
}

/// The same of what was read ahead; `None` where own facts wait: those were not asked for.
pub fn everything_ahead(ahead: &ReadAhead) -> Result<Option<Everything>, StoreError> {
    let entries = |keys| (ahead.answer(keys), ahead.answer(keys + 1));
    let (meta, summaries, keys) = (entries(0), entries(2), entries(4));
    let (states, blobs) = (ahead.answer(6), ahead.answer(7));
    let mut loaded = read_meta(&meta)?;
    let head = loaded.head.as_ref().map(|head| FactKey {
        epoch: head.epoch,
        seq: head.seq,
    });
    if head > Some(needed_after(&loaded)) {
        return Ok(None);
    }
    add_own(&mut loaded, Vec::new(), &read_all(&states)?, &blobs)?;
    loaded.chunks = chunks(&loaded, &summaries);
    let keys = named(&keys);
    Ok(Some(Everything { loaded, keys }))
}

/// Facts through here are in the records, and the office has them.
fn needed_after(loaded: &Loaded) -> FactKey {
    loaded.pull.applied_through.min(loaded.acked_through)
}

fn add_own(
    loaded: &mut Loaded,
    facts: Vec<FactRecord>,
    states: &[(FactKey, FactState)],
    blobs: &Array,
) -> Result<(), StoreError> {
    loaded.facts = with_states(facts, states);
    let flagged = states.iter().filter(|(_, state)| state.is_flagged());
    loaded.flagged = tournee_sync::device::store::count(flagged);
    loaded.waiting_blobs = read_all(blobs)?;
    Ok(())
}

/// The chunks of summaries of the generation that the screens read.
fn chunks(loaded: &Loaded, (places, chunks): &(Array, Array)) -> Vec<String> {
    let generation = f64::from(loaded.pull.generation);
    let present = places
        .iter()
        .zip(chunks.iter())
        .filter(|(place, _)| Array::from(place).get(0).as_f64() == Some(generation));
    present.filter_map(|(_, chunk)| chunk.as_string()).collect()
}

fn named((names, keys): &(Array, Array)) -> Keys {
    let named = names.iter().zip(keys.iter());
    named
        .filter_map(|(name, key)| Some((name.as_string()?, key)))
        .collect()
}

/// All keys of a store with their values.
async fn entries(transaction: &Transaction, store: &str) -> Result<(Array, Array), StoreError> {
    try_join(
        transaction.get_all_keys(store, &JsValue::UNDEFINED, None),
        transaction.get_all(store, &JsValue::UNDEFINED, None),
    )
    .await
}

fn read_meta((names, values): &(Array, Array)) -> Result<Loaded, StoreError> {
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
