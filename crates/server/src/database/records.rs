//! Records: projections of facts, as devices get them.

use super::buckets::Changes;
use super::facts::number;
use super::{Connection, write_rows};
use crate::error::{Error, Result};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{ClientCode, Dossier, OrganisationId};
use tournee_sync::encoding::Hash;
use tournee_sync::office::{PAGE_RECORDS_MAX, Scope, Span};
use tournee_sync::pull::{PULL_PAGE_BYTES_MAX, Record, RecordKind, record_digest};

pub(super) const DOSSIER: &str = "dossier";

/// Dossiers worth a core of their own: reading and writing their text is most of what a push costs in the writer's turn.
const DOSSIERS_A_CORE_MIN: usize = 8;

/// For `coalesce(bucket, '') IN (SELECT value FROM json_each(?))`; `None` when every bucket is in.
pub(super) fn buckets(scope: &Scope) -> Option<String> {
    let list = |codes: &[&str]| Some(serde_json::to_string(codes).unwrap_or_default());
    match scope {
        Scope::All => None,
        Scope::Portfolios(own) => {
            let own = own.iter().map(PortfolioCode::as_str);
            let named: Vec<&str> = own.filter(|code| !code.is_empty()).collect();
            list(&named)
        }
        Scope::Unassigned => list(&[""]),
        Scope::Nothing => list(&[]),
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
        let dossier = Dossier::read(body).map_err(|error| Error::corrupt("a dossier")(&error))?;
        Ok((dossier.client.code.clone(), dossier))
    };
    bodies
        .par_iter()
        .with_min_len(DOSSIERS_A_CORE_MIN)
        .map(read)
        .collect()
}

/// A dossier as it is stored.
struct Row {
    id: String,
    bucket: Option<String>,
    server_seq: i64,
    body: String,
    digest: Hash,
}

impl Row {
    fn of((server_seq, dossier): &(u64, Dossier)) -> Result<Self> {
        let body =
            serde_json::to_string(dossier).map_err(|error| Error::corrupt("a dossier")(&error))?;
        let client = &dossier.client;
        Ok(Self {
            id: client.code.to_string(),
            bucket: client.portfolio.as_ref().map(ToString::to_string),
            server_seq: number(*server_seq)?,
            digest: record_digest(RecordKind::Dossier, client.code.as_str(), &body),
            body,
        })
    }
}

/// Stores dossiers, each under a number of its own, once [`super::tombstones::follow`] has looked where they come from; the
/// sums of their buckets follow.
///
/// # Errors
/// When the database fails.
pub async fn store(
    connection: &mut Connection,
    organisation: OrganisationId,
    dossiers: &[(u64, Dossier)],
) -> Result<()> {
    let codes = dossiers.iter().map(|(_, dossier)| &dossier.client.code);
    let mut sums = Changes::replacing(connection, organisation, codes).await?;
    let rows = dossiers
        .par_iter()
        .with_min_len(DOSSIERS_A_CORE_MIN)
        .map(Row::of);
    let rows: Vec<Row> = rows.collect::<Result<_>>()?;
    for row in &rows {
        sums.add(row.bucket.as_deref(), row.digest);
    }
    let of = organisation.to_string();
    write_rows(
        connection,
        (
            "INSERT INTO records (organisation, kind, id, bucket, server_seq, body, digest) ",
            " ON CONFLICT (organisation, kind, id)
              DO UPDATE SET bucket = excluded.bucket, server_seq = excluded.server_seq, body = excluded.body,
                            digest = excluded.digest",
        ),
        rows,
        |values, row| {
            values
                .push_bind(of.clone())
                .push_bind(DOSSIER)
                .push_bind(row.id)
                .push_bind(row.bucket)
                .push_bind(row.server_seq)
                .push_bind(row.body)
                .push_bind(row.digest.to_string());
        },
    )
    .await?;
    sums.store(connection, organisation).await
}

/// Rows that one page or count is about: records in the scope, and tombstones of those that left it. One record and one
/// tombstone may have the same number; never are both in one scope.
macro_rules! visible {
    () => {
        "SELECT id, server_seq, body FROM records
       WHERE organisation = ?1 AND server_seq > ?2 AND server_seq <= ?3
         AND (?4 IS NULL OR coalesce(bucket, '') IN (SELECT value FROM json_each(?4)))
     UNION ALL
     SELECT id, server_seq, NULL FROM tombstones gone
       WHERE organisation = ?1 AND server_seq > max(?2, ?5) AND server_seq <= ?3
         AND (?4 IS NULL OR bucket IN (SELECT value FROM json_each(?4)))
         AND NOT EXISTS (SELECT 1 FROM records here
                         WHERE here.organisation = gone.organisation AND here.kind = gone.kind AND here.id = gone.id
                           AND (?4 IS NULL OR here.bucket IN (SELECT value FROM json_each(?4))))"
    };
}

/// Records and tombstones of the span, at most a page of them, in the order of their numbers.
///
/// # Errors
/// When the database fails.
pub async fn page(
    connection: &mut Connection,
    organisation: OrganisationId,
    scope: &Scope,
    span: Span,
) -> Result<Vec<Record>> {
    // The running sum ends the page in SQL, so that no more than a page is read.
    let sql = concat!(
        "SELECT id, server_seq, body FROM (
           SELECT id, server_seq, body,
                  sum(coalesce(length(CAST(body AS BLOB)), 0)) OVER (ORDER BY server_seq) AS bytes,
                  row_number() OVER (ORDER BY server_seq) AS n
           FROM (",
        visible!(),
        " ORDER BY server_seq LIMIT ?6))
         WHERE bytes <= ?7 OR n = 1"
    );
    let rows: Vec<(String, i64, Option<String>)> = sqlx::query_as(sql)
        .bind(organisation.to_string())
        .bind(number(span.after)?)
        .bind(number(span.until)?)
        .bind(buckets(scope))
        .bind(number(span.erased_after)?)
        .bind(i64::try_from(PAGE_RECORDS_MAX).unwrap_or(i64::MAX))
        .bind(i64::try_from(PULL_PAGE_BYTES_MAX).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    let record = |(id, server_seq, body): (String, i64, Option<String>)| {
        let body = body.map(RawValue::from_string).transpose();
        Ok(Record {
            kind: RecordKind::Dossier,
            id,
            server_seq: server_seq.unsigned_abs(),
            body: body.map_err(|error| Error::corrupt("a dossier")(&error))?,
            summary: None,
        })
    };
    rows.into_iter().map(record).collect()
}

/// How many records and tombstones the span holds.
///
/// # Errors
/// When the database fails.
pub async fn count(
    connection: &mut Connection,
    organisation: OrganisationId,
    scope: &Scope,
    span: Span,
) -> Result<u32> {
    let sql = concat!("SELECT count(*) FROM (", visible!(), ")");
    Ok(sqlx::query_scalar(sql)
        .bind(organisation.to_string())
        .bind(number(span.after)?)
        .bind(number(span.until)?)
        .bind(buckets(scope))
        .bind(number(span.erased_after)?)
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
