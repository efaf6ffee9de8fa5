//! What can be said of an arriving fact without the database.

use crate::keys;
use tournee_sync::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact, chain_hash};
use tournee_sync::key::PublicKey;

/// A fact as it arrived, looked at.
pub struct Examined {
    /// Its place according to the push.
    pub seq: u64,
    pub sealed: SealedFact,
    /// Its envelope, or why the text is none.
    pub text: Result<FactText, String>,
    pub hash_covers: bool,
    pub signed: bool,
}

/// Looks at the facts of one push: the first stands at `from_seq`, the others follow.
pub fn all(facts: Vec<SealedFact>, from_seq: u64, key: &PublicKey) -> Vec<Examined> {
    let places = from_seq..;
    places
        .zip(facts)
        .map(|(seq, sealed)| {
            let hash_covers = chain_hash(sealed.previous, &sealed.text) == sealed.hash;
            let signed =
                sealed.key == key.id() && keys::is_signed(key, &sealed.hash, &sealed.signature);
            Examined {
                seq,
                text: read(&sealed),
                sealed,
                hash_covers,
                signed,
            }
        })
        .collect()
}

impl Examined {
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
