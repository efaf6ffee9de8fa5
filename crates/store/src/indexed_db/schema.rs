//! The stores of the database and their migrations. A migration is only ever appended.

use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

/// Small values by name: identity, head, `acked`, `forgotten`, `pull`, and notes under `note:`.
pub const META: &str = "meta";
/// Summaries by `[generation, chunk]`, as JSON.
pub const SUMMARIES: &str = "summaries";
/// Dossiers by `[generation, code]`, as JSON.
pub const DOSSIERS: &str = "dossiers";
/// Own facts by `[epoch, seq]`, as JSON; added, never changed, deleted long after the office has them.
pub const FACTS: &str = "facts";
/// The place `[epoch, seq]` of each fact id.
pub const FACT_PLACES: &str = "fact_places";
/// What the office said of own facts, by `[epoch, seq]`, as JSON.
pub const FACT_STATES: &str = "fact_states";
/// Description of each blob by its hash, as JSON.
pub const BLOBS: &str = "blobs";
/// Bytes of blobs by `[hash, number of the chunk]`.
pub const BLOB_CHUNKS: &str = "blob_chunks";
/// Description of each blob that the office does not have, by hash, as JSON.
pub const WAITING_BLOBS: &str = "waiting_blobs";
/// What is being typed, by key, as JSON.
pub const DRAFTS: &str = "drafts";
/// Keys that cannot leave the browser, by name.
pub const KEYS: &str = "keys";

type Migration = fn(&IdbDatabase) -> Result<(), JsValue>;

/// One step a version; the database's version is how many were made.
const MIGRATIONS: &[Migration] = &[first];

/// The version that this code reads and writes.
pub const VERSION: u32 = 1;

/// Brings a database of version `had` to [`VERSION`].
///
/// # Errors
/// What the browser says; the database then stays as it was.
pub fn upgrade(database: &IdbDatabase, had: u32) -> Result<(), JsValue> {
    let made = usize::try_from(had).unwrap_or(usize::MAX);
    MIGRATIONS
        .iter()
        .skip(made)
        .try_for_each(|step| step(database))
}

fn first(database: &IdbDatabase) -> Result<(), JsValue> {
    let stores = [
        META,
        SUMMARIES,
        DOSSIERS,
        FACTS,
        FACT_PLACES,
        FACT_STATES,
        BLOBS,
        BLOB_CHUNKS,
        WAITING_BLOBS,
        DRAFTS,
        KEYS,
    ];
    stores
        .into_iter()
        .try_for_each(|name| database.create_object_store(name).map(drop))
}
