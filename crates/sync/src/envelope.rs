//! A fact's envelope, final from the first version (SYNC 4).
//!
//! The text is kept exactly as its device wrote it: both sides store and hash those bytes, a push carries them as a
//! JSON string, nobody serialises them again.

use crate::encoding::{Bytes, Hash};
use crate::key::KeyId;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tournee_domain::fact::{Authored, FactBody, UnreadableBody};
use tournee_domain::{DeviceId, FactId, OrganisationId, UserId};

/// The longest text of one fact. Photos, signatures and imported rows travel as blobs.
pub const FACT_TEXT_MAX_BYTES: usize = 64 * 1024;

/// A fact as it is stored and travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedFact {
    /// The JSON text of [`FactText`], byte for byte as written.
    pub text: String,
    /// Hash of the device's fact before this one in the epoch; [`Hash::GENESIS`] for the first.
    pub previous: Hash,
    /// `SHA-256(previous, 32 raw bytes ‖ UTF-8 text)`.
    pub hash: Hash,
    /// Over the 32 bytes of `hash`.
    pub signature: Bytes,
    pub key: KeyId,
}

/// What a fact's text says. Field order is the order of writing; readers accept any order and ignore unknown fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FactText {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    pub epoch: u32,
    /// 1 for the first fact of the epoch, then without gaps.
    pub seq: u64,
    pub fact_id: FactId,
    pub user: UserId,
    #[serde(rename = "type")]
    pub type_name: String,
    pub schema: u32,
    pub times: Times,
    /// The cursor of the last pull the author had seen; `None` before the first (SYNC 26).
    #[serde(default)]
    pub base_cursor: Option<String>,
    pub body: Box<RawValue>,
}

/// When, as the device knew it (SYNC 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Device wall time with its offset from UTC.
    pub device: DateTime<FixedOffset>,
    /// IANA name of the device's zone, as far as it knows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Office time minus device time at the last exchange, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_offset_ms: Option<i64>,
    /// How long before this fact that exchange was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_offset_age_s: Option<i64>,
}

/// The text is no envelope: nothing of it can be stored under its author's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEnvelope {
    #[error("the fact's text is {0} bytes long; at most {FACT_TEXT_MAX_BYTES} are accepted")]
    TooLong(usize),
    #[error("the fact's text: {0}")]
    Malformed(String),
    #[error("the hash does not cover the text: computed {computed}, given {given}")]
    HashMismatch { computed: Hash, given: Hash },
}

impl FactText {
    /// The text to hash, sign and store.
    ///
    /// # Panics
    /// Never: every field serialises.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("every field of a fact serialises")
    }

    /// The body, by its type and schema.
    ///
    /// # Errors
    /// [`UnreadableBody`]: the fact is quarantined and keeps its place.
    pub fn read_body(&self) -> Result<FactBody, UnreadableBody> {
        FactBody::parse(&self.type_name, self.schema, self.body.get())
    }

    /// What the projections need of the envelope; names are the office's to give.
    pub fn authored(&self, author: &str, device_label: &str) -> Authored {
        Authored {
            fact_id: self.fact_id,
            at: self.times.device,
            author: author.to_owned(),
            device_label: device_label.to_owned(),
        }
    }
}

impl SealedFact {
    /// Reads the text and checks that the hash covers it. The signature is checked by the caller's port.
    ///
    /// # Errors
    /// [`InvalidEnvelope`] says what is wrong.
    pub fn open(&self) -> Result<FactText, InvalidEnvelope> {
        if self.text.len() > FACT_TEXT_MAX_BYTES {
            return Err(InvalidEnvelope::TooLong(self.text.len()));
        }
        let computed = chain_hash(self.previous, &self.text);
        if computed != self.hash {
            return Err(InvalidEnvelope::HashMismatch {
                computed,
                given: self.hash,
            });
        }
        serde_json::from_str(&self.text)
            .map_err(|error| InvalidEnvelope::Malformed(error.to_string()))
    }
}

/// `SHA-256(previous ‖ text)` (SYNC 4).
pub fn chain_hash(previous: Hash, text: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(previous.0);
    hasher.update(text.as_bytes());
    Hash(hasher.finalize().into())
}
