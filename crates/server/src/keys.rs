//! The office's signing key, and the checking of devices' signatures.

use crate::error::{Error, Result};
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use hkdf::Hkdf;
use p256::SecretKey;
use p256::ecdh::diffie_hellman;
use p256::ecdsa::signature::{Signer, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rand::rngs::OsRng;
use sha2::Sha256;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::rescue::{Sealed, key_info};

/// Signs acknowledgements, cursors and the office's own facts. Devices pin its public half at enrolment (SYNC 1).
pub struct OfficeKey {
    signing: SigningKey,
}

impl OfficeKey {
    /// Reads the key file, or makes one, readable by its owner only.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is no P-256 key.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        Ok(Self {
            signing: load_or_create(path)?.into(),
        })
    }

    pub fn public(&self) -> PublicKey {
        let point = self.signing.verifying_key().to_encoded_point(false);
        PublicKey {
            algorithm: Algorithm::EcdsaP256,
            bytes: Bytes(point.as_bytes().to_vec()),
        }
    }
}

impl tournee_sync::office::OfficeKey for OfficeKey {
    /// ES256 over `message`: 64 bytes, `r ‖ s`.
    fn sign(&self, message: &[u8]) -> Bytes {
        let signature: Signature = self.signing.sign(message);
        Bytes(signature.to_bytes().to_vec())
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| {
            self.signing
                .verifying_key()
                .verify(message, &signature)
                .is_ok()
        })
    }
}

/// Opens emergency files (SYNC 40). Devices get its public half with the organisation's settings.
pub struct RescueKey {
    secret: SecretKey,
}

impl RescueKey {
    /// Reads the key file, or makes one, readable by its owner only.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is no P-256 key.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        Ok(Self {
            secret: load_or_create(path)?,
        })
    }

    /// The raw point, uncompressed.
    pub fn public(&self) -> Bytes {
        let point = self.secret.public_key().to_encoded_point(false);
        Bytes(point.as_bytes().to_vec())
    }

    /// What was sealed to this key with these bytes beside it; `None` when it was sealed to another or changed since.
    pub fn open(&self, sealed: &Sealed, associated: &[u8]) -> Option<Vec<u8>> {
        let ephemeral = p256::PublicKey::from_sec1_bytes(&sealed.ephemeral_key.0).ok()?;
        let shared = diffie_hellman(self.secret.to_nonzero_scalar(), ephemeral.as_affine());
        let mut key = [0; 32];
        let info = key_info(&sealed.ephemeral_key, &self.public());
        let derived = Hkdf::<Sha256>::new(None, shared.raw_secret_bytes());
        derived.expand(&info, &mut key).ok()?;
        let iv: [u8; 12] = sealed.iv.0.as_slice().try_into().ok()?;
        let content = Payload {
            msg: &sealed.ciphertext.0,
            aad: associated,
        };
        let cipher = Aes256Gcm::new(&key.into());
        cipher.decrypt(&iv.into(), content).ok()
    }
}

/// Reads a key file, or makes one, readable by its owner only.
fn load_or_create(path: &Path) -> Result<SecretKey> {
    match std::fs::read_to_string(path) {
        Ok(pem) => SecretKey::from_pkcs8_pem(&pem).map_err(|error| {
            Error::Usage(format!(
                "{} is not a key of the office ({error}): restore it from a backup; devices trust only that key",
                path.display()
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(path),
        Err(error) => Err(Error::file("cannot read", path)(error)),
    }
}

/// Whole or not at all: a key cut off by a crash could never be read again. Of two processes that make one at once, the
/// second takes the first's.
fn create(path: &Path) -> Result<SecretKey> {
    let secret = SecretKey::random(&mut OsRng);
    let pem = secret
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| Error::Usage(format!("cannot write a new key: {error}")))?;
    let suffix = hex::encode(crate::random::bytes::<8>());
    let beside = path.with_extension(format!("pem.{suffix}.part"));
    let write = || {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()?;
        std::fs::hard_link(&beside, path)
    };
    let written = write();
    // It does no harm where it stays.
    let _ = std::fs::remove_file(&beside);
    match written {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => load_or_create(path),
        Err(error) => Err(Error::file("cannot create", path)(error)),
    }
}

/// A device's public key, ready to check many signatures.
pub struct Verifier(Option<DeviceKey>);

enum DeviceKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    EcdsaP256(VerifyingKey),
}

impl Verifier {
    /// A malformed key has signed nothing.
    pub fn new(key: &PublicKey) -> Self {
        let bytes = key.bytes.0.as_slice();
        Self(match key.algorithm {
            Algorithm::Ed25519 => <&[u8; 32]>::try_from(bytes)
                .ok()
                .and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(bytes).ok())
                .map(DeviceKey::Ed25519),
            // Only the uncompressed form: one key has one id.
            Algorithm::EcdsaP256 if bytes.len() == 65 => VerifyingKey::from_sec1_bytes(bytes)
                .ok()
                .map(DeviceKey::EcdsaP256),
            Algorithm::EcdsaP256 => None,
        })
    }

    /// Whether the bytes are a key at all.
    pub fn is_key(&self) -> bool {
        self.0.is_some()
    }

    /// Whether `signature` is by this key over the 32 bytes of `hash`.
    pub fn is_signed(&self, hash: &Hash, signature: &Bytes) -> bool {
        match &self.0 {
            Some(DeviceKey::Ed25519(key)) => ed25519_dalek::Signature::from_slice(&signature.0)
                .is_ok_and(|signature| key.verify_strict(&hash.0, &signature).is_ok()),
            Some(DeviceKey::EcdsaP256(key)) => Signature::from_slice(&signature.0)
                .is_ok_and(|signature| key.verify(&hash.0, &signature).is_ok()),
            None => false,
        }
    }
}
