//! The journal, and what waits to enter it.

use super::{Connection, write_rows};
use crate::error::{Error, Result};
use crate::journal::FactLine;
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::{Authored, FactBody, Flag};
use tournee_domain::{DeviceId, FactId, OrganisationId, ReceiptNumber, UserId};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::envelope::{FactText, SealedFact};
use tournee_sync::key::KeyId;
use tournee_sync::office::{Known, Outcome, STAGED_MAX, released};

/// A fact as the journal holds it.
#[derive(Clone, Debug)]
pub struct StoredFact {
    pub server_seq: u64,
    pub device: DeviceId,
    pub device_label: String,
    pub epoch: u32,
    pub projected: bool,
    pub author: String,
    pub flags: Vec<Flag>,
    pub received_at_ms: i64,
    pub previous: Hash,
    pub hash: Hash,
    pub text: String,
}

#[derive(FromRow)]
struct Row {
    server_seq: i64,
    device: String,
    label: String,
    epoch: u32,
    projected: bool,
    author: String,
    flags: String,
    received_at_ms: i64,
    previous: String,
    hash: String,
    text: String,
}

impl StoredFact {
    /// What counts of it: of a release, the fact inside, as by its author and its device.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn counted(&self) -> Result<(Authored, FactBody)> {
        let corrupt = Error::corrupt("a fact");
        let text: FactText = serde_json::from_str(&self.text).map_err(|error| corrupt(&error))?;
        let body = text.read_body().map_err(|error| corrupt(&error))?;
        match body {
            FactBody::QuarantineReleased(release) => {
                released(&release).map_err(|error| corrupt(&error))
            }
            body => Ok((text.authored(&self.author, &self.device_label), body)),
        }
    }
}

impl TryFrom<Row> for StoredFact {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrupt = Error::corrupt("a fact");
        Ok(Self {
            server_seq: row.server_seq.unsigned_abs(),
            device: row.device.parse().map_err(|error| corrupt(&error))?,
            device_label: row.label,
            epoch: row.epoch,
            projected: row.projected,
            author: row.author,
            flags: serde_json::from_str(&row.flags).map_err(|error| corrupt(&error))?,
            received_at_ms: row.received_at_ms,
            previous: row.previous.parse().map_err(|error| corrupt(&error))?,
            hash: row.hash.parse().map_err(|error| corrupt(&error))?,
            text: row.text,
        })
    }
}

pub(super) fn number(n: u64) -> Result<i64> {
    i64::try_from(n).map_err(|error| Error::corrupt("a number")(&error))
}

fn json_list<T: serde::Serialize>(items: &[T]) -> Result<String> {
    serde_json::to_string(items).map_err(|error| Error::corrupt("a list")(&error))
}

/// # Errors
/// When the database fails, or its last defence holds: an id, a place or a receipt is taken (SYNC 15).
pub async fn insert(
    connection: &mut Connection,
    organisation: OrganisationId,
    outcome: &Outcome,
) -> Result<()> {
    let mut rows = Vec::new();
    for fact in &outcome.facts {
        let (server_seq, seq) = (number(fact.server_seq)?, number(fact.seq)?);
        rows.push((fact, server_seq, seq, json_list(&fact.flags)?));
    }
    let (organisation, device) = (organisation.to_string(), outcome.epoch.device.to_string());
    write_rows(
        connection,
        (
            "INSERT INTO facts (organisation, server_seq, device, epoch, seq, fact_id, type_name, projected, client, receipt_no,
                                author, flags, received_at_ms, previous, hash, signature, key_id, text) ",
            "",
        ),
        rows,
        |values, (fact, server_seq, seq, flags)| {
            values
                .push_bind(organisation.clone())
                .push_bind(server_seq)
                .push_bind(device.clone())
                .push_bind(outcome.epoch.epoch)
                .push_bind(seq)
                .push_bind(fact.fact_id.map(|id| id.to_string()))
                .push_bind(fact.type_name.clone())
                .push_bind(fact.projected)
                .push_bind(fact.client.as_ref().map(ToString::to_string))
                .push_bind(fact.receipt.as_ref().map(ReceiptNumber::to_string))
                .push_bind(outcome.author.clone())
                .push_bind(flags)
                .push_bind(outcome.received_at_ms)
                .push_bind(fact.sealed.previous.to_string())
                .push_bind(fact.sealed.hash.to_string())
                .push_bind(fact.sealed.signature.0.clone())
                .push_bind(fact.sealed.key.0.clone())
                .push_bind(fact.sealed.text.clone());
        },
    )
    .await
}

/// Which of these ids the journal holds.
///
/// # Errors
/// When the database fails.
pub async fn known_ids(
    connection: &mut Connection,
    organisation: OrganisationId,
    ids: &[FactId],
) -> Result<BTreeMap<FactId, Known>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT fact_id, hash, server_seq FROM facts
         WHERE organisation = ? AND fact_id IN (SELECT value FROM json_each(?))",
    )
    .bind(organisation.to_string())
    .bind(json_list(ids)?)
    .fetch_all(connection)
    .await?;
    let corrupt = Error::corrupt("a fact");
    rows.into_iter()
        .map(|(id, hash, server_seq)| {
            let id = id.parse().map_err(|error| corrupt(&error))?;
            Ok((id, known(&hash, server_seq)?))
        })
        .collect()
}

/// What the journal holds of this device and epoch from `from` through `through`.
///
/// # Errors
/// When the database fails.
pub async fn known_places(
    connection: &mut Connection,
    organisation: OrganisationId,
    (device, epoch): (DeviceId, u32),
    (from, through): (u64, u64),
) -> Result<BTreeMap<u64, Known>> {
    let rows: Vec<(i64, String, i64)> = sqlx::query_as(
        "SELECT seq, hash, server_seq FROM facts
         WHERE organisation = ? AND device = ? AND epoch = ? AND seq BETWEEN ? AND ?",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(number(from)?)
    .bind(number(through)?)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(seq, hash, server_seq)| Ok((seq.unsigned_abs(), known(&hash, server_seq)?)))
        .collect()
}

fn known(hash: &str, server_seq: i64) -> Result<Known> {
    Ok(Known {
        hash: hash
            .parse()
            .map_err(|error| Error::corrupt("a fact")(&error))?,
        server_seq: server_seq.unsigned_abs(),
    })
}

/// The texts of one chain, in its order.
///
/// # Errors
/// When the database fails.
pub async fn texts(
    connection: &mut Connection,
    organisation: OrganisationId,
    (device, epoch): (DeviceId, u32),
) -> Result<Vec<String>> {
    let texts = sqlx::query_scalar(
        "SELECT text FROM facts WHERE organisation = ? AND device = ? AND epoch = ? ORDER BY seq",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .fetch_all(connection)
    .await?;
    Ok(texts)
}

/// The texts of all facts of one type that changed records, in the order of the log.
///
/// # Errors
/// When the database fails.
pub async fn texts_of_type(
    connection: &mut Connection,
    organisation: OrganisationId,
    type_name: &str,
) -> Result<Vec<String>> {
    let texts = sqlx::query_scalar(
        "SELECT text FROM facts WHERE organisation = ? AND type_name = ? AND projected ORDER BY server_seq",
    )
    .bind(organisation.to_string())
    .bind(type_name)
    .fetch_all(connection)
    .await?;
    Ok(texts)
}

/// Which of these receipts are on stored payments, or on released ones other than these `ids`.
///
/// # Errors
/// When the database fails.
pub async fn taken_receipts(
    connection: &mut Connection,
    organisation: OrganisationId,
    receipts: &[String],
    ids: &[FactId],
) -> Result<BTreeSet<String>> {
    let taken: Vec<String> = sqlx::query_scalar(
        "SELECT receipt_no FROM facts WHERE organisation = ?1 AND receipt_no IN (SELECT value FROM json_each(?2))
         UNION ALL
         SELECT receipt_no FROM releases WHERE organisation = ?1 AND receipt_no IN (SELECT value FROM json_each(?2))
           AND fact_id NOT IN (SELECT value FROM json_each(?3))",
    )
    .bind(organisation.to_string())
    .bind(json_list(receipts)?)
    .bind(json_list(ids)?)
    .fetch_all(connection)
    .await?;
    Ok(taken.into_iter().collect())
}

/// Whose devices took these payments, in their chains or released.
///
/// # Errors
/// When the database fails.
pub async fn takers(
    connection: &mut Connection,
    organisation: OrganisationId,
    payments: &[FactId],
) -> Result<BTreeMap<FactId, UserId>> {
    // Reversals are rare: other pushes do not wait for this.
    if payments.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT taken.fact_id, d.user
         FROM (SELECT fact_id, device FROM facts
               WHERE organisation = ?1 AND type_name = 'payment' AND fact_id IN (SELECT value FROM json_each(?2))
               UNION SELECT fact_id, device FROM releases
               WHERE organisation = ?1 AND fact_id IN (SELECT value FROM json_each(?2))) taken
         JOIN devices d ON d.organisation = ?1 AND d.device = taken.device
         WHERE d.user IS NOT NULL",
    )
    .bind(organisation.to_string())
    .bind(json_list(payments)?)
    .fetch_all(connection)
    .await?;
    let corrupt = Error::corrupt("a payment");
    rows.into_iter()
        .map(|(payment, user)| {
            let payment = payment.parse().map_err(|error| corrupt(&error))?;
            Ok((payment, user.parse().map_err(|error| corrupt(&error))?))
        })
        .collect()
}

/// The last fact of this device and epoch that is in the log through `until`; 0 when none is (SYNC 29).
///
/// # Errors
/// When the database fails.
pub async fn applied_through(
    connection: &mut Connection,
    organisation: OrganisationId,
    (device, epoch): (DeviceId, u32),
    until: u64,
) -> Result<u64> {
    // Within one chain the order of numbers is the order of places, so the newest places decide.
    let seq: Option<i64> = sqlx::query_scalar(
        "SELECT seq FROM facts WHERE organisation = ? AND device = ? AND epoch = ? AND server_seq <= ?
         ORDER BY seq DESC LIMIT 1",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(number(until)?)
    .fetch_optional(connection)
    .await?;
    Ok(seq.unwrap_or(0).unsigned_abs())
}

/// Facts in the log's order, after `after`, at most `limit`.
///
/// # Errors
/// When the database fails or a stored fact cannot be read.
pub async fn from(
    connection: &mut Connection,
    organisation: OrganisationId,
    after: u64,
    limit: u32,
) -> Result<Vec<StoredFact>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT f.server_seq, f.device, d.label, f.epoch, f.projected, f.author, f.flags, f.received_at_ms, f.previous, f.hash, f.text
         FROM facts f JOIN devices d ON d.organisation = f.organisation AND d.device = f.device
         WHERE f.organisation = ? AND f.server_seq > ? ORDER BY f.server_seq LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(number(after)?)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(StoredFact::try_from).collect()
}

#[derive(FromRow)]
struct SealedRow {
    server_seq: i64,
    device: String,
    epoch: u32,
    received_at_ms: i64,
    author: String,
    projected: bool,
    flags: String,
    receipt_no: Option<String>,
    previous: String,
    hash: String,
    signature: Vec<u8>,
    key_id: String,
    text: String,
}

impl TryFrom<SealedRow> for FactLine {
    type Error = Error;

    fn try_from(row: SealedRow) -> Result<Self> {
        let corrupt = Error::corrupt("a fact");
        let receipt = row.receipt_no.map(|receipt| receipt.parse()).transpose();
        Ok(Self {
            server_seq: row.server_seq.unsigned_abs(),
            device: row.device.parse().map_err(|error| corrupt(&error))?,
            epoch: row.epoch,
            received_at_ms: row.received_at_ms,
            author: row.author,
            projected: row.projected,
            flags: serde_json::from_str(&row.flags).map_err(|error| corrupt(&error))?,
            receipt: receipt.map_err(|error| corrupt(&error))?,
            sealed: SealedFact {
                text: row.text,
                previous: row.previous.parse().map_err(|error| corrupt(&error))?,
                hash: row.hash.parse().map_err(|error| corrupt(&error))?,
                signature: Bytes(row.signature),
                key: KeyId(row.key_id),
            },
        })
    }
}

/// Facts with everything that proves them, in the log's order, after `after`, at most `limit`.
///
/// # Errors
/// When the database fails or a stored fact cannot be read.
pub async fn sealed(
    connection: &mut Connection,
    organisation: OrganisationId,
    after: u64,
    limit: u32,
) -> Result<Vec<FactLine>> {
    let rows: Vec<SealedRow> = sqlx::query_as(
        "SELECT server_seq, device, epoch, received_at_ms, author, projected, flags, receipt_no, previous, hash, signature,
                key_id, text
         FROM facts WHERE organisation = ? AND server_seq > ? ORDER BY server_seq LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(number(after)?)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(FactLine::try_from).collect()
}

/// The facts of these ids; of one that was released, the office's fact that holds it.
///
/// # Errors
/// When the database fails or a stored fact cannot be read.
pub async fn by_ids(
    connection: &mut Connection,
    organisation: OrganisationId,
    ids: &[FactId],
) -> Result<Vec<StoredFact>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT f.server_seq, f.device, d.label, f.epoch, f.projected, f.author, f.flags, f.received_at_ms, f.previous, f.hash, f.text
         FROM facts f JOIN devices d ON d.organisation = f.organisation AND d.device = f.device
         WHERE f.organisation = ?1 AND f.projected
           AND f.fact_id IN (SELECT value FROM json_each(?2)
                             UNION SELECT release_fact FROM releases
                             WHERE organisation = ?1 AND fact_id IN (SELECT value FROM json_each(?2)))",
    )
    .bind(organisation.to_string())
    .bind(json_list(ids)?)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(StoredFact::try_from).collect()
}

/// Facts that changed records, newest first, before `before`, at most `limit`.
///
/// # Errors
/// When the database fails or a stored fact cannot be read.
pub async fn newest(
    connection: &mut Connection,
    organisation: OrganisationId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<StoredFact>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT f.server_seq, f.device, d.label, f.epoch, f.projected, f.author, f.flags, f.received_at_ms, f.previous, f.hash, f.text
         FROM facts f JOIN devices d ON d.organisation = f.organisation AND d.device = f.device
         WHERE f.organisation = ? AND f.server_seq < ? AND f.projected AND f.type_name <> 'payments_exported'
         ORDER BY f.server_seq DESC LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX)))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(StoredFact::try_from).collect()
}

/// Keeps a fact whose predecessors are missing; the same bytes again are the same row.
///
/// # Errors
/// When the database fails.
pub async fn stage(
    connection: &mut Connection,
    organisation: OrganisationId,
    (device, epoch): (DeviceId, u32),
    seq: u64,
    sealed: &SealedFact,
    received_at_ms: i64,
) -> Result<()> {
    let json = serde_json::to_string(sealed).map_err(|error| Error::corrupt("a fact")(&error))?;
    sqlx::query(
        "INSERT INTO staged (organisation, device, epoch, seq, hash, received_at_ms, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(number(seq)?)
    .bind(sealed.hash.to_string())
    .bind(received_at_ms)
    .bind(json)
    .execute(connection)
    .await?;
    Ok(())
}

/// Everything staged of this device and epoch, by place.
///
/// # Errors
/// When the database fails.
pub async fn staged(
    connection: &mut Connection,
    organisation: OrganisationId,
    (device, epoch): (DeviceId, u32),
) -> Result<Vec<(u64, SealedFact)>> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT seq, sealed FROM staged WHERE organisation = ? AND device = ? AND epoch = ? ORDER BY seq LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(i64::try_from(STAGED_MAX).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(seq, json)| {
            let sealed = serde_json::from_str(&json)
                .map_err(|error| Error::corrupt("a staged fact")(&error))?;
            Ok((seq.unsigned_abs(), sealed))
        })
        .collect()
}

/// Facts through `through` wait no longer.
///
/// # Errors
/// When the database fails.
pub async fn unstage(
    connection: &mut Connection,
    organisation: OrganisationId,
    (device, epoch): (DeviceId, u32),
    through: u64,
) -> Result<()> {
    sqlx::query(
        "DELETE FROM staged WHERE organisation = ? AND device = ? AND epoch = ? AND seq <= ?",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(number(through)?)
    .execute(connection)
    .await?;
    Ok(())
}
