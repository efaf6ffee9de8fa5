//! `/exports`: payments leave for the accounting package.

use super::extract::{Json, Path, Session};
use super::{App, Problem};
use crate::database::ledger;
use crate::payments_export;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tournee_domain::format::Language;
use tournee_sync::enrol::Role;
use tournee_sync::office::{ExportEntry, ExportRequest, ExportResponse, OfficeAuthor};

/// Lines of the list.
const LISTED_MAX: u32 = 200;

/// The language of that code.
///
/// # Errors
/// 400 naming the field.
fn language(code: &str) -> Result<Language, Problem> {
    match code {
        "fr" => Ok(Language::Fr),
        "en" => Ok(Language::En),
        _ => Err(Problem::bad_request("language", "fr or en")),
    }
}

/// `POST /exports/payments`: what was not exported yet; nothing is no error.
///
/// # Errors
/// 403 for roles that do not keep the ledger.
pub async fn export(
    State(app): State<App>,
    session: Session,
    Json(request): Json<ExportRequest>,
) -> Result<axum::Json<ExportResponse>, Problem> {
    session.require(Role::keeps_ledger, "export payments")?;
    let language = language(&request.language)?;
    let author = session.author();
    let exported = payments_export::export(&app.office, &author, language).await?;
    let (id, file_name, payments) = exported
        .record
        .map(|record| (record.id, record.file_name, record.payments))
        .unwrap_or_default();
    Ok(axum::Json(ExportResponse {
        id,
        file_name,
        payments,
        csv: exported.csv,
    }))
}

/// `GET /exports`, newest first.
///
/// # Errors
/// 403 for roles that do not see all.
pub async fn list(
    State(app): State<App>,
    session: Session,
) -> Result<axum::Json<Vec<ExportEntry>>, Problem> {
    session.require(Role::sees_all, "see exports")?;
    let mut tx = app.office.database.read().await?;
    let exports = ledger::exports(&mut tx, session.organisation.id, LISTED_MAX).await?;
    Ok(axum::Json(
        exports.into_iter().map(ExportEntry::from).collect(),
    ))
}

/// `GET /exports/{id}`: the same bytes again.
///
/// # Errors
/// 403 for roles that do not see all; 404.
pub async fn again(
    State(app): State<App>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    session.require(Role::sees_all, "see exports")?;
    let mut tx = app.office.database.read().await?;
    let record = ledger::export(&mut tx, session.organisation.id, &id)
        .await?
        .ok_or_else(|| Problem::not_found("no such export"))?;
    let bytes = payments_export::again(&app.office, &record)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", record.file_name),
        ),
    ];
    Ok((headers, bytes).into_response())
}

impl Session {
    /// The person signed in, as author of the office's facts.
    pub fn author(&self) -> OfficeAuthor {
        OfficeAuthor {
            user: self.user.user.id,
            name: self.user.user.name.clone(),
        }
    }
}
