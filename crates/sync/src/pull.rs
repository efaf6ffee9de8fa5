//! Records from the office to a device (SYNC 19–21, 29).

use crate::ack::SignedAck;
use crate::encoding::Hash;
use crate::enrol::{Organisation, User};
use crate::push::Heartbeat;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tournee_domain::DeviceId;

/// The oldest protocol in which records are given; facts are taken in every older one (SYNC 36).
pub const PULL_PROTOCOL_MIN: u32 = 1;

/// Bytes of the record bodies in one page, at least one record aside.
pub const PULL_PAGE_BYTES_MAX: usize = 512 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    pub protocol: u32,
    pub build: String,
    pub device: DeviceId,
    pub epoch: u32,
    /// As the last page gave it; `None` asks for a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// This bucket alone, as a snapshot of it: what the device holds of it is not what the office has (SYNC 22).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The [`SUMMARY_FORM`](tournee_domain::summary::SUMMARY_FORM) this device reads: an office of the same form makes the
    /// summaries, so that a phone need not read every dossier for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summaries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PullResponse {
    /// This page belongs to a snapshot: it fills a shadow generation that replaces the portfolio when complete (SYNC 21).
    pub snapshot: bool,
    pub records: Vec<Record>,
    /// To be saved in the transaction that saves the page.
    pub cursor: String,
    pub more: bool,
    /// Records sent so far and in all, for the progress of a snapshot.
    pub progress: Progress,
    /// Records contain this device's facts of this epoch through here (SYNC 29).
    pub applied_through: u64,
    /// What the device now holds, bucket by bucket, when this page brings it to the office's present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<BucketSum>>,
    pub ack: SignedAck,
    pub organisation: Organisation,
    pub user: User,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u32,
    pub total: u32,
}

/// One record as the office last computed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub kind: RecordKind,
    /// The client's code.
    pub id: String,
    pub server_seq: u64,
    /// JSON of [`tournee_domain::Dossier`]; `None` erases the record from this device.
    pub body: Option<Box<RawValue>>,
    /// JSON of the [`tournee_domain::summary::Summary`] of this body, if the request asked for it and the office can make
    /// it. No part of [`record_digest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Box<RawValue>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Dossier,
}

/// What lies in one bucket: a portfolio, or `""` for clients of none, whom those who see all see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketSum {
    pub bucket: String,
    pub records: u32,
    /// [`record_digest`] of each of them, all in one by exclusive or: no order counts.
    pub sum: Hash,
}

impl BucketSum {
    pub fn empty(bucket: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
            records: 0,
            sum: Hash([0; 32]),
        }
    }

    /// One record more.
    pub fn add(&mut self, digest: Hash) {
        self.records += 1;
        self.turn(digest);
    }

    /// One record less.
    pub fn remove(&mut self, digest: Hash) {
        self.records = self.records.saturating_sub(1);
        self.turn(digest);
    }

    fn turn(&mut self, digest: Hash) {
        for (byte, other) in self.sum.0.iter_mut().zip(digest.0) {
            *byte ^= other;
        }
    }
}

/// `SHA-256(kind ‖ LF ‖ id ‖ LF ‖ body)`, of the body's bytes as the office gives them.
pub fn record_digest(kind: RecordKind, id: &str, body: &str) -> Hash {
    let kind = match kind {
        RecordKind::Dossier => "dossier",
    };
    let mut hasher = Sha256::new();
    for part in [kind, "\n", id, "\n", body] {
        hasher.update(part.as_bytes());
    }
    Hash(hasher.finalize().into())
}
