//! Devices and the chain of each of their epochs.

use super::{Connection, facts, gaps};
use crate::error::{Error, Result};
use sqlx::FromRow;
use tournee_domain::fact::Tally;
use tournee_domain::{DeviceId, OrganisationId};
use tournee_sync::certificate::Certificate;
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::EnrolledDevice;
use tournee_sync::envelope::FactText;
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::office::{
    Chain, DeviceEpoch, DeviceReport, EPOCH_ROOM, Enrolment, LABEL_ROOM, OFFICE_EPOCH,
    OFFICE_LABEL, label_number,
};

/// Labels run from `D01`; beyond this the label's form would have to be thought over.
pub const DEVICES_MAX: i64 = 9_999;
/// A device not heard of for longer is listed as silent (SYNC 39).
pub const SILENT_AFTER_MS: i64 = 24 * 3600 * 1000;

#[derive(FromRow)]
struct Row {
    device: String,
    label: String,
    epoch: u32,
    user: Option<String>,
    algorithm: String,
    public_key: Vec<u8>,
    head_seq: i64,
    head_hash: String,
    head_device_ms: Option<i64>,
    last_receipt: u32,
    tally: Option<String>,
    frozen: bool,
    revoked_at_ms: Option<i64>,
}

impl Row {
    fn read(self) -> Result<DeviceEpoch> {
        let row = self;
        let corrupt = Error::corrupt("a device");
        let user = row.user.map(|user| user.parse()).transpose();
        Ok(DeviceEpoch {
            device: row.device.parse().map_err(|error| corrupt(&error))?,
            label: row.label,
            epoch: row.epoch,
            user: user.map_err(|error| corrupt(&error))?,
            key: PublicKey {
                algorithm: algorithm(&row.algorithm)
                    .ok_or_else(|| corrupt(&format!("algorithm « {} »", row.algorithm)))?,
                bytes: Bytes(row.public_key),
            },
            chain: Chain {
                head_seq: row.head_seq.unsigned_abs(),
                head_hash: row.head_hash.parse().map_err(|error| corrupt(&error))?,
                frozen: row.frozen,
                revoked: row.revoked_at_ms.is_some(),
            },
            head_device_ms: row.head_device_ms,
            last_receipt: row.last_receipt,
            tally: match row.tally {
                Some(json) => serde_json::from_str(&json).map_err(|error| corrupt(&error))?,
                None => Tally::default(),
            },
        })
    }
}

fn algorithm_code(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Ed25519 => "Ed25519",
        Algorithm::EcdsaP256 => "ES256",
    }
}

fn algorithm(code: &str) -> Option<Algorithm> {
    [Algorithm::Ed25519, Algorithm::EcdsaP256]
        .into_iter()
        .find(|algorithm| algorithm_code(*algorithm) == code)
}

/// # Errors
/// When the database fails.
pub async fn epoch(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    epoch: u32,
) -> Result<Option<DeviceEpoch>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT e.device, d.label, e.epoch, d.user, e.algorithm, e.public_key, e.head_seq, e.head_hash,
                e.head_device_ms, e.last_receipt, e.tally, e.frozen, d.revoked_at_ms
         FROM epochs e JOIN devices d ON d.organisation = e.organisation AND d.device = e.device
         WHERE e.organisation = ? AND e.device = ? AND e.epoch = ?",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_counted = row.tally.is_some() || row.head_seq == 0;
    let mut epoch = row.read()?;
    if !is_counted {
        let texts = facts::texts(connection, organisation, (device, epoch.epoch)).await?;
        let bodies = texts.iter().filter_map(|text| {
            let text: FactText = serde_json::from_str(text).ok()?;
            text.read_body().ok()
        });
        bodies.for_each(|body| epoch.tally.count(&body));
    }
    Ok(Some(epoch))
}

/// Every device in every epoch, the office's own first.
///
/// # Errors
/// When the database fails.
pub async fn chains(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<DeviceEpoch>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT e.device, d.label, e.epoch, d.user, e.algorithm, e.public_key, e.head_seq, e.head_hash,
                e.head_device_ms, e.last_receipt, e.tally, e.frozen, d.revoked_at_ms
         FROM epochs e JOIN devices d ON d.organisation = e.organisation AND d.device = e.device
         WHERE e.organisation = ? ORDER BY length(d.label), d.label, e.epoch",
    )
    .bind(organisation.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The office's own device, in its only epoch.
///
/// # Errors
/// When the database fails.
pub async fn office(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Option<DeviceEpoch>> {
    let device: Option<String> =
        sqlx::query_scalar("SELECT device FROM devices WHERE organisation = ? AND label = ?")
            .bind(organisation.to_string())
            .bind(OFFICE_LABEL)
            .fetch_optional(&mut *connection)
            .await?;
    let Some(device) = device else {
        return Ok(None);
    };
    let device = device
        .parse()
        .map_err(|error| Error::corrupt("a device")(&error))?;
    epoch(connection, organisation, device, OFFICE_EPOCH).await
}

/// A new device, or a new epoch of one that enrolled before (SYNC 1); `None` when that one was revoked.
///
/// # Errors
/// When the organisation has had [`DEVICES_MAX`] devices.
pub async fn enrol(
    connection: &mut Connection,
    organisation: OrganisationId,
    enrolment: &Enrolment<'_>,
) -> Result<Option<EnrolledDevice>> {
    let revoked: Option<bool> = sqlx::query_scalar(
        "SELECT revoked_at_ms IS NOT NULL FROM devices WHERE organisation = ? AND installation = ? AND user = ?",
    )
    .bind(organisation.to_string())
    .bind(enrolment.installation.to_string())
    .bind(enrolment.user.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    if revoked == Some(true) {
        return Ok(None);
    }
    let known: Option<(String, String, u32)> = sqlx::query_as(
        "UPDATE devices SET epoch = epochs_taken + 1, epochs_taken = epochs_taken + 1, build = ?, last_seen_ms = ?
         WHERE organisation = ? AND installation = ? AND user = ? RETURNING device, label, epoch",
    )
    .bind(enrolment.build)
    .bind(enrolment.now_ms)
    .bind(organisation.to_string())
    .bind(enrolment.installation.to_string())
    .bind(enrolment.user.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    let device = match known {
        Some((id, label, epoch)) => EnrolledDevice {
            id: id
                .parse()
                .map_err(|error| Error::corrupt("a device")(&error))?,
            label,
            epoch,
        },
        None => {
            let label = next_label(connection, organisation).await?;
            create(connection, organisation, enrolment, &label).await?;
            EnrolledDevice {
                id: enrolment.new_id,
                label,
                epoch: 1,
            }
        }
    };
    insert_epoch(
        connection,
        organisation,
        device.id,
        device.epoch,
        enrolment.key,
        enrolment.now_ms,
    )
    .await?;
    Ok(Some(device))
}

/// Registers the office's own device, whose key signs imports and exports.
///
/// # Errors
/// When the database fails.
pub async fn create_office(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    key: &PublicKey,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO devices (organisation, device, label, epoch, enrolled_at_ms) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(OFFICE_LABEL)
    .bind(OFFICE_EPOCH)
    .bind(now_ms)
    .execute(&mut *connection)
    .await?;
    insert_epoch(connection, organisation, device, OFFICE_EPOCH, key, now_ms).await
}

async fn next_label(connection: &mut Connection, organisation: OrganisationId) -> Result<String> {
    let number: i64 = sqlx::query_scalar(
        "UPDATE organisations SET labels_taken = labels_taken + 1 WHERE organisation = ? RETURNING labels_taken",
    )
    .bind(organisation.to_string())
    .fetch_one(connection)
    .await?;
    if number > DEVICES_MAX {
        return Err(Error::Usage(format!(
            "the organisation has had {DEVICES_MAX} devices: no label is left"
        )));
    }
    Ok(format!("D{number:02}"))
}

/// Registers again what this office certified and has forgotten since it was put back; false when the label is another
/// device's.
///
/// # Errors
/// When the database fails.
pub async fn reinstate(
    connection: &mut Connection,
    organisation: OrganisationId,
    certificate: &Certificate,
) -> Result<bool> {
    // An installation that enrolled anew meanwhile is that new device from now on.
    sqlx::query(
        "INSERT INTO devices (organisation, device, label, installation, user, epoch, epochs_taken, enrolled_at_ms)
         SELECT ?1, ?2, ?3,
                CASE WHEN EXISTS (SELECT 1 FROM devices WHERE organisation = ?1 AND installation = ?4 AND user = ?5)
                     THEN NULL ELSE ?4 END,
                ?5, ?6, ?6, ?7
         WHERE NOT EXISTS (SELECT 1 FROM devices WHERE organisation = ?1 AND (device = ?2 OR label = ?3))",
    )
    .bind(organisation.to_string())
    .bind(certificate.device.to_string())
    .bind(&certificate.label)
    .bind(certificate.installation.to_string())
    .bind(certificate.user.to_string())
    .bind(certificate.epoch)
    .bind(certificate.issued_at_ms)
    .execute(&mut *connection)
    .await?;
    let known = sqlx::query(
        "UPDATE devices SET epoch = max(epoch, ?), epochs_taken = max(epochs_taken, ?)
         WHERE organisation = ? AND device = ? AND label = ? AND user = ?",
    )
    .bind(certificate.epoch)
    .bind(certificate.epoch)
    .bind(organisation.to_string())
    .bind(certificate.device.to_string())
    .bind(&certificate.label)
    .bind(certificate.user.to_string())
    .execute(&mut *connection)
    .await?;
    if known.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "UPDATE organisations SET labels_taken = max(labels_taken, ?) WHERE organisation = ?",
    )
    .bind(label_number(&certificate.label).unwrap_or(0))
    .bind(organisation.to_string())
    .execute(&mut *connection)
    .await?;
    insert_epoch(
        connection,
        organisation,
        certificate.device,
        certificate.epoch,
        &certificate.key,
        certificate.issued_at_ms,
    )
    .await?;
    Ok(true)
}

/// Labels and epochs given out since a backup was made are not known in it: the next ones are above them.
///
/// # Errors
/// When the database fails.
pub async fn leave_room(connection: &mut Connection, organisation: OrganisationId) -> Result<()> {
    sqlx::query("UPDATE organisations SET labels_taken = labels_taken + ? WHERE organisation = ?")
        .bind(LABEL_ROOM)
        .bind(organisation.to_string())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE devices SET epochs_taken = epochs_taken + ? WHERE organisation = ? AND user IS NOT NULL",
    )
    .bind(EPOCH_ROOM)
    .bind(organisation.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn create(
    connection: &mut Connection,
    organisation: OrganisationId,
    enrolment: &Enrolment<'_>,
    label: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO devices (organisation, device, label, installation, user, epoch, epochs_taken, build, enrolled_at_ms, last_seen_ms)
         VALUES (?, ?, ?, ?, ?, 1, 1, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(enrolment.new_id.to_string())
    .bind(label)
    .bind(enrolment.installation.to_string())
    .bind(enrolment.user.to_string())
    .bind(enrolment.build)
    .bind(enrolment.now_ms)
    .bind(enrolment.now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_epoch(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    epoch: u32,
    key: &PublicKey,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO epochs (organisation, device, epoch, algorithm, public_key, head_hash, started_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(algorithm_code(key.algorithm))
    .bind(&key.bytes.0)
    .bind(Hash::GENESIS.to_string())
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down how far the chain came, in the transaction of its facts.
///
/// # Errors
/// When the database fails.
pub async fn advance(
    connection: &mut Connection,
    organisation: OrganisationId,
    epoch: &DeviceEpoch,
) -> Result<()> {
    let head_seq = i64::try_from(epoch.chain.head_seq)
        .map_err(|error| Error::corrupt("a sequence number")(&error))?;
    let tally =
        serde_json::to_string(&epoch.tally).map_err(|error| Error::corrupt("a tally")(&error))?;
    sqlx::query(
        "UPDATE epochs SET head_seq = ?, head_hash = ?, head_device_ms = ?, last_receipt = ?, tally = ?, frozen = ?
         WHERE organisation = ? AND device = ? AND epoch = ?",
    )
    .bind(head_seq)
    .bind(epoch.chain.head_hash.to_string())
    .bind(epoch.head_device_ms)
    .bind(epoch.last_receipt)
    .bind(tally)
    .bind(epoch.chain.frozen)
    .bind(organisation.to_string())
    .bind(epoch.device.to_string())
    .bind(epoch.epoch)
    .execute(connection)
    .await?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub async fn seen(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    build: &str,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE devices SET last_seen_ms = ?, build = ? WHERE organisation = ? AND device = ?",
    )
    .bind(now_ms)
    .bind(build)
    .bind(organisation.to_string())
    .bind(device.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes the device in all its epochs, or takes that back with `None` (SYNC 37).
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    at_ms: Option<i64>,
) -> Result<()> {
    sqlx::query("UPDATE devices SET revoked_at_ms = ? WHERE organisation = ? AND device = ?")
        .bind(at_ms)
        .bind(organisation.to_string())
        .bind(device.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Who revoked a device, and why.
#[derive(Clone, Copy, Debug, Default)]
pub struct Revocation<'a> {
    pub author: &'a str,
    pub reason: &'a str,
}

/// Notes it beside the device; nothing, once it was taken back.
///
/// # Errors
/// When the database fails.
pub async fn note_revocation(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    revocation: Revocation<'_>,
) -> Result<()> {
    sqlx::query(
        "UPDATE devices SET revoked_by = ?, revoked_reason = ? WHERE organisation = ? AND device = ?",
    )
    .bind(revocation.author)
    .bind(revocation.reason)
    .bind(organisation.to_string())
    .bind(device.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct ReportRow {
    device: String,
    label: String,
    login: String,
    user: String,
    epoch: u32,
    build: String,
    enrolled_at_ms: i64,
    last_seen_ms: Option<i64>,
    frozen: bool,
    revoked_at_ms: Option<i64>,
    revoked_by: String,
    revoked_reason: String,
    head_seq: i64,
    told_head_seq: i64,
    told_waiting: u32,
    last_fact_ms: Option<i64>,
}

/// Enrolled devices by label, with what of theirs is not here (SYNC 39).
///
/// # Errors
/// When the database fails.
pub async fn reports(
    connection: &mut Connection,
    organisation: OrganisationId,
    now_ms: i64,
) -> Result<Vec<DeviceReport>> {
    let mut gaps = gaps::all(connection, organisation).await?;
    let rows: Vec<ReportRow> = sqlx::query_as(
        "SELECT d.device, d.label, u.login, u.name AS user, d.epoch, d.build, d.enrolled_at_ms, d.last_seen_ms,
                e.frozen, d.revoked_at_ms, d.revoked_by, d.revoked_reason, e.head_seq, e.told_head_seq, e.told_waiting,
                (SELECT f.received_at_ms FROM facts f WHERE f.organisation = d.organisation AND f.device = d.device
                 ORDER BY f.epoch DESC, f.seq DESC LIMIT 1) AS last_fact_ms
         FROM devices d
         JOIN users u ON u.organisation = d.organisation AND u.user = d.user
         JOIN epochs e ON e.organisation = d.organisation AND e.device = d.device AND e.epoch = d.epoch
         WHERE d.organisation = ? ORDER BY length(d.label), d.label",
    )
    .bind(organisation.to_string())
    .fetch_all(connection)
    .await?;
    let report = |row: ReportRow| DeviceReport {
        silent_since_ms: row.silent_since_ms(now_ms),
        gaps: gaps.remove(&row.device).unwrap_or_default(),
        id: row.device,
        label: row.label,
        login: row.login,
        user: row.user,
        epoch: row.epoch,
        build: row.build,
        enrolled_at_ms: row.enrolled_at_ms,
        last_seen_ms: row.last_seen_ms,
        last_fact_ms: row.last_fact_ms,
        frozen: row.frozen,
        revoked_at_ms: row.revoked_at_ms,
        revoked_by: row.revoked_by,
        revoked_reason: row.revoked_reason,
        received_through: row.head_seq.unsigned_abs(),
        recorded_through: row.head_seq.max(row.told_head_seq).unsigned_abs(),
        waiting: row.told_waiting,
    };
    Ok(rows.into_iter().map(report).collect())
}

impl ReportRow {
    /// Since when nothing was heard of it, when that is longer than [`SILENT_AFTER_MS`]; a revoked one may be silent.
    fn silent_since_ms(&self, now_ms: i64) -> Option<i64> {
        let heard_ms = self.last_seen_ms.unwrap_or(self.enrolled_at_ms);
        (self.revoked_at_ms.is_none() && now_ms - heard_ms > SILENT_AFTER_MS).then_some(heard_ms)
    }
}
