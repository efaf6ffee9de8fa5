//! The device's signing key, which cannot leave the browser, and the office's signatures (SYNC 1, 18).

use super::js::{call_async, describe, get, name_of, object, window};
use js_sys::{Array, Uint8Array};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::key::{Algorithm, PublicKey};
use wasm_bindgen::prelude::*;

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
    let key = match generate_with(Algorithm::Ed25519).await {
        Err(error) if is_unknown_algorithm(&error) => generate_with(Algorithm::EcdsaP256).await,
        result => result,
    };
    key.map_err(|error| describe(&error))
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

pub(super) fn subtle() -> JsValue {
    get(&get(&window(), "crypto"), "subtle")
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::{Signer, Verifier};
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    wasm_bindgen_test_configure!(run_in_browser);

    /// Signs in the browser and verifies with code of other authors.
    async fn check_signatures(algorithm: Algorithm, is_valid: fn(&[u8], &[u8], &[u8]) -> bool) {
        let key = generate_with(algorithm).await.expect("makes a key");
        assert_eq!(key.public.algorithm, algorithm);
        let exportable = get(&key.private, "extractable");
        assert_eq!(
            exportable,
            JsValue::FALSE,
            "the key cannot leave the browser"
        );
        let signing = SigningKey::new(algorithm, key.private);
        let hash = Hash::of(b"a fact");
        let signature = signing.sign(hash).await.expect("signs");
        assert_eq!(signature.0.len(), 64);
        assert!(is_valid(&key.public.bytes.0, &hash.0, &signature.0));
        let other = Hash::of(b"another fact");
        assert!(!is_valid(&key.public.bytes.0, &other.0, &signature.0));
    }

    #[wasm_bindgen_test]
    async fn ed25519_signatures_verify_elsewhere() {
        check_signatures(Algorithm::Ed25519, |key, message, signature| {
            let key = key.try_into().expect("32 bytes");
            let key = ed25519_dalek::VerifyingKey::from_bytes(key).expect("a key");
            let signature = ed25519_dalek::Signature::from_slice(signature).expect("64 bytes");
            key.verify_strict(message, &signature).is_ok()
        })
        .await;
    }

    #[wasm_bindgen_test]
    async fn p256_signatures_verify_elsewhere() {
        check_signatures(Algorithm::EcdsaP256, |key, message, signature| {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect("a point");
            let signature = p256::ecdsa::Signature::from_slice(signature).expect("r and s");
            key.verify(message, &signature).is_ok()
        })
        .await;
    }

    #[wasm_bindgen_test]
    async fn only_the_office_signs_for_the_office() {
        let office = p256::ecdsa::SigningKey::from_slice(&[7; 32]).expect("a scalar");
        let point = office.verifying_key().to_encoded_point(false);
        let key = PublicKey {
            algorithm: Algorithm::EcdsaP256,
            bytes: Bytes(point.as_bytes().to_vec()),
        };
        let signature: p256::ecdsa::Signature = office.sign(b"everything through 3");
        let signature = Bytes(signature.to_bytes().to_vec());
        assert_eq!(
            verify(&key, b"everything through 3", &signature).await,
            Ok(true)
        );
        assert_eq!(
            verify(&key, b"everything through 4", &signature).await,
            Ok(false)
        );
        let other = p256::ecdsa::SigningKey::from_slice(&[8; 32]).expect("a scalar");
        let signature: p256::ecdsa::Signature = other.sign(b"everything through 3");
        let signature = Bytes(signature.to_bytes().to_vec());
        assert_eq!(
            verify(&key, b"everything through 3", &signature).await,
            Ok(false)
        );
    }
}
