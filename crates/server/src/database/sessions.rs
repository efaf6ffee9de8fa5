//! Sessions, by the hash of their token.

use super::Connection;
use crate::error::{Error, Result};
use tournee_domain::{OrganisationId, UserId};
use tournee_sync::encoding::Hash;

/// A session unused for longer has ended. Collectors may be on the road for days; pushes need no session anyway.
pub const SESSION_IDLE_MAX_MS: i64 = 7 * 24 * 3600 * 1000;
/// A session older than this has ended.
pub const SESSION_AGE_MAX_MS: i64 = 30 * 24 * 3600 * 1000;
/// Using a session is written down at most this often.
const TOUCH_MS: i64 = 10 * 60 * 1000;

/// A live session.
#[derive(Clone, Copy, Debug)]
pub struct SessionRecord {
    pub user: UserId,
    /// Its use should be written down now.
    pub stale: bool,
}

/// # Errors
/// When the database fails.
pub async fn create(
    connection: &mut Connection,
    organisation: OrganisationId,
    user: UserId,
    token: &[u8],
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "DELETE FROM sessions WHERE organisation = ? AND (last_used_ms < ? OR created_at_ms < ?)",
    )
    .bind(organisation.to_string())
    .bind(now_ms - SESSION_IDLE_MAX_MS)
    .bind(now_ms - SESSION_AGE_MAX_MS)
    .execute(&mut *connection)
    .await?;
    sqlx::query("INSERT INTO sessions (organisation, token_hash, user, created_at_ms, last_used_ms) VALUES (?, ?, ?, ?, ?)")
        .bind(organisation.to_string())
        .bind(Hash::of(token).to_string())
        .bind(user.to_string())
        .bind(now_ms)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// The session of this token, unless it has ended.
///
/// # Errors
/// When the database fails.
pub async fn live(
    connection: &mut Connection,
    organisation: OrganisationId,
    token: &[u8],
    now_ms: i64,
) -> Result<Option<SessionRecord>> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "SELECT user, last_used_ms FROM sessions
         WHERE organisation = ? AND token_hash = ? AND last_used_ms >= ? AND created_at_ms >= ?",
    )
    .bind(organisation.to_string())
    .bind(Hash::of(token).to_string())
    .bind(now_ms - SESSION_IDLE_MAX_MS)
    .bind(now_ms - SESSION_AGE_MAX_MS)
    .fetch_optional(connection)
    .await?;
    row.map(|(user, last_used_ms)| {
        Ok(SessionRecord {
            user: user
                .parse()
                .map_err(|error| Error::corrupt("a session")(&error))?,
            stale: now_ms - last_used_ms > TOUCH_MS,
        })
    })
    .transpose()
}

/// # Errors
/// When the database fails.
pub async fn touch(
    connection: &mut Connection,
    organisation: OrganisationId,
    token: &[u8],
    now_ms: i64,
) -> Result<()> {
    sqlx::query("UPDATE sessions SET last_used_ms = ? WHERE organisation = ? AND token_hash = ?")
        .bind(now_ms)
        .bind(organisation.to_string())
        .bind(Hash::of(token).to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub async fn end(
    connection: &mut Connection,
    organisation: OrganisationId,
    token: &[u8],
) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE organisation = ? AND token_hash = ?")
        .bind(organisation.to_string())
        .bind(Hash::of(token).to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Every session of the user ends.
///
/// # Errors
/// When the database fails.
pub async fn end_all(
    connection: &mut Connection,
    organisation: OrganisationId,
    user: UserId,
) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE organisation = ? AND user = ?")
        .bind(organisation.to_string())
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
