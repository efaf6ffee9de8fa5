//! What the office certifies of an enrolment, so that it can take a device back after it was itself put back from a backup.

use crate::encoding::Bytes;
use crate::key::PublicKey;
use crate::office::OfficeKey;
use serde::{Deserialize, Serialize};
use tournee_domain::{DeviceId, OrganisationId, UserId};
use uuid::Uuid;

/// What the office signs as a certificate begins with this, so that no other signed text is one.
const PREFIX: &str = "tournee enrolment ";

/// One enrolment: everything the office needs to register it again. The text is kept as the office wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    pub label: String,
    pub epoch: u32,
    pub user: UserId,
    pub key: PublicKey,
    pub installation: Uuid,
    /// Milliseconds since 1970 UTC.
    pub issued_at_ms: i64,
}

/// The exact text of a [`Certificate`], and the office's signature (ES256) over `tournee enrolment ` and that text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedCertificate {
    pub text: String,
    pub signature: Bytes,
}

impl Certificate {
    /// # Panics
    /// Never: every field serialises.
    pub fn sign(&self, key: &impl OfficeKey) -> SignedCertificate {
        let text = serde_json::to_string(self).expect("every field of a certificate serialises");
        let signature = key.sign(&signed_bytes(&text));
        SignedCertificate { text, signature }
    }
}

impl SignedCertificate {
    /// What it says, when this office signed it for `organisation`.
    pub fn open(&self, organisation: OrganisationId, key: &impl OfficeKey) -> Option<Certificate> {
        let is_own = key.verify(&signed_bytes(&self.text), &self.signature.0);
        let certificate = self.read().filter(|_| is_own)?;
        (certificate.organisation == organisation).then_some(certificate)
    }

    /// What it says, whoever signed it: for the device that was given it.
    pub fn read(&self) -> Option<Certificate> {
        serde_json::from_str(&self.text).ok()
    }
}

fn signed_bytes(text: &str) -> Vec<u8> {
    [PREFIX.as_bytes(), text.as_bytes()].concat()
}
