//! The journal as a file that anybody can verify without this server: one JSON line a fact, everything needed to check
//! it, and the office's signature over the whole.
//!
//! The first line says whose journal it is; then one line a device and epoch with its public key and how far its chain
//! came; then the facts in the order of their numbers; the last line counts and signs all bytes before it.

mod export;
mod receipts;
mod verify;

pub use export::{Exported, export};
pub use receipts::ReceiptGap;
pub use verify::{Broken, Total, Unusable, Verified, verify};

use serde::{Deserialize, Serialize};
use tournee_domain::fact::Flag;
use tournee_domain::{DeviceId, ReceiptNumber};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::Organisation;
use tournee_sync::envelope::SealedFact;
use tournee_sync::key::{KeyId, PublicKey};

/// Raised when a later form can no longer be read as this one.
pub const FORMAT: u32 = 1;

/// The longest line: a fact's text, every byte of it escaped, and what stands around it.
pub const LINE_MAX_BYTES: usize = 512 * 1024;

/// What the office signs at the end begins with this, so that no other signed text ends a journal.
const END_PREFIX: &str = "tournee journal ";

/// One line of the file; its form is kept for as long as journals are.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    Journal(JournalLine),
    Key(KeyLine),
    Fact(FactLine),
    End(EndLine),
}

/// Whose journal it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalLine {
    pub format: u32,
    pub organisation: Organisation,
    /// Another one after each restore from a backup (SYNC 20).
    pub log_id: String,
    /// The last number given out to facts and records.
    pub clock: u64,
    pub exported_at_ms: i64,
}

/// A device in one epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyLine {
    pub device: DeviceId,
    pub label: String,
    pub epoch: u32,
    pub public_key: PublicKey,
    /// Its last fact in this file; 0 when there is none.
    pub head_seq: u64,
    pub head_hash: Hash,
}

/// A fact, and what the office noted beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FactLine {
    pub server_seq: u64,
    pub device: DeviceId,
    pub epoch: u32,
    pub received_at_ms: i64,
    pub author: String,
    /// It counts; otherwise it was set aside and only keeps its place.
    pub projected: bool,
    pub flags: Vec<Flag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptNumber>,
    #[serde(flatten)]
    pub sealed: SealedFact,
}

/// The end of the file, signed by the office.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndLine {
    pub facts: u64,
    /// Of all bytes before this line.
    pub sha256: Hash,
    pub signature: Bytes,
    pub key: KeyId,
}

/// What the office signs (ES256, as its facts): a hash over the prefix and the hash of the file.
fn end_hash(sha256: &Hash) -> Hash {
    Hash::of(&[END_PREFIX.as_bytes(), &sha256.0].concat())
}
