//! How far a device is: opaque to it, signed by the office (SYNC 20).

use super::store::{OfficeKey, OfficeUser, OrganisationState, Span};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tournee_domain::UserId;

/// Raised when records change their form so that devices must take them anew.
const RECORD_SCHEMA: u32 = 1;
/// What the office signs as a cursor begins with this, so that no other signed text is one.
const PREFIX: &str = "tournee cursor ";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cursor {
    log_id: String,
    user: UserId,
    scope_epoch: u64,
    schema: u32,
    /// Of a pull of one bucket, which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket: Option<String>,
    /// Records through here were sent.
    pub server_seq: u64,
    /// A pull of several pages is under way.
    #[serde(default)]
    pub pages: Option<Pages>,
}

/// Where a pull of several pages stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Pages {
    pub snapshot: bool,
    /// Where this pull began.
    pub since: u64,
    /// Where it ends, fixed on its first page.
    pub until: u64,
    /// Tombstones through here tell of records that this pull never gave.
    #[serde(default)]
    pub erased_after: u64,
    pub done: u32,
    pub total: u32,
    pub catch_ups: u32,
}

impl Pages {
    /// What is left of the pull after `after`.
    pub fn after(&self, after: u64) -> Span {
        Span {
            after,
            until: self.until,
            erased_after: self.erased_after,
        }
    }
}

impl Cursor {
    /// Before everything.
    pub fn start(
        organisation: &OrganisationState,
        user: &OfficeUser,
        bucket: Option<&str>,
    ) -> Self {
        Self {
            log_id: organisation.log_id.clone(),
            user: user.user.id,
            scope_epoch: user.scope_epoch,
            schema: RECORD_SCHEMA,
            bucket: bucket.map(str::to_owned),
            server_seq: 0,
            pages: None,
        }
    }

    pub fn seal(&self, key: &impl OfficeKey) -> String {
        let json = serde_json::to_vec(self).expect("every field of a cursor serialises");
        let signature = key.sign(&[PREFIX.as_bytes(), &json].concat());
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(json),
            URL_SAFE_NO_PAD.encode(signature.0)
        )
    }

    /// `None` for what this office did not seal.
    pub fn open(text: &str, key: &impl OfficeKey) -> Option<Self> {
        let (json, signature) = text.split_once('.')?;
        let json = URL_SAFE_NO_PAD.decode(json).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signed = key.verify(&[PREFIX.as_bytes(), &json].concat(), &signature);
        if signed {
            serde_json::from_slice(&json).ok()
        } else {
            None
        }
    }

    /// Whether the log, the scope, the bucket and the form of records are still those of the cursor, and no tombstone it
    /// lacks is gone.
    pub fn fits(
        &self,
        organisation: &OrganisationState,
        user: &OfficeUser,
        bucket: Option<&str>,
    ) -> bool {
        let erased_through = self
            .pages
            .map_or(0, |pages| pages.erased_after)
            .max(self.server_seq);
        self.log_id == organisation.log_id
            && self.user == user.user.id
            && self.scope_epoch == user.scope_epoch
            && self.schema == RECORD_SCHEMA
            && self.bucket.as_deref() == bucket
            && self.server_seq <= organisation.clock
            && erased_through >= organisation.purged_through
    }
}
