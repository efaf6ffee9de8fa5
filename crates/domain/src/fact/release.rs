//! What was set aside counts after all (SYNC 16, §4).

use crate::{DeviceId, FactId};
use serde::{Deserialize, Serialize};

/// Two people at the office released a fact that had been set aside: it counts from here on, as by its author and its
/// device. It is held as it came, so that anybody can check who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineReleased {
    /// The fact released.
    pub fact: FactId,
    /// Why it had been set aside, in the office's word: `post_revocation`.
    pub set_aside_for: String,
    /// Its exact text.
    pub text: String,
    /// Hash of its device's fact before it, in hexadecimal.
    pub previous: String,
    /// Over `previous` and `text`, in hexadecimal.
    pub hash: String,
    /// The device's, over `hash`, in base64url.
    pub signature: String,
    /// Names the key.
    pub key: String,
    /// Whose chain it was sent for, and how the office calls device and author.
    pub device: DeviceId,
    pub epoch: u32,
    pub device_label: String,
    pub author: String,
    /// Milliseconds since 1970 UTC.
    pub received_at_ms: i64,
    /// Who said so; nobody does it alone.
    pub decisions: Vec<ReleaseDecision>,
}

/// One person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseDecision {
    pub name: String,
    pub reason: String,
}
