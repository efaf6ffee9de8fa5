//! What the office's machine needs of the outside: one transaction of its database, and its key.

use super::place::Chain;
use super::{Lookups, Names, Outcome, Scope};
use crate::certificate::Certificate;
use crate::encoding::Bytes;
use crate::enrol::{EnrolledDevice, Organisation, User};
use crate::envelope::SealedFact;
use crate::key::PublicKey;
use crate::pull::{BucketSum, Record};
use crate::push::Heartbeat;
use tournee_domain::fact::Tally;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{DeviceId, UserId};
use uuid::Uuid;

/// A tombstone is kept at least this long, which is more than any device may stay away (SYNC 23).
pub const TOMBSTONES_KEPT_MS: i64 = 180 * 24 * 3600 * 1000;

/// Labels left free after a restore: as many devices may have enrolled since the backup and be lost with it.
pub const LABEL_ROOM: u32 = 100;

/// Epochs of each device left free after a restore, likewise.
pub const EPOCH_ROOM: u32 = 100;

/// Records looked at for one page; small ones stop it before its bytes do.
pub const PAGE_RECORDS_MAX: usize = 2_000;

/// Signs acknowledgements, cursors and the office's own facts; devices pin its public half (SYNC 1).
pub trait OfficeKey {
    fn sign(&self, message: &[u8]) -> Bytes;
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// Opens transactions and makes them durable; whoever writes waits for the writer's turn.
#[expect(async_fn_in_trait, reason = "callers know which adapter they use")]
pub trait OfficeDatabase {
    type Transaction: OfficeStore;

    /// # Errors
    /// When the turn does not come.
    async fn begin(&self) -> Result<Self::Transaction, <Self::Transaction as OfficeStore>::Error>;

    /// When it returns, everything the transaction wrote is durable (SYNC 17).
    ///
    /// # Errors
    /// Nothing of the transaction exists then.
    async fn commit(
        &self,
        transaction: Self::Transaction,
    ) -> Result<(), <Self::Transaction as OfficeStore>::Error>;
}

/// The organisation as the transaction sees it.
#[derive(Clone, Debug)]
pub struct OrganisationState {
    pub settings: Organisation,
    /// The last number given out (SYNC 19).
    pub clock: u64,
    /// Names this log of numbers; another one after each restore from a backup (SYNC 20).
    pub log_id: String,
    /// Tombstones through this number may be gone: an older cursor is no longer good (SYNC 23).
    pub purged_through: u64,
}

/// One device in one epoch.
#[derive(Clone, Debug)]
pub struct DeviceEpoch {
    pub device: DeviceId,
    pub label: String,
    pub epoch: u32,
    /// `None` for the office's own.
    pub user: Option<UserId>,
    pub key: PublicKey,
    pub chain: Chain,
    /// Device time of the head, to notice a clock that goes back (SYNC 8).
    pub head_device_ms: Option<i64>,
    /// The last receipt number taken; 0 before the first.
    pub last_receipt: u32,
    /// What a daily closing at the head would say (SYNC 32).
    pub tally: Tally,
}

/// A user, and how often what the user sees was changed (SYNC 20).
#[derive(Clone, Debug)]
pub struct OfficeUser {
    pub user: User,
    pub scope_epoch: u64,
}

/// Who enrols, from where, with which key.
#[derive(Clone, Copy, Debug)]
pub struct Enrolment<'a> {
    /// Of the device, should it be new.
    pub new_id: DeviceId,
    pub installation: Uuid,
    pub user: UserId,
    pub key: &'a PublicKey,
    pub build: &'a str,
    pub now_ms: i64,
}

/// The number on a device's label: 3 on `D03`.
pub fn label_number(label: &str) -> Option<u32> {
    label.strip_prefix('D')?.parse().ok()
}

/// Which records one page of a pull may hold.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub after: u64,
    pub until: u64,
    /// Tombstones through here tell of records that this pull never gave.
    pub erased_after: u64,
}

/// One open transaction at the office: nothing of it exists before the shell commits it.
///
/// Everything read is of one moment; whoever writes holds the writer's turn from the beginning.
#[expect(async_fn_in_trait, reason = "callers know which adapter they use")]
pub trait OfficeStore {
    type Error: std::error::Error;

    /// The one organisation of this office.
    fn organisation(&self) -> &OrganisationState;

    async fn user(&mut self, user: UserId) -> Result<Option<OfficeUser>, Self::Error>;

    /// Gives a user other portfolios and raises the user's scope epoch: the devices take a new snapshot.
    async fn set_portfolios(
        &mut self,
        user: UserId,
        portfolios: &[PortfolioCode],
    ) -> Result<(), Self::Error>;

    async fn epoch(
        &mut self,
        device: DeviceId,
        epoch: u32,
    ) -> Result<Option<DeviceEpoch>, Self::Error>;

    /// The office's own device in its only epoch (SYNC 35).
    async fn own_epoch(&mut self) -> Result<DeviceEpoch, Self::Error>;

    /// A new device, or a new epoch of one that enrolled before; `None` when that one was revoked.
    async fn enrol(
        &mut self,
        enrolment: &Enrolment<'_>,
    ) -> Result<Option<EnrolledDevice>, Self::Error>;

    /// Registers again what this office certified and has forgotten since it was put back: the device if it is not known,
    /// and that epoch with that key. A revoked device stays revoked. False when its user is not known here, or the label
    /// is another device's.
    async fn reinstate(&mut self, certificate: &Certificate) -> Result<bool, Self::Error>;

    /// The device was heard of, and said how far it has recorded.
    async fn seen(
        &mut self,
        device: DeviceId,
        build: &str,
        heartbeat: Option<&Heartbeat>,
        now_ms: i64,
    ) -> Result<(), Self::Error>;

    /// Revokes the device in all its epochs, or takes that back with `None` (SYNC 37).
    async fn revoke(&mut self, device: DeviceId, at_ms: Option<i64>) -> Result<(), Self::Error>;

    /// What the office knows of these names, and of the places `from` through `through` of the chain.
    async fn look_up(
        &mut self,
        chain: (DeviceId, u32),
        places: (u64, u64),
        names: &Names,
    ) -> Result<Lookups, Self::Error>;

    /// Facts of this chain that wait for earlier ones, by place.
    async fn staged(
        &mut self,
        chain: (DeviceId, u32),
    ) -> Result<Vec<(u64, SealedFact)>, Self::Error>;

    /// Writes what was decided. A record that leaves a portfolio, or is erased, leaves a tombstone there under its own number (SYNC 25).
    /// What waited through the chain's head waits no longer.
    ///
    /// # Errors
    /// Also when the numbers are not the next ones, or an id, a place or a receipt is taken (SYNC 15).
    async fn write(&mut self, outcome: &Outcome) -> Result<(), Self::Error>;

    /// Records of the span that are in the scope, and tombstones of those that are not any more, by number:
    /// at most [`PAGE_RECORDS_MAX`] and [`crate::pull::PULL_PAGE_BYTES_MAX`], and at least one if there is one.
    async fn page(&mut self, scope: &Scope, span: Span) -> Result<Vec<Record>, Self::Error>;

    /// How many records and tombstones the pages of this span hold.
    async fn count(&mut self, scope: &Scope, span: Span) -> Result<u32, Self::Error>;

    /// What lies in each bucket of the scope, kept by [`OfficeStore::write`]: it costs no more than there are buckets. One
    /// that holds nothing may be left out.
    async fn sums(&mut self, scope: &Scope) -> Result<Vec<BucketSum>, Self::Error>;

    /// The last fact of this chain that is in the log through `until`; 0 when none is (SYNC 29).
    async fn applied_through(
        &mut self,
        chain: (DeviceId, u32),
        until: u64,
    ) -> Result<u64, Self::Error>;

    /// Drops tombstones made before `before_ms`.
    async fn purge_tombstones(&mut self, before_ms: i64) -> Result<(), Self::Error>;

    /// Numbers are issued again after a restore: every cursor of the former log is void (SYNC 20). Labels and epochs are
    /// not, for they stand on receipts: [`LABEL_ROOM`] and [`EPOCH_ROOM`] are left free above those that are known here.
    async fn begin_log(&mut self, log_id: &str) -> Result<(), Self::Error>;
}
