//! Records: projections of facts, as devices get them.

use super::Connection;
use crate::error::{Error, Result};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{ClientCode, Dossier, OrganisationId};
use tournee_sync::pull::{PULL_PAGE_BYTES_MAX, Record, RecordKind};

const DOSSIER: &str = "dossier";
/// Rows looked at for one page; small records stop it before its bytes do.
const PAGE_RECORDS_MAX: i64 = 2_000;

/// Which records a user's devices get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Portfolios(Vec<PortfolioCode>),
    Nothing,
}

impl Scope {
    pub fn of(user: &tournee_sync::enrol::User) -> Self {
        if user.role.sees_all() {
            Self::All
        } else if user.role == tournee_sync::enrol::Role::Collector {
            Self::Portfolios(user.portfolios.clone())
        } else {
            Self::Nothing
        }
    }

    /// Whether a client of this portfolio is in the scope.
    pub fn contains(&self, portfolio: Option<&PortfolioCode>) -> bool {
        match self {
            Self::All => true,
            Self::Portfolios(own) => portfolio.is_some_and(|portfolio| own.contains(portfolio)),
            Self::Nothing => false,
        }
    }

    /// For `bucket IN (SELECT value FROM json_each(?))`; `None` when every bucket is in.
    fn buckets(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Portfolios(own) => Some(serde_json::to_string(own).unwrap_or_default()),
            Self::Nothing => Some("[]".to_owned()),
        }
    }
}

/// The dossiers of these clients, as far as they exist.
///
/// # Errors
/// When the database fails or a stored dossier cannot be read.
pub async fn dossiers(
    connection: &mut Connection,
    organisation: OrganisationId,
    clients: impl Iterator<Item = &ClientCode>,
) -> Result<BTreeMap<ClientCode, Dossier>> {
    let codes: Vec<&str> = clients.map(ClientCode::as_str).collect();
    let codes = serde_json::to_string(&codes).map_err(|error| Error::corrupt("codes")(&error))?;
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM records WHERE organisation = ? AND kind = ? AND id IN (SELECT value FROM json_each(?))",
    )
    .bind(organisation.to_string())
    .bind(DOSSIER)
    .bind(codes)
    .fetch_all(connection)
    .await?;
    read(&bodies)
}

/// Every dossier of the organisation.
///
/// # Errors
/// When the database fails or a stored dossier cannot be read.
pub async fn all_dossiers(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<BTreeMap<ClientCode, Dossier>> {
    let bodies: Vec<String> =
        sqlx::query_scalar("SELECT body FROM records WHERE organisation = ? AND kind = ?")
            .bind(organisation.to_string())
            .bind(DOSSIER)
            .fetch_all(connection)
            .await?;
    read(&bodies)
}

fn read(bodies: &[String]) -> Result<BTreeMap<ClientCode, Dossier>> {
    let read = |body: &String| {
        let dossier: Dossier =
            serde_json::from_str(body).map_err(|error| Error::corrupt("a dossier")(&error))?;
        Ok((dossier.client.code.clone(), dossier))
    };
    bodies.iter().map(read).collect()
}

/// Stores a dossier under a number of its own.
///
/// # Errors
/// When the database fails.
pub async fn store(
    connection: &mut Connection,
    organisation: OrganisationId,
    dossier: &Dossier,
    server_seq: u64,
) -> Result<()> {
    let body =
        serde_json::to_string(dossier).map_err(|error| Error::corrupt("a dossier")(&error))?;
    sqlx::query(
        "INSERT INTO records (organisation, kind, id, bucket, server_seq, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (organisation, kind, id) DO UPDATE SET bucket = ?4, server_seq = ?5, body = ?6",
    )
    .bind(organisation.to_string())
    .bind(DOSSIER)
    .bind(dossier.client.code.as_str())
    .bind(dossier.client.portfolio.as_ref().map(PortfolioCode::as_str))
    .bind(number(server_seq)?)
    .bind(body)
    .execute(connection)
    .await?;
    Ok(())
}

fn number(server_seq: u64) -> Result<i64> {
    i64::try_from(server_seq).map_err(|error| Error::corrupt("a number")(&error))
}

/// Records after `after` through `until` that are in the scope, at most a page of them, in their order.
///
/// # Errors
/// When the database fails.
pub async fn page(
    connection: &mut Connection,
    organisation: OrganisationId,
    scope: &Scope,
    after: u64,
    until: u64,
) -> Result<Vec<Record>> {
    let rows: Vec<(String, i64, String)> = sqlx::query_as(
        // The running sum ends the page in SQL, so that no more than a page is read.
        "SELECT id, server_seq, body FROM (
           SELECT id, server_seq, body, sum(length(CAST(body AS BLOB))) OVER (ORDER BY server_seq) AS bytes,
                  row_number() OVER (ORDER BY server_seq) AS n
           FROM (SELECT id, server_seq, body FROM records
                 WHERE organisation = ?1 AND server_seq > ?2 AND server_seq <= ?3
                   AND (?4 IS NULL OR bucket IN (SELECT value FROM json_each(?4)))
                 ORDER BY server_seq LIMIT ?5))
         WHERE bytes <= ?6 OR n = 1",
    )
    .bind(organisation.to_string())
    .bind(number(after)?)
    .bind(number(until)?)
    .bind(scope.buckets())
    .bind(PAGE_RECORDS_MAX)
    .bind(i64::try_from(PULL_PAGE_BYTES_MAX).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    let record = |(id, server_seq, body): (String, i64, String)| {
        Ok(Record {
            kind: RecordKind::Dossier,
            id,
            server_seq: server_seq.unsigned_abs(),
            body: Some(
                RawValue::from_string(body).map_err(|error| Error::corrupt("a dossier")(&error))?,
            ),
        })
    };
    rows.into_iter().map(record).collect()
}

/// How many records of the scope changed after `after` through `until`.
///
/// # Errors
/// When the database fails.
pub async fn count(
    connection: &mut Connection,
    organisation: OrganisationId,
    scope: &Scope,
    after: u64,
    until: u64,
) -> Result<u32> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM records WHERE organisation = ?1 AND server_seq > ?2 AND server_seq <= ?3
           AND (?4 IS NULL OR bucket IN (SELECT value FROM json_each(?4)))",
    )
    .bind(organisation.to_string())
    .bind(number(after)?)
    .bind(number(until)?)
    .bind(scope.buckets())
    .fetch_one(connection)
    .await?)
}

/// Portfolio and name of one client; `None` when there is no such client.
///
/// # Errors
/// When the database fails.
pub async fn portfolio(
    connection: &mut Connection,
    organisation: OrganisationId,
    client: &str,
) -> Result<Option<Option<PortfolioCode>>> {
    let bucket: Option<Option<String>> = sqlx::query_scalar(
        "SELECT bucket FROM records WHERE organisation = ? AND kind = ? AND id = ?",
    )
    .bind(organisation.to_string())
    .bind(DOSSIER)
    .bind(client)
    .fetch_optional(connection)
    .await?;
    Ok(bucket.map(|bucket| bucket.as_deref().map(PortfolioCode::new)))
}
