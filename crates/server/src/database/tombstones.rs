//! What a portfolio no longer holds: devices that see the portfolio erase it (SYNC 23, 25).

use super::Connection;
use super::facts::number;
use super::records::DOSSIER;
use crate::error::{Error, Result};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{ClientCode, Dossier, OrganisationId};

/// These dossiers are about to be stored under these numbers: a portfolio that one of them leaves keeps a tombstone under
/// the same number. A dossier that comes back hides it.
///
/// # Errors
/// When the database fails.
pub async fn follow(
    connection: &mut Connection,
    organisation: OrganisationId,
    stored: &[(u64, Dossier)],
    now_ms: i64,
) -> Result<()> {
    let stored: Vec<(u64, &ClientCode, Option<&PortfolioCode>)> = stored
        .iter()
        .map(|(number, dossier)| {
            let client = &dossier.client;
            (*number, &client.code, client.portfolio.as_ref())
        })
        .collect();
    let stored =
        serde_json::to_string(&stored).map_err(|error| Error::corrupt("a list")(&error))?;
    // One statement for all: an import stores every dossier.
    sqlx::query(
        "INSERT INTO tombstones (organisation, kind, id, bucket, server_seq, made_at_ms)
         SELECT former.organisation, former.kind, former.id, former.bucket, stored.value ->> 0, ?4
         FROM json_each(?3) AS stored CROSS JOIN records AS former
         WHERE former.organisation = ?1 AND former.kind = ?2 AND former.id = stored.value ->> 1
           AND former.bucket IS NOT NULL AND former.bucket IS NOT stored.value ->> 2
         ON CONFLICT (organisation, kind, id, bucket)
           DO UPDATE SET server_seq = excluded.server_seq, made_at_ms = excluded.made_at_ms",
    )
    .bind(organisation.to_string())
    .bind(DOSSIER)
    .bind(stored)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// This client is no longer known: its record goes, and whoever saw it erases it. A client of no portfolio leaves the
/// tombstone in the nameless one, which only those see who see all.
///
/// # Errors
/// When the database fails.
pub async fn erase(
    connection: &mut Connection,
    organisation: OrganisationId,
    client: &ClientCode,
    server_seq: u64,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO tombstones (organisation, kind, id, bucket, server_seq, made_at_ms)
         SELECT organisation, kind, id, coalesce(bucket, ''), ?4, ?5
         FROM records WHERE organisation = ?1 AND kind = ?2 AND id = ?3
         ON CONFLICT (organisation, kind, id, bucket)
           DO UPDATE SET server_seq = excluded.server_seq, made_at_ms = excluded.made_at_ms",
    )
    .bind(organisation.to_string())
    .bind(DOSSIER)
    .bind(client.as_str())
    .bind(number(server_seq)?)
    .bind(now_ms)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM records WHERE organisation = ? AND kind = ? AND id = ?")
        .bind(organisation.to_string())
        .bind(DOSSIER)
        .bind(client.as_str())
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
