//! Serialised unit variants as words: values of selects, drafts, words of reasons.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The word that stands for a variant.
pub fn word_of(variant: &impl Serialize) -> String {
    let json = serde_json::to_string(variant).unwrap_or_default();
    json.trim_matches('"').to_owned()
}

/// The variant a word stands for.
pub fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_str(&["\"", word, "\""].concat()).ok()
}
