//! Signatures without their cost: whoever knows a key's secret can make one, and only the world checks them. Real ones are
//! tested where they are used, in the browser and at the office.

use rand::RngCore;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tournee_sync::encoding::Bytes;
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::office::OfficeKey;

type Secret = [u8; 32];

/// Every pair of keys of a world.
#[derive(Default)]
pub struct Keys(RefCell<BTreeMap<Vec<u8>, Secret>>);

impl Keys {
    /// Makes a pair and gives its public half.
    pub fn make(&self, random: &mut impl RngCore) -> PublicKey {
        let mut secret = Secret::default();
        random.fill_bytes(&mut secret);
        let bytes = Sha256::digest(secret).to_vec();
        self.0.borrow_mut().insert(bytes.clone(), secret);
        PublicKey {
            algorithm: Algorithm::Ed25519,
            bytes: Bytes(bytes),
        }
    }

    /// Signs with the secret half.
    pub fn sign(&self, key: &PublicKey, message: &[u8]) -> Bytes {
        let secrets = self.0.borrow();
        let mut hasher = Sha256::new();
        hasher.update(secrets[&key.bytes.0]);
        hasher.update(message);
        let half: [u8; 32] = hasher.finalize().into();
        Bytes([half, half].concat())
    }

    pub fn is_signed(&self, key: &PublicKey, message: &[u8], signature: &Bytes) -> bool {
        self.0.borrow().contains_key(&key.bytes.0) && self.sign(key, message) == *signature
    }
}

/// The office's key.
#[derive(Clone)]
pub struct OfficeSigner {
    pub keys: std::rc::Rc<Keys>,
    pub public: PublicKey,
}

impl OfficeKey for OfficeSigner {
    fn sign(&self, message: &[u8]) -> Bytes {
        self.keys.sign(&self.public, message)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = Bytes(signature.to_vec());
        self.keys.is_signed(&self.public, message, &signature)
    }
}
