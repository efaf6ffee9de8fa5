//! The emergency file: facts that cannot be sent leave a device by any way there is, readable by the office alone (SYNC 40).
//!
//! One JSON object. The head stands in clear, so that people see whose file it is; everything else is sealed to the office's
//! rescue key: ECDH on P-256 with a key made for this file, HKDF-SHA-256 without salt, AES-256-GCM.

use crate::certificate::SignedCertificate;
use crate::encoding::Bytes;
use crate::envelope::SealedFact;
use crate::push::FactResult;
use serde::{Deserialize, Serialize};
use tournee_domain::{Amount, BlobHash, Currency, DeviceId, OrganisationId, ReceiptNumber};

/// The only form so far.
pub const RESCUE_FORMAT: &str = "tournee rescue 1";

/// Bytes of photos and signatures in one file: it must pass through a mail or a chat.
pub const RESCUE_MEDIA_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a whole file: the attachments and some ten thousand facts.
pub const RESCUE_FILE_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueFile {
    #[serde(flatten)]
    pub head: RescueHead,
    #[serde(flatten)]
    pub sealed: Sealed,
}

/// Whose file it is. Nobody can change it unnoticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueHead {
    pub format: String,
    pub organisation: OrganisationId,
    pub device: DeviceId,
    /// As it stands in receipt numbers.
    pub label: String,
    /// The device's time, RFC 3339.
    pub made_at: String,
}

/// Bytes that only the office can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Raw P-256 point, uncompressed, made for these bytes alone.
    pub ephemeral_key: Bytes,
    /// 12 bytes.
    pub iv: Bytes,
    /// With the tag of 16 bytes at its end.
    pub ciphertext: Bytes,
}

/// What is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueContent {
    /// The app's build.
    pub build: String,
    /// In order of epoch and sequence.
    pub facts: Vec<RescuedFact>,
    /// Photos and signatures that the office lacks, the smallest first, as far as they fit [`RESCUE_MEDIA_MAX_BYTES`].
    pub blobs: Vec<RescuedBlob>,
    /// How many did not fit.
    pub blobs_left_out: u32,
    /// Of each epoch with facts here, as far as the device has them: an office that was put back may have forgotten it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<SignedCertificate>,
}

/// A fact as it would have been pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescuedFact {
    pub epoch: u32,
    pub seq: u64,
    #[serde(flatten)]
    pub sealed: SealedFact,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescuedBlob {
    pub hash: BlobHash,
    pub bytes: Bytes,
}

/// What became of a file at the office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueReport {
    #[serde(flatten)]
    pub head: RescueHead,
    pub facts: Vec<RescuedResult>,
    /// Photos and signatures that the office lacked and has now.
    pub blobs: u32,
    /// Those that did not fit into the file: they are on the device still.
    pub blobs_left_out: u32,
}

/// What became of one fact, as a push says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescuedResult {
    pub epoch: u32,
    #[serde(flatten)]
    pub result: FactResult,
    /// What a payment's receipt says; `None` for other facts and unreadable ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<RescuedPayment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescuedPayment {
    pub receipt: ReceiptNumber,
    pub currency: Currency,
    pub amount: Amount,
}

impl RescueHead {
    /// What AES-GCM authenticates beside the content: each field as it stands in the file, a line each.
    pub fn associated_data(&self) -> Vec<u8> {
        let Self {
            format,
            organisation,
            device,
            label,
            made_at,
        } = self;
        format!("{format}\n{organisation}\n{device}\n{label}\n{made_at}\n").into_bytes()
    }
}

/// HKDF's `info`: the format and both public keys, so that a key serves one file to one office.
pub fn key_info(ephemeral_key: &Bytes, office_key: &Bytes) -> Vec<u8> {
    [RESCUE_FORMAT.as_bytes(), &ephemeral_key.0, &office_key.0].concat()
}
