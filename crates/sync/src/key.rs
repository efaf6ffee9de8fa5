//! Signature schemes. The keys themselves live in ports: WebCrypto on the device, the server's key file at the office.

use crate::encoding::{Bytes, Hash};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a device signs the 32 bytes of a fact's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Public key: 32 raw bytes; signature: 64 bytes (RFC 8032).
    #[serde(rename = "Ed25519")]
    Ed25519,
    /// ECDSA on P-256 with SHA-256 over the message, which is the 32-byte hash itself. Public key: 65 bytes, an
    /// uncompressed point; signature: 64 bytes, `r ‖ s`, as WebCrypto writes them.
    #[serde(rename = "ES256")]
    EcdsaP256,
}

/// A public key as it travels and is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    pub algorithm: Algorithm,
    pub bytes: Bytes,
}

impl PublicKey {
    /// Names the key in every fact it signs: the first 16 hexadecimal digits of its bytes' SHA-256.
    pub fn id(&self) -> KeyId {
        KeyId(hex::encode(&Hash::of(&self.bytes.0).0[..8]))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
