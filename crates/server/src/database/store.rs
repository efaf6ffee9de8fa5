//! The office's machine on SQLite: one open transaction, one organisation.

use super::organisations::OrganisationRecord;
use super::{
    Connection, Database, Tx, blobs, buckets, devices, facts, gaps, ledger, organisations,
    quarantine, records, tombstones, users,
};
use crate::error::{Error, Result};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{DeviceId, UserId};
use tournee_sync::certificate::Certificate;
use tournee_sync::enrol::EnrolledDevice;
use tournee_sync::envelope::SealedFact;
use tournee_sync::office::{
    DeviceEpoch, Enrolment, Lookups, Names, OfficeDatabase, OfficeStore, OfficeUser,
    OrganisationState, Outcome, Scope, Span,
};
use tournee_sync::pull::{BucketSum, Record};
use tournee_sync::push::Heartbeat;

/// A transaction of the office's database.
pub struct SqliteOffice {
    tx: Tx,
    record: OrganisationRecord,
    state: OrganisationState,
}

impl SqliteOffice {
    /// # Errors
    /// When there is no organisation yet; the text says how to make one.
    pub async fn new(mut tx: Tx) -> Result<Self> {
        let record = organisations::required(&mut tx).await?;
        let state = record.state();
        Ok(Self { tx, record, state })
    }

    /// For what only the server does in the same transaction: files, imports, exports.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.tx
    }

    /// The organisation as it was when the transaction began.
    pub fn record(&self) -> &OrganisationRecord {
        &self.record
    }

    /// When it returns, everything written is durable (SYNC 17).
    ///
    /// # Errors
    /// When the database fails; nothing was written then.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

impl OfficeDatabase for Database {
    type Transaction = SqliteOffice;

    async fn begin(&self) -> Result<SqliteOffice> {
        SqliteOffice::new(self.write().await?).await
    }

    async fn commit(&self, transaction: SqliteOffice) -> Result<()> {
        transaction.commit().await
    }
}

impl OfficeStore for SqliteOffice {
    type Error = Error;

    fn organisation(&self) -> &OrganisationState {
        &self.state
    }

    async fn user(&mut self, user: UserId) -> Result<Option<OfficeUser>> {
        let found = users::by_id(&mut self.tx, self.record.id, user).await?;
        Ok(found.map(|record| OfficeUser {
            user: record.user,
            scope_epoch: record.scope_epoch,
        }))
    }

    async fn set_portfolios(&mut self, user: UserId, portfolios: &[PortfolioCode]) -> Result<()> {
        users::set_portfolios(&mut self.tx, self.record.id, user, portfolios).await
    }

    async fn epoch(&mut self, device: DeviceId, epoch: u32) -> Result<Option<DeviceEpoch>> {
        devices::epoch(&mut self.tx, self.record.id, device, epoch).await
    }

    async fn own_epoch(&mut self) -> Result<DeviceEpoch> {
        let own = devices::office(&mut self.tx, self.record.id).await?;
        own.ok_or_else(|| Error::Corrupt("the office has no device".to_owned()))
    }

    async fn enrol(&mut self, enrolment: &Enrolment<'_>) -> Result<Option<EnrolledDevice>> {
        devices::enrol(&mut self.tx, self.record.id, enrolment).await
    }

    async fn reinstate(&mut self, certificate: &Certificate) -> Result<bool> {
        let user = users::by_id(&mut self.tx, self.record.id, certificate.user).await?;
        if user.is_none() {
            return Ok(false);
        }
        devices::reinstate(&mut self.tx, self.record.id, certificate).await
    }

    async fn seen(
        &mut self,
        device: DeviceId,
        build: &str,
        heartbeat: Option<&Heartbeat>,
        now_ms: i64,
    ) -> Result<()> {
        let id = self.record.id;
        devices::seen(&mut self.tx, id, device, build, now_ms).await?;
        match heartbeat {
            Some(heartbeat) => gaps::hear(&mut self.tx, id, device, heartbeat).await,
            None => Ok(()),
        }
    }

    async fn revoke(&mut self, device: DeviceId, at_ms: Option<i64>) -> Result<()> {
        devices::revoke(&mut self.tx, self.record.id, device, at_ms).await
    }

    async fn look_up(
        &mut self,
        chain: (DeviceId, u32),
        places: (u64, u64),
        names: &Names,
    ) -> Result<Lookups> {
        let (tx, id) = (&mut *self.tx, self.record.id);
        Ok(Lookups {
            ids: facts::known_ids(tx, id, &names.ids).await?,
            places: facts::known_places(tx, id, chain, places).await?,
            receipts: facts::taken_receipts(tx, id, &names.receipts, &names.ids).await?,
            transactions: ledger::known_transactions(tx, id, &names.transactions, &names.ids)
                .await?,
            takers: facts::takers(tx, id, &names.reversed).await?,
            dossiers: records::dossiers(tx, id, names.clients.iter()).await?,
        })
    }

    async fn staged(&mut self, chain: (DeviceId, u32)) -> Result<Vec<(u64, SealedFact)>> {
        facts::staged(&mut self.tx, self.record.id, chain).await
    }

    async fn write(&mut self, outcome: &Outcome) -> Result<()> {
        self.take_numbers(outcome).await?;
        let (tx, id) = (&mut *self.tx, self.record.id);
        let chain = (outcome.epoch.device, outcome.epoch.epoch);
        facts::insert(tx, id, outcome).await?;
        for fact in &outcome.facts {
            if let (Some(fact_id), Some(client)) = (fact.fact_id, &fact.client) {
                for attachment in &fact.attachments {
                    blobs::name(tx, id, (fact_id, client), attachment).await?;
                }
            }
        }
        ledger::note_payments(tx, id, &outcome.facts).await?;
        tombstones::follow(tx, id, &outcome.records, outcome.received_at_ms).await?;
        records::store(tx, id, &outcome.records).await?;
        buckets::leave(tx, id, outcome.erased.iter().map(|(_, code)| code)).await?;
        for (server_seq, code) in &outcome.erased {
            tombstones::erase(tx, id, code, *server_seq, outcome.received_at_ms).await?;
        }
        for aside in &outcome.quarantined {
            quarantine::insert(tx, id, outcome, aside).await?;
            if let Some(evidence) = &aside.evidence {
                let of = (evidence.fact, &evidence.client);
                for attachment in &evidence.attachments {
                    blobs::name(tx, id, of, attachment).await?;
                }
            }
        }
        for (seq, sealed) in &outcome.staged {
            facts::stage(tx, id, chain, *seq, sealed, outcome.received_at_ms).await?;
        }
        facts::unstage(tx, id, chain, outcome.epoch.chain.head_seq).await?;
        devices::advance(tx, id, &outcome.epoch).await
    }

    async fn page(&mut self, scope: &Scope, span: Span) -> Result<Vec<Record>> {
        records::page(&mut self.tx, self.record.id, scope, span).await
    }

    async fn count(&mut self, scope: &Scope, span: Span) -> Result<u32> {
        records::count(&mut self.tx, self.record.id, scope, span).await
    }

    async fn sums(&mut self, scope: &Scope) -> Result<Vec<BucketSum>> {
        buckets::sums(&mut self.tx, self.record.id, scope).await
    }

    async fn applied_through(&mut self, chain: (DeviceId, u32), until: u64) -> Result<u64> {
        facts::applied_through(&mut self.tx, self.record.id, chain, until).await
    }

    async fn purge_tombstones(&mut self, before_ms: i64) -> Result<()> {
        tombstones::purge(&mut self.tx, self.record.id, before_ms).await
    }

    async fn begin_log(&mut self, log_id: &str) -> Result<()> {
        organisations::begin_log(&mut self.tx, self.record.id, log_id).await?;
        devices::leave_room(&mut self.tx, self.record.id).await
    }
}

impl SqliteOffice {
    async fn take_numbers(&mut self, outcome: &Outcome) -> Result<()> {
        let Some(last) = outcome.last() else {
            return Ok(());
        };
        let numbers = outcome.numbers();
        let first = organisations::take_numbers(&mut self.tx, self.record.id, numbers).await?;
        if first != outcome.clock + 1 {
            return Err(Error::Corrupt(format!(
                "the clock moved during a write, to {first}"
            )));
        }
        self.state.clock = last;
        Ok(())
    }
}
