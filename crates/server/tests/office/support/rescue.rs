//! Emergency files, sealed as the protocol says, with code of its own.

use super::Device;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tournee_sync::envelope::SealedFact;

/// An emergency file with these facts, by place, and these photos.
pub fn rescue_file(device: &Device, facts: &[(u64, SealedFact)], blobs: &[&[u8]]) -> Value {
    let facts: Vec<Value> = facts
        .iter()
        .map(|(seq, fact)| {
            let mut fact = serde_json::to_value(fact).unwrap();
            fact["epoch"] = json!(device.enrolled.device.epoch);
            fact["seq"] = json!(seq);
            fact
        })
        .collect();
    let blobs: Vec<Value> = blobs
        .iter()
        .map(|bytes| json!({"hash": hex::encode(Sha256::digest(bytes)), "bytes": URL_SAFE_NO_PAD.encode(bytes)}))
        .collect();
    let content = json!({"build": "test", "facts": facts, "blobs": blobs, "blobs_left_out": 0});
    seal_rescue(device, &content.to_string())
}

/// Any text, sealed to the office of this device.
pub fn seal_rescue(device: &Device, content: &str) -> Value {
    let office = device.enrolled.organisation.rescue_key.as_ref().unwrap();
    let secret = p256::ecdh::EphemeralSecret::random(&mut rand::rngs::OsRng);
    let point = secret.public_key().to_encoded_point(false);
    let shared = secret.diffie_hellman(&p256::PublicKey::from_sec1_bytes(&office.0).unwrap());
    let info = [b"tournee rescue 1", point.as_bytes(), &office.0].concat();
    let mut key = [0; 32];
    let derived = shared.extract::<Sha256>(None);
    derived.expand(&info, &mut key).unwrap();
    let organisation = device.enrolled.organisation.id;
    let (id, label) = (device.enrolled.device.id, &device.enrolled.device.label);
    let made_at = "2026-11-03T18:00:00+01:00";
    let aad = format!("tournee rescue 1\n{organisation}\n{id}\n{label}\n{made_at}\n");
    let (msg, aad) = (content.as_bytes(), aad.as_bytes());
    let cipher = aes_gcm::Aes256Gcm::new(&key.into());
    let sealed = cipher
        .encrypt(&[7; 12].into(), Payload { msg, aad })
        .unwrap();
    json!({
        "format": "tournee rescue 1", "organisation": organisation, "device": id, "label": label, "made_at": made_at,
        "ephemeral_key": URL_SAFE_NO_PAD.encode(point.as_bytes()), "iv": URL_SAFE_NO_PAD.encode([7; 12]),
        "ciphertext": URL_SAFE_NO_PAD.encode(sealed),
    })
}
