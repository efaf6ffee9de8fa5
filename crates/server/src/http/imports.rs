//! `/imports`: the ledger's files are uploaded, looked at, and taken in (PRODUCT L1, L2).

use super::extract::{Json, Path, Session, declared_bytes, given_reason, named};
use super::{App, Problem};
use crate::database::ledger;
use crate::error::Error;
use crate::import_undo::{self, UndoRefused};
use crate::ledger_import::{self, LedgerImportError};
use crate::random;
use crate::staging::{self, CLIENTS, INVOICES, Names, STAGED_IMPORTS_MAX, Staged};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tournee_documents::ledger::{FILE_BYTES_MAX, ImportError, ImportOptions, ImportPreview};
use tournee_domain::statement::MergeError;
use tournee_sync::enrol::Role;
use tournee_sync::office::{ImportEntry, ImportResponse, UndoReport, UndoRequest};
use uuid::Uuid;

/// Both files and what multipart adds.
pub const UPLOAD_MAX_BYTES: usize = 2 * FILE_BYTES_MAX + 1024 * 1024;
const OPTIONS_MAX_BYTES: usize = 256 * 1024;
const NAME_MAX_CHARS: usize = 200;
/// Lines of the history.
const LISTED_MAX: u32 = 200;

type Answer = Result<axum::Json<ImportResponse<ImportPreview>>, Problem>;

fn may(session: &Session) -> Result<(), Problem> {
    session.require(Role::keeps_ledger, "import statements")
}

/// `POST /imports`: the files stay until they are committed or discarded; a file that cannot be read yet stays too, for
/// other options may help.
///
/// # Errors
/// 403; 413 naming the limit; 422 with the file's fault and the upload's id.
pub async fn upload(State(app): State<App>, session: Session, request: Request) -> Answer {
    may(&session)?;
    staging::sweep(&app.office.data, STAGED_IMPORTS_MAX - 1)?;
    if declared_bytes(&request) > UPLOAD_MAX_BYTES as u64 {
        return Err(too_large(None));
    }
    let mut form = Multipart::from_request(request, &app)
        .await
        .map_err(|rejection| Problem::bad_request("body", rejection.body_text()))?;
    let staged = Staged::create(&app.office.data, random::uuid())?;
    let received = receive(&staged, &mut form).await;
    let options = match received {
        Ok(options) => options,
        Err(problem) => {
            staged.discard()?;
            return Err(problem);
        }
    };
    look(&app, &session, &staged, &options).await
}

fn too_large(field: Option<&str>) -> Problem {
    Problem::too_large(field.unwrap_or("body"), FILE_BYTES_MAX)
}

async fn receive(staged: &Staged, form: &mut Multipart) -> Result<ImportOptions, Problem> {
    let mut names = Names::default();
    let mut options = ImportOptions::default();
    while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
        match part.name().unwrap_or_default() {
            CLIENTS => names.clients = write(staged, CLIENTS, part).await?,
            INVOICES => names.invoices = write(staged, INVOICES, part).await?,
            "options" => {
                let text = part.text().await.map_err(|error| broken(&error))?;
                if text.len() > OPTIONS_MAX_BYTES {
                    return Err(Problem::too_large("options", OPTIONS_MAX_BYTES));
                }
                options = named(
                    Some("options"),
                    &mut serde_json::Deserializer::from_str(&text),
                )?;
            }
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(Problem::bad_request(
                    &other,
                    "the parts are clients, invoices and options",
                ));
            }
        }
    }
    if names.clients.is_none() && names.invoices.is_none() {
        return Err(no_file(&ImportError::NoFile));
    }
    staged.finish(&names)?;
    Ok(options)
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large(None)
    } else {
        Problem::bad_request("body", error.body_text())
    }
}

/// Streams one file to disk. Returns its name, or `None` for a part without a file.
async fn write(
    staged: &Staged,
    table: &'static str,
    part: Field<'_>,
) -> Result<Option<String>, Problem> {
    let name: String = part
        .file_name()
        .unwrap_or_default()
        .chars()
        .take(NAME_MAX_CHARS)
        .collect();
    let path = staged.file(table);
    let failed = |error| Problem::from(Error::file("cannot write", &path)(error));
    let mut file = tokio::fs::File::create(&path).await.map_err(&failed)?;
    let mut size = 0;
    let mut part = part;
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        size += chunk.len();
        if size > FILE_BYTES_MAX {
            return Err(too_large(Some(table)));
        }
        file.write_all(&chunk).await.map_err(&failed)?;
    }
    file.flush().await.map_err(failed)?;
    // A form's empty file input sends a part without name and bytes.
    Ok((!name.is_empty() || size > 0).then_some(name))
}

async fn look(app: &App, session: &Session, staged: &Staged, options: &ImportOptions) -> Answer {
    let source = Arc::new(staged.read()?);
    let preview = ledger_import::preview(&app.office, source, options, &session.author())
        .await
        .map_err(|error| refused(error, staged.id))?;
    Ok(axum::Json(ImportResponse {
        id: staged.id.to_string(),
        preview,
        fact_id: None,
    }))
}

fn find(app: &App, id: Uuid) -> Result<Staged, Problem> {
    Staged::find(&app.office.data, id).ok_or_else(|| {
        Problem::not_found("no such upload: it was committed, discarded or abandoned; upload again")
    })
}

/// `POST /imports/{id}/preview`: the same files with other options.
///
/// # Errors
/// 403; 404; 422.
pub async fn preview(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    Json(options): Json<ImportOptions>,
) -> Answer {
    may(&session)?;
    look(&app, &session, &find(&app, id)?, &options).await
}

/// `POST /imports/{id}/commit`: everything or nothing. Asked twice, it happens once.
///
/// # Errors
/// 403; 404; 422.
pub async fn commit(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    Json(options): Json<ImportOptions>,
) -> Answer {
    may(&session)?;
    let staged = Staged::find(&app.office.data, id);
    let source = match &staged {
        Some(staged) => staged.read()?,
        // Its answer may have been lost on the way: a committed import answers again without its files.
        None => committed_before(&app, &session, id).await?,
    };
    let key = id.to_string();
    let committed = ledger_import::commit(
        &app.office,
        &key,
        Arc::new(source),
        &options,
        &session.author(),
    )
    .await
    .map_err(|error| refused(error, id))?;
    if let Some(staged) = staged {
        staged.discard()?;
    }
    Ok(axum::Json(ImportResponse {
        id: key,
        preview: committed.preview,
        fact_id: committed.fact_id,
    }))
}

async fn committed_before(
    app: &App,
    session: &Session,
    id: Uuid,
) -> Result<ledger_import::Source, Problem> {
    let mut tx = app.office.database.read().await?;
    ledger::import(&mut tx, session.organisation.id, &id.to_string())
        .await?
        .map(|_| ledger_import::Source::default())
        .ok_or_else(|| Problem::not_found("no such upload: upload again"))
}

/// `DELETE /imports/{id}`.
///
/// # Errors
/// 403; 404.
pub async fn discard(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    may(&session)?;
    find(&app, id)?.discard()?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /imports`: what went in, newest first.
///
/// # Errors
/// 403 for roles that do not see all.
pub async fn history(
    State(app): State<App>,
    session: Session,
) -> Result<axum::Json<Vec<ImportEntry>>, Problem> {
    session.require(Role::sees_all, "see imports")?;
    Ok(axum::Json(
        import_undo::list(&app.office, LISTED_MAX).await?,
    ))
}

/// `POST /imports/{id}/undo`: the latest import counts as never made.
///
/// # Errors
/// 400 `reason`; 403; 404; 409 `already_undone`, or `not_latest` with the `latest` one.
pub async fn undo(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    Json(request): Json<UndoRequest>,
) -> Result<axum::Json<UndoReport>, Problem> {
    session.require(Role::keeps_ledger, "undo imports")?;
    let reason = given_reason(&request.reason)?;
    let author = session.author();
    let report = import_undo::undo(&app.office, &id.to_string(), &author, reason).await?;
    Ok(axum::Json(report))
}

impl From<UndoRefused> for Problem {
    fn from(error: UndoRefused) -> Self {
        let detail = error.to_string();
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title, &detail);
        match error {
            UndoRefused::Unknown(_) => Self::not_found(detail),
            UndoRefused::AlreadyUndone(_) => conflict("already_undone", "It was undone before"),
            UndoRefused::NotLatest(latest) => {
                conflict("not_latest", "A later import rests on this one")
                    .with("latest", serde_json::to_value(latest).unwrap_or_default())
            }
            UndoRefused::Failed(error) => error.into(),
        }
    }
}

fn no_file(refusal: &ImportError) -> Problem {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(
        status,
        "import_file",
        "No file was given",
        refusal.to_string(),
    )
    .field("clients")
    .code("no_file")
}

/// The fault of the files or of the statement, so that a page can ask again.
fn refused(error: LedgerImportError, id: Uuid) -> Problem {
    let refusal = match error {
        LedgerImportError::Failed(error) => return error.into(),
        LedgerImportError::Refused(refusal) => refusal,
    };
    let detail = refusal.to_string();
    let problem = |kind, title| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, kind, title, detail)
            .with("id", id.to_string().into())
    };
    match &refusal {
        ImportError::NoFile => no_file(&refusal),
        ImportError::File { table, error } => problem("import_file", "The file cannot be read")
            .field(&table.to_string())
            .code(error.code())
            .with("error", serde_json::to_value(error).unwrap_or_default()),
        ImportError::FutureStatement { .. } => {
            problem("import_refused", "The statement cannot go in")
                .field("statement_date")
                .code("future_statement")
        }
        ImportError::NothingListed => problem("import_refused", "The statement cannot go in")
            .field("complete")
            .code("nothing_listed"),
        ImportError::Merge(error) => {
            problem("import_refused", "The statement cannot go in").code(match error {
                MergeError::OlderThanLatest { .. } => "older_than_latest",
                MergeError::UnknownClient { .. } => "unknown_client",
                MergeError::RepeatedInvoice { .. } => "repeated_invoice",
                MergeError::RepeatedClient { .. } => "repeated_client",
                MergeError::CurrencyChanged { .. } => "currency_changed",
            })
        }
    }
}
