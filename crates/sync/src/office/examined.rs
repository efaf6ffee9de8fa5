//! What can be said of an arriving fact without the database.

use crate::encoding::{Bytes, Hash};
use crate::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact, chain_hash};
use crate::key::KeyId;

/// A fact as it arrived, looked at.
#[derive(Clone, Debug)]
pub struct Examined {
    /// Its place according to the push.
    pub seq: u64,
    pub sealed: SealedFact,
    /// Its envelope, or why the text is none.
    pub text: Result<FactText, String>,
    /// The hash covers the previous hash and the text.
    pub hash_covers: bool,
    /// The signature is by the key this epoch registered.
    pub signed: bool,
}

impl Examined {
    /// Looks at one fact; `is_signed` checks a signature over a hash with the key that `key` names.
    pub fn new(
        seq: u64,
        sealed: SealedFact,
        key: &KeyId,
        is_signed: impl FnOnce(&Hash, &Bytes) -> bool,
    ) -> Self {
        Self {
            seq,
            text: read(&sealed),
            hash_covers: chain_hash(sealed.previous, &sealed.text) == sealed.hash,
            signed: sealed.key == *key && is_signed(&sealed.hash, &sealed.signature),
            sealed,
        }
    }

    /// A staged fact: only what was signed and hashed right is ever staged.
    pub fn again(seq: u64, sealed: SealedFact) -> Self {
        Self {
            seq,
            text: read(&sealed),
            sealed,
            hash_covers: true,
            signed: true,
        }
    }
}

fn read(sealed: &SealedFact) -> Result<FactText, String> {
    if sealed.text.len() > FACT_TEXT_MAX_BYTES {
        return Err(format!(
            "{} bytes; at most {FACT_TEXT_MAX_BYTES}",
            sealed.text.len()
        ));
    }
    serde_json::from_str(&sealed.text).map_err(|error| error.to_string())
}
