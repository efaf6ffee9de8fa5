//! Which bytes facts name, and which of them the office holds.

use super::Connection;
use super::facts::number;
use crate::error::Result;
use tournee_domain::fact::Attachment;
use tournee_domain::{ClientCode, FactId, OrganisationId};

/// Bytes that a stored fact names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub client: String,
    pub media_type: String,
    pub size_bytes: u64,
}

/// A fact names bytes.
///
/// # Errors
/// When the database fails.
pub async fn name(
    connection: &mut Connection,
    organisation: OrganisationId,
    (fact, client): (FactId, &ClientCode),
    attachment: &Attachment,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO attachments (organisation, hash, fact_id, client, media_type, size_bytes) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(organisation.to_string())
    .bind(attachment.hash.as_str())
    .bind(fact.to_string())
    .bind(client.as_str())
    .bind(&attachment.media_type)
    .bind(attachment.size_bytes)
    .execute(connection)
    .await?;
    Ok(())
}

/// Every naming of these bytes by a stored fact.
///
/// # Errors
/// When the database fails.
pub async fn named(
    connection: &mut Connection,
    organisation: OrganisationId,
    hash: &str,
) -> Result<Vec<Named>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT client, media_type, size_bytes FROM attachments WHERE organisation = ? AND hash = ?",
    )
    .bind(organisation.to_string())
    .bind(hash)
    .fetch_all(connection)
    .await?;
    let named = |(client, media_type, size_bytes): (String, String, i64)| Named {
        client,
        media_type,
        size_bytes: size_bytes.unsigned_abs(),
    };
    Ok(rows.into_iter().map(named).collect())
}

/// The bytes are in their file, and their hash was verified.
///
/// # Errors
/// When the database fails.
pub async fn verified(
    connection: &mut Connection,
    organisation: OrganisationId,
    hash: &str,
    media_type: &str,
    size_bytes: u64,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO blobs (organisation, hash, media_type, size_bytes, stored_at_ms) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(organisation.to_string())
    .bind(hash)
    .bind(media_type)
    .bind(number(size_bytes)?)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Media type and size of verified bytes.
///
/// # Errors
/// When the database fails.
pub async fn held(
    connection: &mut Connection,
    organisation: OrganisationId,
    hash: &str,
) -> Result<Option<(String, u64)>> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "SELECT media_type, size_bytes FROM blobs WHERE organisation = ? AND hash = ?",
    )
    .bind(organisation.to_string())
    .bind(hash)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(media_type, size)| (media_type, size.unsigned_abs())))
}
