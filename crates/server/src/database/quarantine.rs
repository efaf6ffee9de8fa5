//! What a person must look at.

use super::Connection;
use super::facts::number;
use crate::error::{Error, Result};
use sqlx::FromRow;
use tournee_domain::OrganisationId;
use tournee_sync::enrol::User;
use tournee_sync::office::{
    DeviceEpoch, Dismissal, Outcome, QuarantineEntry, Quarantined, QuarantinedFact,
};

/// Rows shown to the office.
const SHOWN_MAX: i64 = 200;
/// So many people have to dismiss something: nobody does it alone (SYNC §4).
const DISMISSALS_MIN: usize = 2;
/// Rows kept of one device and epoch: somebody without its key could otherwise fill the disk in its name.
const KEPT_MAX: i64 = 20_000;

/// Keeps the bytes; the same bytes pushed again for the same reason are the same row.
///
/// # Errors
/// When the database fails, or holds too much of this device's epoch already.
pub async fn insert(
    connection: &mut Connection,
    organisation: OrganisationId,
    outcome: &Outcome,
    row: &Quarantined,
) -> Result<()> {
    let DeviceEpoch { device, epoch, .. } = &outcome.epoch;
    let kept: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM quarantine WHERE organisation = ? AND device = ? AND epoch = ?",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .fetch_one(&mut *connection)
    .await?;
    if kept >= KEPT_MAX {
        return Err(Error::Usage(format!(
            "device {device} has {KEPT_MAX} facts in quarantine: look into them before it pushes more"
        )));
    }
    sqlx::query(
        "INSERT INTO quarantine (organisation, device, epoch, seq, fact_id, type_name, author, reason, detail, received_at_ms,
                                 previous, hash, signature, key_id, text)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
         WHERE NOT EXISTS (SELECT 1 FROM quarantine
                           WHERE organisation = ?1 AND device = ?2 AND epoch = ?3 AND hash = ?12 AND reason = ?8 AND text = ?15)",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(number(row.seq)?)
    .bind(row.fact_id.map(|id| id.to_string()))
    .bind(&row.type_name)
    .bind(&outcome.author)
    .bind(row.reason)
    .bind(&row.detail)
    .bind(outcome.received_at_ms)
    .bind(row.sealed.previous.to_string())
    .bind(row.sealed.hash.to_string())
    .bind(&row.sealed.signature.0)
    .bind(&row.sealed.key.0)
    .bind(&row.sealed.text)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    id: i64,
    received_at_ms: i64,
    label: String,
    author: String,
    type_name: String,
    reason: String,
    detail: String,
    /// JSON of [`Dismissal`]s.
    dismissals: String,
}

/// The newest that two people have not dismissed.
///
/// # Errors
/// When the database fails.
pub async fn newest(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<QuarantinedFact>> {
    let entries = entries(connection, organisation).await?.into_iter();
    let open = entries.filter(|entry| entry.dismissals.len() < DISMISSALS_MIN);
    Ok(open.map(|entry| entry.fact).collect())
}

/// The newest, with who dismissed them.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<QuarantineEntry>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT q.id, q.received_at_ms, d.label, q.author, q.type_name, q.reason, q.detail,
                (SELECT json_group_array(json_object('name', s.name, 'reason', s.reason, 'dismissed_at_ms', s.dismissed_at_ms))
                 FROM (SELECT * FROM dismissals WHERE organisation = q.organisation AND quarantine = q.id
                       ORDER BY dismissed_at_ms) s) AS dismissals
         FROM quarantine q JOIN devices d ON d.organisation = q.organisation AND d.device = q.device
         WHERE q.organisation = ? ORDER BY q.id DESC LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(SHOWN_MAX)
    .fetch_all(connection)
    .await?;
    let corrupt = Error::corrupt("a dismissal");
    let entry = |row: Row| {
        Ok(QuarantineEntry {
            id: row.id,
            fact: QuarantinedFact {
                received_at_ms: row.received_at_ms,
                device_label: row.label,
                author: row.author,
                type_name: row.type_name,
                reason: row.reason,
                detail: row.detail,
            },
            dismissals: serde_json::from_str(&row.dismissals).map_err(|error| corrupt(&error))?,
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Somebody says that nothing is to be done about it. False when there is no such row, or this person said so before.
///
/// # Errors
/// When the database fails.
pub async fn dismiss(
    connection: &mut Connection,
    organisation: OrganisationId,
    id: i64,
    user: &User,
    dismissal: &Dismissal,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO dismissals (organisation, quarantine, user, name, reason, dismissed_at_ms)
         SELECT ?, id, ?, ?, ?, ? FROM quarantine WHERE organisation = ? AND id = ?
         ON CONFLICT DO NOTHING",
    )
    .bind(organisation.to_string())
    .bind(user.id.to_string())
    .bind(&dismissal.name)
    .bind(&dismissal.reason)
    .bind(dismissal.dismissed_at_ms)
    .bind(organisation.to_string())
    .bind(id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
