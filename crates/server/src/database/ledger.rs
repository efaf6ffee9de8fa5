//! What goes to and comes from the accounting package: payments on their way, exports, imports.

use super::facts::number;
use super::{Connection, write_rows};
use crate::error::{Error, Result};
use sqlx::FromRow;
use std::collections::{BTreeSet, HashSet};
use tournee_domain::{ClientCode, FactId, OrganisationId};
use tournee_sync::office::{ExportEntry, NewFact};

/// A payment, or another fact that moved money, that was not exported yet.
#[derive(Clone, Debug)]
pub struct PendingPayment {
    /// The fact.
    pub payment: FactId,
    pub client: ClientCode,
}

/// Notes the facts that moved money in a dossier, until they are exported; one that was released before is noted already.
///
/// # Errors
/// When the database fails.
pub async fn note_payments(
    connection: &mut Connection,
    organisation: OrganisationId,
    facts: &[NewFact],
) -> Result<()> {
    let row = |fact: &NewFact| {
        let (id, client, payment) = (fact.fact_id?, fact.client.clone()?, fact.payment.clone()?);
        let server_seq = number(fact.server_seq);
        Some(server_seq.map(|server_seq| (id, client, server_seq, payment)))
    };
    let rows = facts.iter().filter_map(row).collect::<Result<Vec<_>>>()?;
    let organisation = organisation.to_string();
    write_rows(
        connection,
        (
            "INSERT INTO payments (organisation, payment, client, server_seq, operator_transaction) ",
            " ON CONFLICT (organisation, payment) DO NOTHING",
        ),
        rows,
        |values, (id, client, server_seq, payment)| {
            values
                .push_bind(organisation.clone())
                .push_bind(id.to_string())
                .push_bind(client.to_string())
                .push_bind(server_seq)
                .push_bind(payment.operator_transaction);
        },
    )
    .await
}

/// Which of these mobile money transactions are on stored payments other than these `ids`.
///
/// # Errors
/// When the database fails.
pub async fn known_transactions(
    connection: &mut Connection,
    organisation: OrganisationId,
    transactions: &[String],
    ids: &[FactId],
) -> Result<BTreeSet<String>> {
    let corrupt = Error::corrupt("transactions");
    let list = serde_json::to_string(transactions).map_err(|error| corrupt(&error))?;
    let ids = serde_json::to_string(ids).map_err(|error| corrupt(&error))?;
    let known: Vec<String> = sqlx::query_scalar(
        "SELECT operator_transaction FROM payments
         WHERE organisation = ? AND operator_transaction IN (SELECT value FROM json_each(?))
           AND payment NOT IN (SELECT value FROM json_each(?))",
    )
    .bind(organisation.to_string())
    .bind(list)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(known.into_iter().collect())
}

/// Payments not exported yet, in the order they arrived, at most `limit`.
///
/// # Errors
/// When the database fails.
pub async fn pending_payments(
    connection: &mut Connection,
    organisation: OrganisationId,
    limit: u32,
) -> Result<Vec<PendingPayment>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT payment, client FROM payments WHERE organisation = ? AND export IS NULL ORDER BY server_seq LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(payment, client)| {
            Ok(PendingPayment {
                payment: payment
                    .parse()
                    .map_err(|error| Error::corrupt("a payment")(&error))?,
                client: ClientCode::new(&client),
            })
        })
        .collect()
}

/// Every reallocation that had an effect, in the order they arrived.
///
/// # Errors
/// When the database fails.
pub async fn reallocations(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<FactId>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT p.payment FROM payments p JOIN facts f ON f.organisation = p.organisation AND f.fact_id = p.payment
         WHERE p.organisation = ? AND f.type_name = 'reallocated' ORDER BY p.server_seq",
    )
    .bind(organisation.to_string())
    .fetch_all(connection)
    .await?;
    let ids = rows.iter().map(|id| id.parse());
    ids.collect::<Result<_, _>>()
        .map_err(|error| Error::corrupt("a reallocation")(&error))
}

/// Which of these payments were exported.
///
/// # Errors
/// When the database fails.
pub async fn exported(
    connection: &mut Connection,
    organisation: OrganisationId,
    payments: &[FactId],
) -> Result<HashSet<FactId>> {
    let list =
        serde_json::to_string(payments).map_err(|error| Error::corrupt("payments")(&error))?;
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT payment FROM payments
         WHERE organisation = ? AND export IS NOT NULL AND payment IN (SELECT value FROM json_each(?))",
    )
    .bind(organisation.to_string())
    .bind(list)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|id| {
            id.parse()
                .map_err(|error| Error::corrupt("a payment")(&error))
        })
        .collect()
}

/// An export as stored.
#[derive(Clone, Debug, FromRow)]
pub struct ExportRecord {
    #[sqlx(rename = "export")]
    pub id: String,
    pub file_name: String,
    pub author: String,
    pub payments: u32,
    /// SHA-256 of the file, which lies among the blobs.
    pub file: String,
    pub exported_at_ms: i64,
}

impl From<ExportRecord> for ExportEntry {
    fn from(record: ExportRecord) -> Self {
        Self {
            id: record.id,
            file_name: record.file_name,
            exported_at_ms: record.exported_at_ms,
            author: record.author,
            payments: record.payments,
        }
    }
}

/// # Errors
/// When the database fails.
pub async fn note_export(
    connection: &mut Connection,
    organisation: OrganisationId,
    export: &ExportRecord,
    payments: &[FactId],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO exports (organisation, export, file_name, author, payments, file, exported_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(&export.id)
    .bind(&export.file_name)
    .bind(&export.author)
    .bind(export.payments)
    .bind(&export.file)
    .bind(export.exported_at_ms)
    .execute(&mut *connection)
    .await?;
    let list =
        serde_json::to_string(payments).map_err(|error| Error::corrupt("payments")(&error))?;
    sqlx::query(
        "UPDATE payments SET export = ? WHERE organisation = ? AND payment IN (SELECT value FROM json_each(?))",
    )
    .bind(&export.id)
    .bind(organisation.to_string())
    .bind(list)
    .execute(connection)
    .await?;
    Ok(())
}

/// Newest first.
///
/// # Errors
/// When the database fails.
pub async fn exports(
    connection: &mut Connection,
    organisation: OrganisationId,
    limit: u32,
) -> Result<Vec<ExportRecord>> {
    Ok(sqlx::query_as(
        "SELECT export, file_name, author, payments, file, exported_at_ms FROM exports
         WHERE organisation = ? ORDER BY exported_at_ms DESC, export DESC LIMIT ?",
    )
    .bind(organisation.to_string())
    .bind(limit)
    .fetch_all(connection)
    .await?)
}

/// # Errors
/// When the database fails.
pub async fn export(
    connection: &mut Connection,
    organisation: OrganisationId,
    id: &str,
) -> Result<Option<ExportRecord>> {
    Ok(sqlx::query_as(
        "SELECT export, file_name, author, payments, file, exported_at_ms FROM exports
         WHERE organisation = ? AND export = ?",
    )
    .bind(organisation.to_string())
    .bind(id)
    .fetch_optional(connection)
    .await?)
}

/// A committed import as stored.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    pub id: String,
    pub fact_id: String,
    pub author: String,
    /// JSON of the fact's body.
    pub body: String,
    /// JSON of the preview it was committed with.
    pub preview: String,
    pub committed_at_ms: i64,
    /// It counts as never made.
    pub undo: Option<Undo>,
}

/// By which fact, by whom and why an import was undone.
#[derive(Clone, Debug)]
pub struct Undo {
    pub fact_id: String,
    pub at_ms: i64,
    pub author: String,
    pub reason: String,
}

#[derive(FromRow)]
struct ImportRow {
    import: String,
    fact_id: String,
    author: String,
    body: String,
    preview: String,
    committed_at_ms: i64,
    undo_fact: Option<String>,
    undone_at_ms: Option<i64>,
    undone_by: String,
    undo_reason: String,
}

impl From<ImportRow> for ImportRecord {
    fn from(row: ImportRow) -> Self {
        Self {
            id: row.import,
            fact_id: row.fact_id,
            author: row.author,
            body: row.body,
            preview: row.preview,
            committed_at_ms: row.committed_at_ms,
            undo: row.undo_fact.map(|fact_id| Undo {
                fact_id,
                at_ms: row.undone_at_ms.unwrap_or_default(),
                author: row.undone_by,
                reason: row.undo_reason,
            }),
        }
    }
}

/// Imports in the order of their facts; the condition and the order follow.
macro_rules! select_imports {
    ($preview:literal, $rest:literal) => {
        concat!(
            "SELECT i.import, i.fact_id, i.author, i.body, ",
            $preview,
            " AS preview, i.committed_at_ms, i.undo_fact, i.undone_at_ms, i.undone_by, i.undo_reason
             FROM imports i JOIN facts f ON f.organisation = i.organisation AND f.fact_id = i.fact_id
             WHERE i.organisation = ? ",
            $rest
        )
    };
}

/// # Errors
/// When the database fails.
pub async fn note_import(
    connection: &mut Connection,
    organisation: OrganisationId,
    import: &ImportRecord,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO imports (organisation, import, fact_id, author, body, preview, committed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(&import.id)
    .bind(&import.fact_id)
    .bind(&import.author)
    .bind(&import.body)
    .bind(&import.preview)
    .bind(import.committed_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// # Errors
/// When the database fails.
pub async fn import(
    connection: &mut Connection,
    organisation: OrganisationId,
    id: &str,
) -> Result<Option<ImportRecord>> {
    let row: Option<ImportRow> = sqlx::query_as(select_imports!("i.preview", "AND i.import = ?"))
        .bind(organisation.to_string())
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(ImportRecord::from))
}

/// The latest that was not undone.
///
/// # Errors
/// When the database fails.
pub async fn latest_import(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Option<ImportRecord>> {
    let sql = select_imports!(
        "''",
        "AND i.undo_fact IS NULL ORDER BY f.server_seq DESC LIMIT 1"
    );
    let row: Option<ImportRow> = sqlx::query_as(sql)
        .bind(organisation.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(ImportRecord::from))
}

/// Newest first.
///
/// # Errors
/// When the database fails.
pub async fn imports(
    connection: &mut Connection,
    organisation: OrganisationId,
    limit: u32,
) -> Result<Vec<ImportRecord>> {
    let sql = select_imports!("''", "ORDER BY f.server_seq DESC LIMIT ?");
    let rows: Vec<ImportRow> = sqlx::query_as(sql)
        .bind(organisation.to_string())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(ImportRecord::from).collect())
}

/// # Errors
/// When the database fails.
pub async fn note_undo(
    connection: &mut Connection,
    organisation: OrganisationId,
    id: &str,
    undo: &Undo,
) -> Result<()> {
    sqlx::query(
        "UPDATE imports SET undo_fact = ?, undone_at_ms = ?, undone_by = ?, undo_reason = ?
         WHERE organisation = ? AND import = ?",
    )
    .bind(&undo.fact_id)
    .bind(undo.at_ms)
    .bind(&undo.author)
    .bind(&undo.reason)
    .bind(organisation.to_string())
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
