//! The store in the browser's IndexedDB.

pub mod ahead;
mod blobs;
pub mod idb;
mod keys;
mod loading;
pub mod registry;
mod schema;

use ahead::ReadAhead;
use blobs::Prepared;
use futures::future::try_join;
use idb::{Durability, Transaction, above, with_first, with_first_after};
use js_sys::{Array, Function};
use loading::{Everything, Keys};
use schema::{
    BLOB_CHUNKS, BLOBS, DOSSIERS, DRAFTS, FACT_PLACES, FACT_STATES, FACTS, META, SUMMARIES,
    WAITING_BLOBS,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use tournee_domain::{BlobHash, ClientCode, FactId};
use tournee_sync::device::store::DeviceStore;
use tournee_sync::device::store::StoreError;
use tournee_sync::device::store::{
    Append, BlobRecord, FactKey, FactRecord, FactState, Head, LOG_ID, Loaded, PageWrite, PullState,
    StoredFact, WaitingBlob,
};
use wasm_bindgen::prelude::*;
use web_sys::IdbDatabase;

const NOTE_PREFIX: &str = "note:";

/// One user's database. Clones share the connection.
#[derive(Clone)]
pub struct IndexedDb(Rc<Shared>);

struct Shared {
    name: String,
    connection: RefCell<Option<Connection>>,
    /// As opening found them, by name: a name is the hash of its key and never stands for another.
    keys: RefCell<Keys>,
    /// For the first reading of everything.
    ahead: RefCell<Option<ReadAhead>>,
}

/// An open connection with its listener, which gives way to a newer version in another tab.
struct Connection {
    database: IdbDatabase,
    _on_version_change: Closure<dyn FnMut()>,
}

impl Connection {
    fn new(database: IdbDatabase) -> Self {
        let closing = database.clone();
        let on_version_change = Closure::<dyn FnMut()>::new(move || closing.close());
        let listener: &Function = on_version_change.as_ref().unchecked_ref();
        database.set_onversionchange(Some(listener));
        Self {
            database,
            _on_version_change: on_version_change,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.close();
    }
}

impl IndexedDb {
    /// Opens the database of that name, made or brought up to date as needed.
    ///
    /// # Errors
    /// [`StoreError`] says why the browser does not give it.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let ahead = ReadAhead::take(&ahead::of_user(name)).await;
        let connection = ahead
            .as_ref()
            .map(|ahead| Connection::new(ahead.connection.clone()));
        let store = Self(Rc::new(Shared {
            name: name.to_owned(),
            connection: RefCell::new(connection),
            keys: RefCell::default(),
            ahead: RefCell::new(ahead),
        }));
        store.database().await?;
        Ok(store)
    }

    /// Deletes the database of that name with everything in it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn delete(name: &str) -> Result<(), StoreError> {
        idb::delete(name).await
    }

    /// Drops the connection; the next operation opens another. Called when the page is frozen (SYNC §3).
    pub fn close(&self) {
        self.0.connection.borrow_mut().take();
    }

    async fn database(&self) -> Result<IdbDatabase, StoreError> {
        if let Some(connection) = &*self.0.connection.borrow() {
            return Ok(connection.database.clone());
        }
        let database = idb::open(&self.0.name, schema::VERSION, schema::upgrade).await?;
        *self.0.connection.borrow_mut() = Some(Connection::new(database.clone()));
        Ok(database)
    }

    /// Runs an operation; when its connection turns out to be dead, once more on a new one, never silently further.
    async fn run<T>(
        &self,
        operation: impl AsyncFn(&IdbDatabase) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match operation(&self.database().await?).await {
            Err(StoreError::Lost(_)) => {
                self.close();
                operation(&self.database().await?).await
            }
            result => result,
        }
    }

    async fn read(&self, with_summaries: bool) -> Result<Everything, StoreError> {
        self.run(async |database| loading::everything(database, with_summaries).await)
            .await
    }

    async fn text_at(&self, store: &str, key: &JsValue) -> Result<Option<String>, StoreError> {
        self.run(async |database| {
            let transaction = Transaction::read(database, &[store])?;
            let text = transaction.text(store, key).await?;
            Ok(text)
        })
        .await
    }

    /// One value written; drafts and what only this device knows are flushed, too.
    async fn put_text(&self, store: &str, key: &JsValue, text: &str) -> Result<(), StoreError> {
        self.run(async |database| {
            let transaction = Transaction::write(database, &[store], Durability::Relaxed)?;
            transaction.put(store, key, &text.into())?;
            transaction.finish().await
        })
        .await
    }

    async fn append_once(&self, database: &IdbDatabase, append: &Append) -> Result<(), StoreError> {
        let stores = [
            META,
            FACTS,
            FACT_PLACES,
            BLOBS,
            BLOB_CHUNKS,
            WAITING_BLOBS,
            DRAFTS,
        ];
        // Everything is written out before the transaction begins: inside it nothing waits but IndexedDB.
        let place = place(append.fact.at());
        let fact_id = JsValue::from(append.fact.fact_id.to_string());
        let fact = JsValue::from(json(&append.fact));
        let head = JsValue::from(json(&append.head));
        let blobs: Vec<_> = append.blobs.iter().map(Prepared::of).collect();

        let transaction = Transaction::write(database, &stores, Durability::Strict)?;
        let write = async {
            transaction.add(FACTS, &place, &fact)?;
            transaction.add(FACT_PLACES, &fact_id, &place)?;
            transaction.put(META, &"head".into(), &head)?;
            for blob in &blobs {
                blob.put(&transaction)?;
            }
            if let Some(draft) = &append.draft {
                transaction.delete(DRAFTS, &draft.into())?;
            }
            Ok(())
        };
        // The head is asked for first and compared before any of the writes has answered: another head takes all back.
        let head_key = JsValue::from("head");
        let compare = async {
            let found = transaction.text(META, &head_key).await?;
            match parse::<Head>(found)?.as_ref() == Some(&append.expected) {
                true => Ok(()),
                false => Err(StoreError::HeadMoved),
            }
        };
        try_join(compare, write).await?;
        transaction.finish().await?;
        read_back(database, append).await
    }
}

/// Compares what is stored with what was meant, in a transaction of its own (SYNC 10).
async fn read_back(database: &IdbDatabase, append: &Append) -> Result<(), StoreError> {
    let transaction = Transaction::read(database, &[FACTS])?;
    let found = transaction.text(FACTS, &place(append.fact.at())).await?;
    if parse::<FactRecord>(found)?.as_ref() == Some(&append.fact) {
        return Ok(());
    }
    Err(StoreError::Corrupt(
        "what was written is not what is read back".to_owned(),
    ))
}

impl DeviceStore for IndexedDb {
    async fn load(&self) -> Result<Loaded, StoreError> {
        let ahead = self.0.ahead.take();
        let ahead = ahead.map(|ahead| loading::everything_ahead(&ahead));
        let Everything { loaded, keys } = match ahead.transpose()?.flatten() {
            Some(read) => read,
            None => self.read(true).await?,
        };
        self.0.keys.replace(keys);
        Ok(loaded)
    }

    async fn load_own(&self) -> Result<Loaded, StoreError> {
        let Everything { loaded, .. } = self.read(false).await?;
        Ok(loaded)
    }

    async fn enrol(&self, identity: &str, head: &Head) -> Result<(), StoreError> {
        let json = JsValue::from(json(head));
        self.run(async |database| {
            let transaction = Transaction::write(database, &[META], Durability::Strict)?;
            if epoch(&transaction).await? >= Some(head.epoch) {
                return Err(StoreError::HeadMoved);
            }
            transaction.put(META, &"identity".into(), &identity.into())?;
            transaction.put(META, &"head".into(), &json)?;
            transaction.finish().await
        })
        .await
    }

    async fn keep_identity(&self, identity: &str, expected: u32) -> Result<(), StoreError> {
        self.run(async |database| {
            let transaction = Transaction::write(database, &[META], Durability::Strict)?;
            if epoch(&transaction).await? != Some(expected) {
                return Err(StoreError::HeadMoved);
            }
            transaction.put(META, &"identity".into(), &identity.into())?;
            transaction.finish().await
        })
        .await
    }

    async fn head(&self) -> Result<Option<Head>, StoreError> {
        parse(self.text_at(META, &"head".into()).await?)
    }

    async fn append(&self, append: &Append) -> Result<(), StoreError> {
        self.run(async |database| self.append_once(database, append).await)
            .await
    }

    async fn fact(&self, at: FactKey) -> Result<Option<FactRecord>, StoreError> {
        parse(self.text_at(FACTS, &place(at)).await?)
    }

    async fn fact_by_id(&self, id: FactId) -> Result<Option<FactRecord>, StoreError> {
        self.run(async |database| {
            let transaction = Transaction::read(database, &[FACT_PLACES, FACTS])?;
            let place = transaction.get(FACT_PLACES, &id.to_string().into()).await?;
            let fact = match place.is_undefined() {
                true => None,
                false => transaction.text(FACTS, &place).await?,
            };
            parse(fact)
        })
        .await
    }

    async fn facts_after(&self, after: FactKey, limit: u32) -> Result<Vec<StoredFact>, StoreError> {
        self.run(async |database| {
            let transaction = Transaction::read(database, &[FACTS, FACT_STATES])?;
            let states = read_states(&transaction).await?;
            let facts = read_facts(&transaction, after, Some(limit)).await?;
            Ok(with_states(facts, &states))
        })
        .await
    }

    async fn settle(
        &self,
        acked_through: FactKey,
        states: &[(FactKey, FactState)],
    ) -> Result<(), StoreError> {
        self.run(async |database| {
            let stores = [META, FACT_STATES];
            let transaction = Transaction::write(database, &stores, Durability::Relaxed)?;
            transaction.put(META, &"acked".into(), &json(&acked_through).into())?;
            for (at, state) in states {
                let record = json(&(at, state));
                transaction.put(FACT_STATES, &place(*at), &record.into())?;
            }
            transaction.finish().await
        })
        .await
    }

    async fn begin_log(&self, log_id: &str) -> Result<(), StoreError> {
        self.run(async |database| {
            let stores = [META, FACT_STATES, BLOBS, WAITING_BLOBS];
            let transaction = Transaction::write(database, &stores, Durability::Relaxed)?;
            let note = format!("{NOTE_PREFIX}{LOG_ID}");
            transaction.put(META, &note.into(), &log_id.into())?;
            transaction.put(META, &"acked".into(), &json(&FactKey::START).into())?;
            let text = transaction.text(META, &"pull".into()).await?;
            let mut pull: PullState = parse(text)?.unwrap_or_default();
            pull.applied_through = FactKey::START;
            transaction.put(META, &"pull".into(), &json(&pull).into())?;
            // Every place is an array, which sorts above every number.
            transaction.delete(FACT_STATES, &above(&0.into()))?;
            let blobs = transaction
                .get_all(BLOBS, &JsValue::UNDEFINED, None)
                .await?;
            for blob in read_all::<WaitingBlob>(&blobs)? {
                let key = JsValue::from(blob.hash.as_str());
                transaction.put(WAITING_BLOBS, &key, &json(&blob).into())?;
            }
            transaction.finish().await
        })
        .await
    }

    async fn forget(
        &self,
        through: FactKey,
        facts: &[(FactKey, FactId)],
    ) -> Result<(), StoreError> {
        self.run(async |database| {
            let stores = [META, FACTS, FACT_PLACES, FACT_STATES];
            let transaction = Transaction::write(database, &stores, Durability::Relaxed)?;
            for (at, id) in facts {
                transaction.delete(FACTS, &place(*at))?;
                transaction.delete(FACT_PLACES, &id.to_string().into())?;
                transaction.delete(FACT_STATES, &place(*at))?;
            }
            transaction.put(META, &"forgotten".into(), &json(&through).into())?;
            transaction.finish().await
        })
        .await
    }

    async fn pull_state(&self) -> Result<PullState, StoreError> {
        let text = self.text_at(META, &"pull".into()).await?;
        Ok(parse(text)?.unwrap_or_default())
    }

    async fn summaries(&self) -> Result<(PullState, Vec<String>), StoreError> {
        self.run(async |database| {
            let transaction = Transaction::read(database, &[META, SUMMARIES])?;
            let text = transaction.text(META, &"pull".into()).await?;
            let pull: PullState = parse(text)?.unwrap_or_default();
            let chunks = transaction
                .get_all(SUMMARIES, &with_first(pull.generation), None)
                .await?;
            Ok((pull, texts(&chunks)))
        })
        .await
    }

    async fn write_page(&self, page: &PageWrite) -> Result<(), StoreError> {
        self.run(async |database| {
            let stores = [META, SUMMARIES, DOSSIERS];
            let transaction = Transaction::write(database, &stores, Durability::Relaxed)?;
            if page.drop_other_generations {
                for store in [SUMMARIES, DOSSIERS] {
                    for other in [all_below(page.generation), all_from(page.generation + 1)] {
                        transaction.delete(store, &other)?;
                    }
                }
            }
            for (code, dossier) in &page.dossiers {
                let key = Array::of2(&page.generation.into(), &code.as_str().into());
                match dossier {
                    Some(json) => transaction.put(DOSSIERS, &key, &json.into())?,
                    None => transaction.delete(DOSSIERS, &key)?,
                }
            }
            for (chunk, json) in &page.chunks {
                let key = Array::of2(&page.generation.into(), &(*chunk).into());
                transaction.put(SUMMARIES, &key, &json.into())?;
            }
            transaction.put(META, &"pull".into(), &json(&page.pull).into())?;
            transaction.finish().await
        })
        .await
    }

    async fn dossier(&self, code: &ClientCode) -> Result<Option<String>, StoreError> {
        self.run(async |database| {
            let transaction = Transaction::read(database, &[META, DOSSIERS])?;
            let text = transaction.text(META, &"pull".into()).await?;
            let pull: PullState = parse(text)?.unwrap_or_default();
            let key = Array::of2(&pull.generation.into(), &code.as_str().into());
            let dossier = transaction.text(DOSSIERS, &key).await?;
            Ok(dossier)
        })
        .await
    }

    async fn dossiers(
        &self,
        generation: u32,
        after: Option<&ClientCode>,
        limit: u32,
    ) -> Result<Vec<(ClientCode, String)>, StoreError> {
        let range = match after {
            Some(code) => with_first_after(generation, &code.as_str().into()),
            None => with_first(generation),
        };
        self.run(async |database| {
            let transaction = Transaction::read(database, &[DOSSIERS])?;
            let keys = transaction
                .get_all_keys(DOSSIERS, &range, Some(limit))
                .await?;
            let found = transaction.get_all(DOSSIERS, &range, Some(limit)).await?;
            let code = |key: JsValue| Array::from(&key).get(1).as_string();
            let codes = keys
                .iter()
                .filter_map(code)
                .map(|code| ClientCode::new(&code));
            Ok(codes.zip(texts(&found)).collect())
        })
        .await
    }

    async fn blob(&self, hash: &BlobHash) -> Result<Option<BlobRecord>, StoreError> {
        self.run(async |database| blobs::get(database, hash).await)
            .await
    }

    async fn waiting_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError> {
        self.run(async |database| blobs::waiting(database).await)
            .await
    }

    async fn blob_sent(&self, hash: &BlobHash) -> Result<(), StoreError> {
        self.run(async |database| blobs::sent(database, hash).await)
            .await
    }

    async fn sent_blobs(&self) -> Result<Vec<WaitingBlob>, StoreError> {
        self.run(async |database| blobs::all_sent(database).await)
            .await
    }

    async fn drop_sent_blob(&self, hash: &BlobHash) -> Result<u32, StoreError> {
        self.run(async |database| blobs::drop_sent(database, hash).await)
            .await
    }

    async fn put_draft(&self, key: &str, json: &str) -> Result<(), StoreError> {
        self.put_text(DRAFTS, &key.into(), json).await
    }

    async fn draft(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.text_at(DRAFTS, &key.into()).await
    }

    async fn drafts(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.run(async |database| {
            let transaction = Transaction::read(database, &[DRAFTS])?;
            let keys = transaction
                .get_all_keys(DRAFTS, &JsValue::UNDEFINED, None)
                .await?;
            let values = transaction
                .get_all(DRAFTS, &JsValue::UNDEFINED, None)
                .await?;
            Ok(texts(&keys).into_iter().zip(texts(&values)).collect())
        })
        .await
    }

    async fn delete_draft(&self, key: &str) -> Result<(), StoreError> {
        self.run(async |database| {
            let transaction = Transaction::write(database, &[DRAFTS], Durability::Relaxed)?;
            transaction.delete(DRAFTS, &key.into())?;
            transaction.finish().await
        })
        .await
    }

    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let key = format!("{NOTE_PREFIX}{name}");
        self.put_text(META, &key.into(), value).await
    }
}

/// The epoch of the head, inside a transaction over it.
async fn epoch(transaction: &Transaction) -> Result<Option<u32>, StoreError> {
    let head = parse::<Head>(transaction.text(META, &"head".into()).await?)?;
    Ok(head.map(|head| head.epoch))
}

async fn read_states(transaction: &Transaction) -> Result<Vec<(FactKey, FactState)>, StoreError> {
    let found = transaction
        .get_all(FACT_STATES, &JsValue::UNDEFINED, None)
        .await?;
    read_all(&found)
}

async fn read_facts(
    transaction: &Transaction,
    after: FactKey,
    limit: Option<u32>,
) -> Result<Vec<FactRecord>, StoreError> {
    let found = transaction
        .get_all(FACTS, &above(&place(after)), limit)
        .await?;
    read_all(&found)
}

fn with_states(facts: Vec<FactRecord>, states: &[(FactKey, FactState)]) -> Vec<StoredFact> {
    let with_state = |fact: FactRecord| {
        let of_fact = states.iter().find(|(at, _)| *at == fact.at());
        StoredFact {
            state: of_fact.map(|(_, state)| state.clone()),
            fact,
        }
    };
    facts.into_iter().map(with_state).collect()
}

/// A fact's key: `[epoch, seq]`.
fn place(at: FactKey) -> JsValue {
    // Sequence numbers stay far below 2^53, where JavaScript's numbers are exact.
    let seq = u32::try_from(at.seq).unwrap_or(u32::MAX);
    Array::of2(&at.epoch.into(), &seq.into()).into()
}

/// Keys `[g, …]` with `g` below `generation`.
fn all_below(generation: u32) -> JsValue {
    web_sys::IdbKeyRange::upper_bound_with_open(&Array::of1(&generation.into()), true)
        .expect("the key is valid")
        .into()
}

/// Keys `[g, …]` with `g` from `generation` on.
fn all_from(generation: u32) -> JsValue {
    web_sys::IdbKeyRange::lower_bound(&Array::of1(&generation.into()))
        .expect("the key is valid")
        .into()
}

fn texts(values: &Array) -> Vec<String> {
    values
        .iter()
        .filter_map(|value| value.as_string())
        .collect()
}

fn read_all<T: DeserializeOwned>(values: &Array) -> Result<Vec<T>, StoreError> {
    texts(values).iter().map(|text| read(text)).collect()
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("records serialise")
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn parse<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    text.as_deref().map(read).transpose()
}
