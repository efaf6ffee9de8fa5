//! The device's signing key, which cannot leave the browser, and the office's signatures (SYNC 1, 18).

use super::js::{call_async, describe, get, name_of, object, window};
use js_sys::{Array, Uint8Array};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::key::{Algorithm, PublicKey};
use wasm_bindgen::prelude::*;

/// Test hook: makes this browser use P-256 although it knows Ed25519.
const FORCE_P256: &str = "tournee.force_p256";

/// A new pair: the public key to send to the office, and the private one as a handle to store.
pub struct NewKey {
    pub public: PublicKey,
    pub private: JsValue,
}

/// The device's private key, ready to sign.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    private: JsValue,
}

/// Makes a pair whose private half cannot be exported: Ed25519 where the browser has it, else P-256.
///
/// # Errors
/// What the browser says when it can make neither.
pub async fn generate() -> Result<NewKey, String> {
    let forced = super::settings::get::<serde_json::Value>(FORCE_P256).is_some();
    if !forced {
        match generate_with(Algorithm::Ed25519).await {
            Err(error) if is_unknown_algorithm(&error) => {}
            result => return result.map_err(|error| describe(&error)),
        }
    }
    generate_with(Algorithm::EcdsaP256)
        .await
        .map_err(|error| describe(&error))
}

async fn generate_with(algorithm: Algorithm) -> Result<NewKey, JsValue> {
    let uses = Array::of2(&"sign".into(), &"verify".into());
    let arguments = [key_parameters(algorithm), false.into(), uses.into()];
    let pair = call_async(&subtle(), "generateKey", &arguments).await?;
    let public = [JsValue::from("raw"), get(&pair, "publicKey")];
    let raw = call_async(&subtle(), "exportKey", &public).await?;
    Ok(NewKey {
        public: PublicKey {
            algorithm,
            bytes: Bytes(Uint8Array::new(&raw).to_vec()),
        },
        private: get(&pair, "privateKey"),
    })
}

fn is_unknown_algorithm(error: &JsValue) -> bool {
    // Older browsers do not know the name at all, some know it and refuse.
    ["NotSupportedError", "SyntaxError", "TypeError"].contains(&name_of(error).as_str())
}

impl SigningKey {
    pub fn new(algorithm: Algorithm, private: JsValue) -> Self {
        Self { algorithm, private }
    }

    /// Signs the 32 bytes of a fact's hash.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn sign(&self, hash: Hash) -> Result<Bytes, String> {
        let message = Uint8Array::from(&hash.0[..]);
        let arguments = [
            signature_parameters(self.algorithm),
            self.private.clone(),
            message.into(),
        ];
        let signature = call_async(&subtle(), "sign", &arguments)
            .await
            .map_err(|error| describe(&error))?;
        Ok(Bytes(Uint8Array::new(&signature).to_vec()))
    }
}

/// Whether `signature` over `message` is by `key`.
///
/// # Errors
/// When the key itself makes no sense to the browser.
pub async fn verify(key: &PublicKey, message: &[u8], signature: &Bytes) -> Result<bool, String> {
    let uses = Array::of1(&"verify".into());
    let arguments = [
        JsValue::from("raw"),
        Uint8Array::from(&key.bytes.0[..]).into(),
        key_parameters(key.algorithm),
        false.into(),
        uses.into(),
    ];
    let imported = call_async(&subtle(), "importKey", &arguments)
        .await
        .map_err(|error| describe(&error))?;
    let arguments = [
        signature_parameters(key.algorithm),
        imported,
        Uint8Array::from(&signature.0[..]).into(),
        Uint8Array::from(message).into(),
    ];
    let valid = call_async(&subtle(), "verify", &arguments)
        .await
        .map_err(|error| describe(&error))?;
    Ok(valid.is_truthy())
}

fn key_parameters(algorithm: Algorithm) -> JsValue {
    match algorithm {
        Algorithm::Ed25519 => object(&[("name", "Ed25519".into())]),
        Algorithm::EcdsaP256 => object(&[("name", "ECDSA".into()), ("namedCurve", "P-256".into())]),
    }
}

fn signature_parameters(algorithm: Algorithm) -> JsValue {
    match algorithm {
        Algorithm::Ed25519 => object(&[("name", "Ed25519".into())]),
        Algorithm::EcdsaP256 => object(&[("name", "ECDSA".into()), ("hash", "SHA-256".into())]),
    }
}

fn subtle() -> JsValue {
    get(&get(&window(), "crypto"), "subtle")
}
