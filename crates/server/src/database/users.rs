//! The people of the organisation.

use super::{Connection, sessions};
use crate::clock;
use crate::error::{Error, Result};
use sqlx::FromRow;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{OrganisationId, UserId};
use tournee_sync::enrol::{Role, User};

/// A user as stored.
#[derive(Clone, Debug)]
pub struct UserRecord {
    pub user: User,
    pub password_hash: String,
    /// Grows when what the user sees changes (SYNC 20).
    pub scope_epoch: u64,
}

#[derive(FromRow)]
struct Row {
    user: String,
    login: String,
    name: String,
    role: String,
    portfolios: String,
    agency: String,
    password_hash: String,
    scope_epoch: i64,
}

impl TryFrom<Row> for UserRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrupt = Error::corrupt("a user");
        let portfolios: Vec<PortfolioCode> =
            serde_json::from_str(&row.portfolios).map_err(|error| corrupt(&error))?;
        Ok(Self {
            user: User {
                id: row.user.parse().map_err(|error| corrupt(&error))?,
                login: row.login,
                name: row.name,
                role: role(&row.role).ok_or_else(|| corrupt(&format!("role « {} »", row.role)))?,
                portfolios,
                agency: row.agency,
            },
            password_hash: row.password_hash,
            scope_epoch: row.scope_epoch.unsigned_abs(),
        })
    }
}

/// The role of that code, `collector`.
pub fn role(code: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.code() == code)
}

/// Bytes of a login.
pub const LOGIN_MAX_BYTES: usize = 100;

/// Logins are the same in any case.
pub fn fold_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// # Errors
/// When the login is taken.
pub async fn create(
    connection: &mut Connection,
    organisation: OrganisationId,
    user: &User,
    password_hash: &str,
) -> Result<()> {
    let login = fold_login(&user.login);
    if by_login(connection, organisation, &login).await?.is_some() {
        return Err(Error::Usage(format!("the login « {login} » is taken")));
    }
    let portfolios = serde_json::to_string(&user.portfolios)
        .map_err(|error| Error::corrupt("a user")(&error))?;
    sqlx::query(
        "INSERT INTO users (organisation, user, login, name, role, portfolios, agency, password_hash, created_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(user.id.to_string())
    .bind(login)
    .bind(&user.name)
    .bind(user.role.code())
    .bind(portfolios)
    .bind(&user.agency)
    .bind(password_hash)
    .bind(clock::now_ms())
    .execute(connection)
    .await?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub async fn by_login(
    connection: &mut Connection,
    organisation: OrganisationId,
    login: &str,
) -> Result<Option<UserRecord>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM users WHERE organisation = ? AND login = ?")
            .bind(organisation.to_string())
            .bind(fold_login(login))
            .fetch_optional(connection)
            .await?;
    row.map(UserRecord::try_from).transpose()
}

/// # Errors
/// When the database fails.
pub async fn by_id(
    connection: &mut Connection,
    organisation: OrganisationId,
    user: UserId,
) -> Result<Option<UserRecord>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM users WHERE organisation = ? AND user = ?")
            .bind(organisation.to_string())
            .bind(user.to_string())
            .fetch_optional(connection)
            .await?;
    row.map(UserRecord::try_from).transpose()
}

/// By login.
///
/// # Errors
/// When the database fails.
pub async fn all(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<UserRecord>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM users WHERE organisation = ? ORDER BY login")
            .bind(organisation.to_string())
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(UserRecord::try_from).collect()
}

/// Other portfolios: the user's devices take a new snapshot (SYNC 20).
///
/// # Errors
/// When the database fails.
pub async fn set_portfolios(
    connection: &mut Connection,
    organisation: OrganisationId,
    user: UserId,
    portfolios: &[PortfolioCode],
) -> Result<()> {
    let portfolios =
        serde_json::to_string(portfolios).map_err(|error| Error::corrupt("a user")(&error))?;
    sqlx::query(
        "UPDATE users SET portfolios = ?, scope_epoch = scope_epoch + 1 WHERE organisation = ? AND user = ?",
    )
    .bind(portfolios)
    .bind(organisation.to_string())
    .bind(user.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Every session of the user ends with the old password (SYNC §4).
///
/// # Errors
/// When the database fails.
pub async fn set_password(
    connection: &mut Connection,
    organisation: OrganisationId,
    user: UserId,
    password_hash: &str,
) -> Result<()> {
    sqlx::query("UPDATE users SET password_hash = ? WHERE organisation = ? AND user = ?")
        .bind(password_hash)
        .bind(organisation.to_string())
        .bind(user.to_string())
        .execute(&mut *connection)
        .await?;
    sessions::end_all(connection, organisation, user).await
}
