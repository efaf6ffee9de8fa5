//! What a portfolio no longer holds: devices that see the portfolio erase it (SYNC 23, 25).

use super::Connection;
use super::facts::number;
use crate::error::Result;
use tournee_domain::OrganisationId;
use tournee_domain::id::PortfolioCode;

/// A record is about to be stored in `bucket`: the bucket it leaves keeps a tombstone. One that comes back hides it.
///
/// # Errors
/// When the database fails.
pub async fn follow(
    connection: &mut Connection,
    organisation: OrganisationId,
    (kind, id): (&str, &str),
    bucket: Option<&PortfolioCode>,
    server_seq: u64,
    now_ms: i64,
) -> Result<()> {
    let bucket = bucket.map(PortfolioCode::as_str);
    sqlx::query(
        "INSERT INTO tombstones (organisation, kind, id, bucket, server_seq, made_at_ms)
         SELECT organisation, kind, id, bucket, ?5, ?6 FROM records
         WHERE organisation = ?1 AND kind = ?2 AND id = ?3 AND bucket IS NOT NULL AND bucket IS NOT ?4
         ON CONFLICT (organisation, kind, id, bucket) DO UPDATE SET server_seq = ?5, made_at_ms = ?6",
    )
    .bind(organisation.to_string())
    .bind(kind)
    .bind(id)
    .bind(bucket)
    .bind(number(server_seq)?)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops tombstones made before `before_ms`, and remembers through which number they are gone.
///
/// # Errors
/// When the database fails.
pub async fn purge(
    connection: &mut Connection,
    organisation: OrganisationId,
    before_ms: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE organisations SET tombstones_purged_through =
           max(tombstones_purged_through,
               (SELECT coalesce(max(server_seq), 0) FROM tombstones WHERE organisation = ?1 AND made_at_ms < ?2))
         WHERE organisation = ?1",
    )
    .bind(organisation.to_string())
    .bind(before_ms)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM tombstones WHERE organisation = ? AND made_at_ms < ?")
        .bind(organisation.to_string())
        .bind(before_ms)
        .execute(connection)
        .await?;
    Ok(())
}
