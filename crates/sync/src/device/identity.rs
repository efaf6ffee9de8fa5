//! Who works on this device, as the store keeps it.

use crate::certificate::{Certificate, SignedCertificate};
use crate::enrol::{EnrolledDevice, Organisation, User};
use crate::key::PublicKey;
use serde::{Deserialize, Serialize};

/// Kept as JSON for as long as the database; fields may be added with a default, never renamed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    pub organisation: Organisation,
    pub user: User,
    pub device: EnrolledDevice,
    /// The office's public key, pinned when the device enrolled (SYNC 1).
    pub office_key: PublicKey,
    /// This device's own key of this epoch.
    pub key: PublicKey,
    /// The office no longer takes this enrolment's facts or does not know it: the next sign-in enrols again.
    #[serde(default)]
    pub enrol_again: bool,
    /// What a start found wrong with the facts of this epoch that wait: nothing is recorded on them any more (SYNC 11).
    #[serde(default)]
    pub damage: Option<String>,
    /// Of each of this device's enrolments: facts of a former epoch may have to be sent again.
    #[serde(default)]
    pub certificates: Vec<SignedCertificate>,
}

impl Identity {
    /// The certificate of one of this device's epochs.
    pub fn certificate(&self, epoch: u32) -> Option<&SignedCertificate> {
        let is_of = |certificate: Certificate| {
            (certificate.device, certificate.epoch) == (self.device.id, epoch)
        };
        let mut certificates = self.certificates.iter();
        certificates.find(|signed| signed.read().is_some_and(is_of))
    }
}
