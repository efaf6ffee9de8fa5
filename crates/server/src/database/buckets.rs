//! What lies in each portfolio, kept with every record that is written, for devices to compare with what they hold (SYNC 22).

use super::records::{DOSSIER, buckets};
use super::{Connection, write_rows};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use tournee_domain::{ClientCode, OrganisationId};
use tournee_sync::encoding::Hash;
use tournee_sync::office::Scope;
use tournee_sync::pull::{BucketSum, RecordKind, record_digest};

/// Records read at once.
const CHUNK: i64 = 500;

type SumRow = (String, u32, String);

fn read((bucket, records, sum): SumRow) -> Result<BucketSum> {
    let sum = sum.parse();
    Ok(BucketSum {
        bucket,
        records,
        sum: sum.map_err(|error| Error::corrupt("a sum")(&error))?,
    })
}

/// The sums of the scope's buckets.
///
/// # Errors
/// When the database fails.
pub async fn sums(
    connection: &mut Connection,
    organisation: OrganisationId,
    scope: &Scope,
) -> Result<Vec<BucketSum>> {
    within(connection, organisation, buckets(scope)).await
}

/// The sums of these buckets, a list in JSON; of all, when there is none.
async fn within(
    connection: &mut Connection,
    organisation: OrganisationId,
    buckets: Option<String>,
) -> Result<Vec<BucketSum>> {
    let rows: Vec<SumRow> = sqlx::query_as(
        "SELECT bucket, records, sum FROM bucket_sums
         WHERE organisation = ?1 AND (?2 IS NULL OR bucket IN (SELECT value FROM json_each(?2)))",
    )
    .bind(organisation.to_string())
    .bind(buckets)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(read).collect()
}

/// What writing some records does to the sums of their buckets.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<String, Change>);

#[derive(Default)]
struct Change {
    removed: Vec<Hash>,
    added: Vec<Hash>,
}

impl Changes {
    /// Of the records of these clients, which are about to be replaced.
    pub async fn replacing(
        connection: &mut Connection,
        organisation: OrganisationId,
        clients: impl Iterator<Item = &ClientCode>,
    ) -> Result<Self> {
        let codes: Vec<&str> = clients.map(ClientCode::as_str).collect();
        if codes.is_empty() {
            return Ok(Self::default());
        }
        let codes =
            serde_json::to_string(&codes).map_err(|error| Error::corrupt("codes")(&error))?;
        // One statement for all: an import stores every dossier.
        let former: Vec<(String, String)> = sqlx::query_as(
            "SELECT coalesce(bucket, ''), digest FROM records
             WHERE organisation = ? AND kind = ? AND id IN (SELECT value FROM json_each(?))",
        )
        .bind(organisation.to_string())
        .bind(DOSSIER)
        .bind(codes)
        .fetch_all(connection)
        .await?;
        let mut changes = Self::default();
        for (bucket, digest) in former {
            let digest = digest.parse();
            let digest = digest.map_err(|error| Error::corrupt("a digest")(&error))?;
            changes.0.entry(bucket).or_default().removed.push(digest);
        }
        Ok(changes)
    }

    pub fn add(&mut self, bucket: Option<&str>, digest: Hash) {
        let bucket = bucket.unwrap_or_default().to_owned();
        self.0.entry(bucket).or_default().added.push(digest);
    }

    pub async fn store(
        self,
        connection: &mut Connection,
        organisation: OrganisationId,
    ) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let buckets: Vec<&String> = self.0.keys().collect();
        let buckets =
            serde_json::to_string(&buckets).map_err(|error| Error::corrupt("buckets")(&error))?;
        let kept = within(connection, organisation, Some(buckets)).await?;
        let kept = kept.into_iter().map(|sum| (sum.bucket.clone(), sum));
        let mut kept: BTreeMap<String, BucketSum> = kept.collect();
        let changed = self.0.into_iter().map(|(bucket, change)| {
            let sum = kept.remove(&bucket);
            let mut sum = sum.unwrap_or_else(|| BucketSum::empty(&bucket));
            change
                .removed
                .into_iter()
                .for_each(|digest| sum.remove(digest));
            change.added.into_iter().for_each(|digest| sum.add(digest));
            sum
        });
        put(connection, organisation, changed.collect()).await
    }
}

/// The records of these clients are about to be erased.
///
/// # Errors
/// When the database fails.
pub async fn leave(
    connection: &mut Connection,
    organisation: OrganisationId,
    clients: impl Iterator<Item = &ClientCode>,
) -> Result<()> {
    let changes = Changes::replacing(connection, organisation, clients).await?;
    changes.store(connection, organisation).await
}

/// Computes digests and sums in data that was written before there were any: once, for then there are sums.
///
/// # Errors
/// When the database fails.
pub async fn begin(connection: &mut Connection) -> Result<()> {
    let is_due: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM records) AND NOT EXISTS (SELECT 1 FROM bucket_sums)",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !is_due {
        return Ok(());
    }
    let organisations: Vec<String> = sqlx::query_scalar("SELECT organisation FROM organisations")
        .fetch_all(&mut *connection)
        .await?;
    for organisation in organisations {
        let organisation = organisation.parse::<OrganisationId>();
        let organisation =
            organisation.map_err(|error| Error::corrupt("an organisation")(&error))?;
        let computed = digests(connection, organisation).await?;
        for (id, digest) in computed.rows {
            sqlx::query(
                "UPDATE records SET digest = ? WHERE organisation = ? AND kind = ? AND id = ?",
            )
            .bind(digest.to_string())
            .bind(organisation.to_string())
            .bind(DOSSIER)
            .bind(id)
            .execute(&mut *connection)
            .await?;
        }
        put(connection, organisation, computed.sums).await?;
    }
    Ok(())
}

/// Everything of an organisation, computed from nothing but the bodies.
pub struct Computed {
    /// Id and digest of each record, in the order of ids.
    pub rows: Vec<(String, Hash)>,
    pub sums: Vec<BucketSum>,
}

/// # Errors
/// When the database fails.
pub async fn digests(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Computed> {
    let mut rows: Vec<(String, Hash)> = Vec::new();
    let mut sums: BTreeMap<String, BucketSum> = BTreeMap::new();
    loop {
        let after = rows.last().map(|(id, _)| id.clone());
        let chunk: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT id, coalesce(bucket, ''), body FROM records
             WHERE organisation = ?1 AND kind = ?2 AND (?3 IS NULL OR id > ?3) ORDER BY id LIMIT ?4",
        )
        .bind(organisation.to_string())
        .bind(DOSSIER)
        .bind(after)
        .bind(CHUNK)
        .fetch_all(&mut *connection)
        .await?;
        if chunk.is_empty() {
            let sums = sums.into_values().collect();
            return Ok(Computed { rows, sums });
        }
        for (id, bucket, body) in chunk {
            let digest = record_digest(RecordKind::Dossier, &id, &body);
            let sum = sums.entry(bucket.clone());
            sum.or_insert_with(|| BucketSum::empty(&bucket)).add(digest);
            rows.push((id, digest));
        }
    }
}

/// Buckets whose kept sum is not what their records give.
///
/// # Errors
/// When the database fails.
pub async fn wrong(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<String>> {
    let by_bucket = |sums: Vec<BucketSum>| -> BTreeMap<String, BucketSum> {
        let sums = sums.into_iter().filter(|sum| sum.records > 0);
        sums.map(|sum| (sum.bucket.clone(), sum)).collect()
    };
    let kept = by_bucket(sums(connection, organisation, &Scope::All).await?);
    let computed = by_bucket(digests(connection, organisation).await?.sums);
    let all = kept.keys().chain(computed.keys());
    let mut wrong: Vec<String> = all
        .filter(|bucket| kept.get(*bucket) != computed.get(*bucket))
        .cloned()
        .collect();
    wrong.sort();
    wrong.dedup();
    Ok(wrong)
}

async fn put(
    connection: &mut Connection,
    organisation: OrganisationId,
    sums: Vec<BucketSum>,
) -> Result<()> {
    let of = organisation.to_string();
    write_rows(
        connection,
        (
            "INSERT INTO bucket_sums (organisation, bucket, records, sum) ",
            " ON CONFLICT (organisation, bucket) DO UPDATE SET records = excluded.records, sum = excluded.sum",
        ),
        sums,
        |values, sum| {
            values
                .push_bind(of.clone())
                .push_bind(sum.bucket)
                .push_bind(sum.records)
                .push_bind(sum.sum.to_string());
        },
    )
    .await
}
