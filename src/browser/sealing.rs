//! Bytes sealed to the office's rescue key, by WebCrypto (SYNC 40).

use super::crypto::subtle;
use super::js::{call_async, describe, get, object};
use super::random;
use js_sys::{Array, Uint8Array};
use tournee_sync::encoding::Bytes;
use tournee_sync::rescue::{Sealed, key_info};
use wasm_bindgen::prelude::*;

const IV_BYTES: usize = 12;
const SHARED_BITS: u32 = 256;

/// ECDH with a key made for this, HKDF-SHA-256, AES-256-GCM: only the holder of the office's rescue key can read it.
///
/// # Errors
/// What the browser says.
pub async fn seal(office_key: &Bytes, associated: &[u8], content: &[u8]) -> Result<Sealed, String> {
    let iv = random::bytes::<IV_BYTES>();
    let sealed = seal_with(office_key, &iv, associated, content).await;
    sealed.map_err(|error| describe(&error))
}

async fn seal_with(
    office_key: &Bytes,
    iv: &[u8],
    associated: &[u8],
    content: &[u8],
) -> Result<Sealed, JsValue> {
    let curve = object(&[("name", "ECDH".into()), ("namedCurve", "P-256".into())]);
    let derive = Array::of1(&"deriveBits".into());
    let pair = [curve.clone(), false.into(), derive.into()];
    let pair = call_async(&subtle(), "generateKey", &pair).await?;
    let public = [JsValue::from("raw"), get(&pair, "publicKey")];
    let public = call_async(&subtle(), "exportKey", &public).await?;
    let ephemeral_key = Bytes(Uint8Array::new(&public).to_vec());

    let office = import(&office_key.0, curve, &Array::new()).await?;
    let agreement = object(&[("name", "ECDH".into()), ("public", office)]);
    let shared = [agreement, get(&pair, "privateKey"), SHARED_BITS.into()];
    let shared = call_async(&subtle(), "deriveBits", &shared).await?;
    let shared = Uint8Array::new(&shared).to_vec();
    let key = derived(&shared, &key_info(&ephemeral_key, office_key)).await?;

    let how = object(&[
        ("name", "AES-GCM".into()),
        ("iv", bytes(iv)),
        ("additionalData", bytes(associated)),
    ]);
    let sealed = call_async(&subtle(), "encrypt", &[how, key, bytes(content)]).await?;
    Ok(Sealed {
        ephemeral_key,
        iv: Bytes(iv.to_vec()),
        ciphertext: Bytes(Uint8Array::new(&sealed).to_vec()),
    })
}

/// The AES key that HKDF makes of what both sides share.
async fn derived(shared: &[u8], info: &[u8]) -> Result<JsValue, JsValue> {
    let uses = Array::of1(&"deriveKey".into());
    let shared = import(shared, "HKDF".into(), &uses).await?;
    let how = object(&[
        ("name", "HKDF".into()),
        ("hash", "SHA-256".into()),
        ("salt", bytes(&[])),
        ("info", bytes(info)),
    ]);
    let what = object(&[("name", "AES-GCM".into()), ("length", 256.into())]);
    let uses = Array::of1(&"encrypt".into());
    let arguments = [how, shared, what, false.into(), uses.into()];
    call_async(&subtle(), "deriveKey", &arguments).await
}

async fn import(raw: &[u8], algorithm: JsValue, uses: &Array) -> Result<JsValue, JsValue> {
    let arguments = [
        "raw".into(),
        bytes(raw),
        algorithm,
        false.into(),
        uses.into(),
    ];
    call_async(&subtle(), "importKey", &arguments).await
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}
