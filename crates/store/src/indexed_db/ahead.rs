//! What the page's script has asked of the last user's database while the program was on its way.
//!
//! The script (`public/boot.js`) knows nothing of what it asks: it follows the [`note`] that the program left in localStorage,
//! puts its questions in one transaction, and leaves a promise in `window.tourneeAhead`. The note of an older program, or a
//! question that failed, is as good as none.

use super::schema::VERSION;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::IdbDatabase;

/// A store, and the method that gives all its keys or all its values.
pub type Question = (&'static str, &'static str);

/// What the next start is to ask of a user's database, as JSON: its name, its version, the questions.
pub fn note(database: &str, questions: &[Question]) -> String {
    let asked = |(store, method): &Question| format!("[\"{store}\",\"{method}\"]");
    let asked: Vec<String> = questions.iter().map(asked).collect();
    format!("[\"{database}\",{VERSION},[{}]]", asked.join(","))
}

/// The database that a note names.
pub fn database_of(note: &str) -> Option<&str> {
    note.split('"').nth(1)
}

/// The answers, all of one moment, and the connection they came by.
pub struct ReadAhead {
    pub connection: IdbDatabase,
    answers: Array,
}

impl ReadAhead {
    /// What the script was told by exactly this note; given once.
    pub async fn take(note: &str) -> Option<Self> {
        let (page, name) = (js_sys::global(), JsValue::from("tourneeAhead"));
        let promise: Promise = Reflect::get(&page, &name).ok()?.dyn_into().ok()?;
        let read = JsFuture::from(promise).await.ok()?;
        let part = |name: &str| Reflect::get(&read, &name.into()).ok();
        if part("note")?.as_string()? != note {
            return None;
        }
        let _gone = Reflect::delete_property(&page, &name);
        Some(Self {
            connection: part("connection")?.dyn_into().ok()?,
            answers: part("answers")?.dyn_into().ok()?,
        })
    }

    /// The answer to the question at this place of the note.
    pub fn answer(&self, question: u32) -> Array {
        Array::from(&self.answers.get(question))
    }
}
