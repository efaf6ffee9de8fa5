//! What the page's script has asked of the databases while the program was on its way.
//!
//! The script (`public/boot.js`) knows nothing of what it asks: it follows the [`note`] that the program left in localStorage,
//! puts the questions of each piece to its database in one transaction, and leaves a promise under the piece's text in
//! `window.tourneeAhead`. The note of an older program, or a question that failed, is as good as none.

use super::{loading, registry, schema};
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbDatabase;

/// Where the script leaves its promises.
const AHEAD: &str = "tourneeAhead";

/// A store, and the method that gives all its keys or all its values.
pub type Question = (&'static str, &'static str);

/// What the next start is to ask of a user's database and of the registry, as JSON.
pub fn note(database: &str) -> String {
    format!("[{},{}]", of_user(database), of_registry())
}

/// The user's database that a note names.
pub fn database_of(note: &str) -> Option<&str> {
    note.split('"').nth(1)
}

/// What is asked of a user's database: its name, its version, the questions.
pub(super) fn of_user(database: &str) -> String {
    piece(database, schema::VERSION, loading::QUESTIONS)
}

/// What is asked of the registry.
pub(super) fn of_registry() -> String {
    piece(registry::DATABASE, registry::VERSION, registry::QUESTIONS)
}

/// Without blanks, as the script writes it when it names what it has asked.
fn piece(database: &str, version: u32, questions: &[Question]) -> String {
    let asked = |(store, method): &Question| format!("[\"{store}\",\"{method}\"]");
    let asked: Vec<String> = questions.iter().map(asked).collect();
    format!("[\"{database}\",{version},[{}]]", asked.join(","))
}

/// Lets go of what nobody has taken: it grows old.
pub fn forget() {
    let _gone = Reflect::delete_property(&js_sys::global(), &AHEAD.into());
}

/// The answers, all of one moment, and the connection they came by.
pub struct ReadAhead {
    pub connection: IdbDatabase,
    answers: Array,
}

impl ReadAhead {
    /// What the script was told by exactly this piece of its note; given once.
    pub async fn take(piece: &str) -> Option<Self> {
        let all = Reflect::get(&js_sys::global(), &AHEAD.into()).ok()?;
        let piece = JsValue::from(piece);
        let promise: Promise = Reflect::get(&all, &piece).ok()?.dyn_into().ok()?;
        let _gone = Reflect::delete_property(all.unchecked_ref::<Object>(), &piece);
        let read = JsFuture::from(promise).await.ok()?;
        let part = |name: &str| Reflect::get(&read, &name.into()).ok();
        Some(Self {
            connection: part("connection")?.dyn_into().ok()?,
            answers: part("answers")?.dyn_into().ok()?,
        })
    }

    /// The answer to the question at this place of the piece.
    pub fn answer(&self, question: u32) -> Array {
        Array::from(&self.answers.get(question))
    }
}
