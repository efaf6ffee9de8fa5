//! `docs/sync.md` shows one fact and one push byte for byte; this holds them true (SYNC 4).
//!
//! The expected bytes come from the document. What is checked is what a third party would do with them: hash the text,
//! verify the signature, read the push.

use ed25519_dalek::{Signer, SigningKey};
use tournee_domain::FactBody;
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::envelope::chain_hash;
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::push::PushRequest;

/// The seed named in the document.
const SEED: [u8; 32] = [7; 32];

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sync.md"))
        .expect("docs/sync.md")
}

/// The fenced block that follows the line `<!-- name -->`.
fn block(document: &str, name: &str) -> String {
    let start = document
        .find(&format!("<!-- {name} -->"))
        .unwrap_or_else(|| panic!("docs/sync.md has no block {name}"));
    let fence = document[start..]
        .split("```")
        .nth(1)
        .expect("a fenced block");
    fence
        .split_once('\n')
        .expect("a language line")
        .1
        .trim_end()
        .to_owned()
}

#[test]
fn the_documented_fact_hashes_and_verifies_as_documented() {
    let document = document();
    let text = block(&document, "fact text");
    let hash: Hash = block(&document, "fact hash")
        .parse()
        .expect("64 hexadecimal digits");
    assert_eq!(chain_hash(Hash::GENESIS, &text), hash);

    let key = SigningKey::from_bytes(&SEED);
    let public = PublicKey {
        algorithm: Algorithm::Ed25519,
        bytes: Bytes(key.verifying_key().as_bytes().to_vec()),
    };
    let push: PushRequest = serde_json::from_str(&block(&document, "push")).expect("a push");
    let sealed = &push.facts[0];
    assert_eq!(sealed.text, text, "the push carries the text byte for byte");
    assert_eq!(sealed.hash, hash);
    assert_eq!(sealed.previous, Hash::GENESIS);
    assert_eq!(sealed.key, public.id());
    // Ed25519 is deterministic: the document's signature is the only one this key makes over this hash.
    assert_eq!(
        sealed.signature,
        Bytes(key.sign(&hash.0).to_bytes().to_vec())
    );
    // What is written again is what was read: the wire has one form.
    assert_eq!(
        serde_json::to_string(&push).expect("serialises"),
        block(&document, "push")
    );
}

#[test]
fn the_documented_fact_is_a_payment_this_version_reads() {
    let document = document();
    let push: PushRequest = serde_json::from_str(&block(&document, "push")).expect("a push");
    let fact = push.facts[0].open().expect("an envelope");
    assert_eq!((fact.seq, fact.epoch), (1, 1));
    let FactBody::Payment(payment) = fact.read_body().expect("a body") else {
        panic!("not a payment")
    };
    assert_eq!(payment.receipt.to_string(), "ARL-D03-E1-000001");
    assert_eq!(payment.amount.to_string(), "1250000");
    assert_eq!(
        fact.write(),
        push.facts[0].text,
        "fields are written in the documented order"
    );
}

#[test]
fn one_changed_character_is_another_fact() {
    let text = block(&document(), "fact text");
    let changed = text.replacen("\"1250000\"", "\"1250001\"", 1);
    assert_ne!(changed, text);
    assert_ne!(
        chain_hash(Hash::GENESIS, &changed),
        chain_hash(Hash::GENESIS, &text)
    );
}
