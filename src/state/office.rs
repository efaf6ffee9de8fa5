//! Questions only the office can answer, for its own roles and online (issue 2, §8).

use super::api;
use super::types::OfficeError;
use crate::browser::network::{Body, send};
use crate::browser::{files, upload};
use gloo_net::http::Method;
use tournee_documents::ledger::{ImportOptions, ImportPreview};
use tournee_domain::FactId;
use tournee_sync::office::{
    Activity, Attention, ExportEntry, ExportRequest, ExportResponse, ImportEntry, ImportResponse,
};
use web_sys::{File, FormData};

/// Entries of one page of activity.
const ACTIVITY_PAGE: u32 = 50;
/// Two files of 50 MB over a slow line.
const UPLOAD_TIMEOUT_MS: u32 = 600_000;
/// Merging a large file takes its time.
const IMPORT_TIMEOUT_MS: u32 = 120_000;

type Result<T> = std::result::Result<T, OfficeError>;

pub async fn activity(before: Option<u64>) -> Result<Activity> {
    let before = before
        .map(|seq| format!("&before={seq}"))
        .unwrap_or_default();
    Ok(api::get(&format!("activity?limit={ACTIVITY_PAGE}{before}")).await?)
}

pub async fn attention() -> Result<Attention> {
    Ok(api::get("attention").await?)
}

/// Uploads one import's files and gives its id and first preview.
pub async fn import_upload(
    clients: Option<File>,
    invoices: Option<File>,
    options: &ImportOptions,
    progress: impl Fn(u8) + 'static,
) -> Result<(String, ImportPreview)> {
    let form = import_form(clients, invoices, options).ok_or(OfficeError::Offline)?;
    let path = api::path("imports");
    let answer = upload::post_form(&path, &form, UPLOAD_TIMEOUT_MS, progress).await;
    let answer = answer.map_err(api::unanswered)?;
    let response: ImportResponse<ImportPreview> = api::read(&answer)?;
    Ok((response.id, response.preview))
}

fn import_form(
    clients: Option<File>,
    invoices: Option<File>,
    options: &ImportOptions,
) -> Option<FormData> {
    let form = FormData::new().ok()?;
    let json = serde_json::to_vec(options).ok()?;
    let options = files::blob(&json, "application/json").ok()?;
    form.append_with_blob("options", &options).ok()?;
    for (name, file) in [("clients", clients), ("invoices", invoices)] {
        if let Some(file) = file {
            form.append_with_blob_and_filename(name, &file, &file.name())
                .ok()?;
        }
    }
    Some(form)
}

/// The preview under other options.
pub async fn import_preview(id: &str, options: &ImportOptions) -> Result<ImportPreview> {
    let response: ImportResponse<ImportPreview> =
        post_import(&format!("imports/{id}/preview"), options).await?;
    Ok(response.preview)
}

/// Takes the good rows in; no fact when they change nothing.
pub async fn import_commit(
    id: &str,
    options: &ImportOptions,
) -> Result<(Option<FactId>, ImportPreview)> {
    let response: ImportResponse<ImportPreview> =
        post_import(&format!("imports/{id}/commit"), options).await?;
    Ok((response.fact_id, response.preview))
}

async fn post_import(
    resource: &str,
    options: &ImportOptions,
) -> Result<ImportResponse<ImportPreview>> {
    let json = serde_json::to_string(options).unwrap_or_default();
    let path = api::path(resource);
    let answer = send(Method::POST, &path, Body::Json(json), IMPORT_TIMEOUT_MS).await;
    Ok(api::read(&answer.map_err(api::unanswered)?)?)
}

pub async fn import_discard(id: &str) -> Result<()> {
    Ok(api::delete(&format!("imports/{id}")).await?)
}

/// Imports so far, newest first.
pub async fn imports() -> Result<Vec<ImportEntry>> {
    Ok(api::get("imports").await?)
}

/// Exports every payment not exported yet.
pub async fn export_payments(language: &str) -> Result<ExportResponse> {
    let request = ExportRequest {
        language: language.to_owned(),
    };
    Ok(api::post("exports/payments", &request).await?)
}

/// Exports so far, newest first.
pub async fn exports() -> Result<Vec<ExportEntry>> {
    Ok(api::get("exports").await?)
}
