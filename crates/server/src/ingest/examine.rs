//! What can be said of an arriving fact without the database.

use crate::keys::Verifier;
use tournee_sync::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact, chain_hash};
use tournee_sync::key::PublicKey;

/// Facts worth a thread of their own.
const SHARE_MIN: usize = 8;

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

/// Looks at the facts of one push: the first stands at `from_seq`, the others follow. Signatures cost most: every core
/// checks a share.
pub fn all(facts: Vec<SealedFact>, from_seq: u64, key: &PublicKey) -> Vec<Examined> {
    let verifier = Verifier::new(key);
    let id = key.id();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = facts.len().div_ceil(cores).max(SHARE_MIN);
    let one = |(seq, sealed): (u64, SealedFact)| {
        let hash_covers = chain_hash(sealed.previous, &sealed.text) == sealed.hash;
        let signed = sealed.key == id && verifier.is_signed(&sealed.hash, &sealed.signature);
        Examined {
            seq,
            text: read(&sealed),
            sealed,
            hash_covers,
            signed,
        }
    };
    let mut placed = (from_seq..).zip(facts);
    std::thread::scope(|scope| {
        let mut shares = Vec::new();
        loop {
            let share: Vec<_> = placed.by_ref().take(share).collect();
            if share.is_empty() {
                break;
            }
            shares.push(scope.spawn(move || share.into_iter().map(one).collect::<Vec<_>>()));
        }
        let panics = |panic| std::panic::resume_unwind(panic);
        let joined = shares
            .into_iter()
            .map(|share| share.join().unwrap_or_else(panics));
        joined.flatten().collect()
    })
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
