//! A dated statement of the ledger goes in: one fact, its rows beside it, all records, in one transaction (SYNC 35).

use crate::database::ledger::ImportRecord;
use crate::database::organisations::{self, OrganisationRecord};
use crate::database::{Connection, SqliteOffice, blobs, ledger, records, users};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{clock, files, office_fact};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tournee_documents::ledger::{
    File, Files, ImportError, ImportOptions, ImportPreview, Office as Asked, Prepared, prepare,
};
use tournee_domain::fact::{FactBody, ImportedFile, LedgerImported};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{BlobHash, ClientCode, Dossier, FactId};
use tournee_sync::office::{Dossiers, OfficeAuthor, OfficeFact};

/// The media type of imported rows among the blobs.
const ROWS_TYPE: &str = "application/vnd.tournee.rows+json";
const FILE_TYPE: &str = "text/csv";

/// A file as it was given.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files of one import, and what was decided about them.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub clients: Option<SourceFile>,
    pub invoices: Option<SourceFile>,
}

impl Source {
    fn files(&self) -> Files<'_> {
        fn file(source: &SourceFile) -> File<'_> {
            File {
                name: &source.name,
                bytes: &source.bytes,
            }
        }
        Files {
            clients: self.clients.as_ref().map(file),
            invoices: self.invoices.as_ref().map(file),
        }
    }

    fn all(&self) -> impl Iterator<Item = &SourceFile> {
        self.clients.iter().chain(&self.invoices)
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum LedgerImportError {
    #[error(transparent)]
    Refused(#[from] ImportError),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for LedgerImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What a commit did.
#[derive(Clone, Debug)]
pub struct Committed {
    /// `None` when nothing changed.
    pub fact_id: Option<FactId>,
    pub preview: ImportPreview,
}

/// What the import would do now.
///
/// # Errors
/// [`LedgerImportError`].
pub async fn preview(
    office: &Office,
    source: Arc<Source>,
    options: &ImportOptions,
    author: &OfficeAuthor,
) -> Result<ImportPreview, LedgerImportError> {
    let mut tx = office.database.read().await?;
    let organisation = organisations::required(&mut tx).await?;
    let dossiers = records::all_dossiers(&mut tx, organisation.id).await?;
    let portfolios = portfolios(&mut tx, &organisation).await?;
    drop(tx);
    let fact = office_fact::begin(author, &organisation);
    let merged = merge(dossiers, source, options, &organisation, portfolios, &fact).await?;
    Ok(merged.prepared.preview)
}

/// Takes the import in. The same id again is the same import; when nothing changed, no fact is written.
///
/// # Errors
/// [`LedgerImportError`]; nothing was changed then.
pub async fn commit(
    office: &Office,
    id: &str,
    source: Arc<Source>,
    options: &ImportOptions,
    author: &OfficeAuthor,
) -> Result<Committed, LedgerImportError> {
    // The writer's turn begins before anything is read: what was previewed may have changed since.
    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let organisation = store.record().clone();
    let tx = store.connection();
    if let Some(done) = ledger::import(tx, organisation.id, id).await? {
        return Ok(already_done(&done)?);
    }
    let dossiers = records::all_dossiers(tx, organisation.id).await?;
    let portfolios = portfolios(tx, &organisation).await?;
    let fact = office_fact::begin(author, &organisation);
    let merged = merge(
        dossiers,
        source.clone(),
        options,
        &organisation,
        portfolios,
        &fact,
    )
    .await?;
    let preview = merged.prepared.preview.clone();
    if merged.prepared.report.changed.is_empty() {
        return Ok(Committed {
            fact_id: None,
            preview,
        });
    }
    let fact_id = fact.id;
    let last = write(
        office,
        &mut store,
        &organisation,
        Entry {
            id,
            source: &source,
            options,
            fact,
        },
        merged,
    )
    .await?;
    store.commit().await?;
    office.announce(last);
    tracing::info!(
        clients = preview.clients_good,
        invoices = preview.invoices_good,
        bad_rows = preview.bad_rows.len(),
        "a statement was imported"
    );
    Ok(Committed {
        fact_id: Some(fact_id),
        preview,
    })
}

fn already_done(done: &ImportRecord) -> Result<Committed> {
    let corrupt = Error::corrupt("an import");
    Ok(Committed {
        fact_id: Some(done.fact_id.parse().map_err(|error| corrupt(&error))?),
        preview: serde_json::from_str(&done.preview).map_err(|error| corrupt(&error))?,
    })
}

/// Every portfolio some user carries.
async fn portfolios(
    connection: &mut Connection,
    organisation: &OrganisationRecord,
) -> Result<BTreeSet<PortfolioCode>> {
    let users = users::all(connection, organisation.id).await?;
    Ok(users
        .into_iter()
        .flat_map(|user| user.user.portfolios)
        .collect())
}

struct Merged {
    dossiers: Dossiers,
    prepared: Prepared,
}

/// Reading and merging take a core for a while: not one that answers requests.
async fn merge(
    dossiers: BTreeMap<ClientCode, Dossier>,
    source: Arc<Source>,
    options: &ImportOptions,
    organisation: &OrganisationRecord,
    portfolios: BTreeSet<PortfolioCode>,
    fact: &OfficeFact,
) -> Result<Merged, LedgerImportError> {
    let options = options.clone();
    let currency = organisation.currency;
    let today = clock::business_date(organisation.zone, clock::now());
    let authored = fact.authored();
    let work = move || {
        let mut dossiers = dossiers;
        let asked = Asked {
            currency,
            today,
            portfolios: &portfolios,
            authored: &authored,
        };
        let prepared = prepare(&mut dossiers, source.files(), &options, &asked)?;
        let mut dossiers = Dossiers::new(dossiers);
        dossiers.changed.clone_from(&prepared.report.changed);
        Ok(Merged { dossiers, prepared })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Corrupt(format!("merging a statement: {error}")))?
}

struct Entry<'a> {
    id: &'a str,
    source: &'a Source,
    options: &'a ImportOptions,
    fact: OfficeFact,
}

async fn write(
    office: &Office,
    store: &mut SqliteOffice,
    organisation: &OrganisationRecord,
    entry: Entry<'_>,
    merged: Merged,
) -> Result<u64> {
    let rows = serde_json::to_vec(&merged.prepared.rows)
        .map_err(|error| Error::corrupt("rows")(&error))?;
    let connection = store.connection();
    let rows = keep(office, connection, organisation, &rows, ROWS_TYPE).await?;
    let mut imported = Vec::new();
    for file in entry.source.all() {
        imported.push(ImportedFile {
            name: file.name.clone(),
            hash: keep(office, connection, organisation, &file.bytes, FILE_TYPE).await?,
            size_bytes: u32::try_from(file.bytes.len()).unwrap_or(u32::MAX),
        });
    }
    let preview = &merged.prepared.preview;
    let body = FactBody::LedgerImported(LedgerImported {
        statement_date: preview.statement_date,
        complete: merged.prepared.complete,
        files: imported,
        rows,
        clients: preview.clients_good,
        invoices: preview.invoices_good,
        portfolio_map: entry.options.portfolio_map.clone(),
    });
    let corrupt = Error::corrupt("an import");
    let record = ImportRecord {
        id: entry.id.to_owned(),
        fact_id: entry.fact.id.to_string(),
        author: entry.fact.author.name.clone(),
        body: serde_json::to_string(&body).map_err(|error| corrupt(&error))?,
        preview: serde_json::to_string(preview).map_err(|error| corrupt(&error))?,
        committed_at_ms: entry.fact.at.timestamp_millis(),
        undo: None,
    };
    ledger::note_import(connection, organisation.id, &record).await?;
    office_fact::record(office, store, &[(entry.fact, body)], merged.dossiers).await
}

/// Stores bytes among the blobs; should the transaction fail, a file that nothing names stays behind and does no harm.
async fn keep(
    office: &Office,
    connection: &mut Connection,
    organisation: &OrganisationRecord,
    bytes: &[u8],
    media_type: &str,
) -> Result<BlobHash> {
    let hash = files::store(&office.data, bytes)?.to_string();
    let size = bytes.len() as u64;
    blobs::verified(
        connection,
        organisation.id,
        &hash,
        media_type,
        size,
        clock::now_ms(),
    )
    .await?;
    Ok(BlobHash::new(&hash))
}
