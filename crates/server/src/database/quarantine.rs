//! What a person must look at.

use super::Connection;
use super::facts::number;
use crate::error::{Error, Result};
use tournee_domain::OrganisationId;
use tournee_sync::office::{DeviceEpoch, Outcome, Quarantined, QuarantinedFact};

/// Rows shown to the office.
const SHOWN_MAX: i64 = 200;
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

/// The newest.
///
/// # Errors
/// When the database fails.
pub async fn newest(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<QuarantinedFact>> {
    let rows: Vec<(i64, String, String, String, String, String)> = sqlx::query_as(
        "SELECT q.received_at_ms, d.label, q.author, q.type_name, q.reason, q.detail
         FROM quarantine q JOIN devices d ON d.organisation = q.organisation AND d.device = q.device
         WHERE q.organisation = ? ORDER BY q.id DESC LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(SHOWN_MAX)
    .fetch_all(connection)
    .await?;
    let fact =
        |(received_at_ms, device_label, author, type_name, reason, detail)| QuarantinedFact {
            received_at_ms,
            device_label,
            author,
            type_name,
            reason,
            detail,
        };
    Ok(rows.into_iter().map(fact).collect())
}
