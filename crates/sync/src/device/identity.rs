//! Who works on this device, as the store keeps it.

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
}
