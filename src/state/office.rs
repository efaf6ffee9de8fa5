//! Questions only the office can answer, for its own roles and online (issue 2, §8).

use super::api;
use super::app::App;
use super::types::OfficeError;
use crate::browser::network::{Body, send};
use crate::browser::{files, upload};
use gloo_net::http::Method;
use leptos::prelude::GetUntracked;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tournee_documents::ledger::{ImportOptions, ImportPreview};
use tournee_domain::FactId;
use tournee_domain::format::Language;
use tournee_sync::office::{
    Activity, DecisionRequest, DeviceReport, ExportEntry, ExportRequest, ExportResponse,
    ImportEntry, ImportResponse, QuarantineEntry,
};
use tournee_sync::push::FactStatus;
use tournee_sync::rescue::RescuedPayment;
use web_sys::{File, FormData};

/// Entries of one page of activity.
const ACTIVITY_PAGE: u32 = 50;
/// Two files of 50 MB over a slow line.
const UPLOAD_TIMEOUT_MS: u32 = 600_000;
/// Merging or undoing a large import takes its time.
const LONG_TIMEOUT_MS: u32 = 120_000;

/// What the screens show of a `RescueReport`.
#[derive(Clone, PartialEq, Deserialize)]
pub struct RescueTold {
    pub label: String,
    pub facts: Vec<RescuedFact>,
    pub blobs: usize,
    pub blobs_left_out: usize,
}

#[derive(Clone, PartialEq, Deserialize)]
pub struct RescuedFact {
    pub status: FactStatus,
    pub payment: Option<RescuedPayment>,
}

type Result<T> = std::result::Result<T, OfficeError>;

/// Every one of these may fail with any [`OfficeError`]; then nothing has changed at the office.
impl App {
    /// What happened in the field and at the office, newest first.
    pub async fn activity(&self, before: Option<u64>) -> Result<Activity> {
        let before = before
            .map(|seq| format!("&before={seq}"))
            .unwrap_or_default();
        Ok(api::get(&format!("activity?limit={ACTIVITY_PAGE}{before}")).await?)
    }

    /// Every device of the organisation, by label.
    pub async fn devices(&self) -> Result<Vec<DeviceReport>> {
        Ok(api::get("devices").await?)
    }

    /// What was set aside, newest first.
    pub async fn quarantine(&self) -> Result<Vec<QuarantineEntry>> {
        Ok(api::get("quarantine").await?)
    }

    /// Says `word` about something the office looks after, and why: `devices/{id}/revoke`, `quarantine/{id}/dismiss`…
    pub async fn decide<T: DeserializeOwned>(&self, resource: &str, reason: String) -> Result<T> {
        post_long(resource, &DecisionRequest { reason }).await
    }

    /// Brings an emergency file of a device; `progress` is in percent.
    pub async fn bring_rescue(
        &self,
        file: File,
        progress: impl Fn(u8) + 'static,
    ) -> Result<RescueTold> {
        let path = api::path("rescue");
        let answer = upload::post(&path, &file, UPLOAD_TIMEOUT_MS, progress).await;
        let report = api::read(&answer.map_err(api::unanswered)?)?;
        self.engine().wake();
        Ok(report)
    }

    /// Uploads the files of an import and gives its id and first preview; `progress` is in percent. A refusal names the file
    /// at fault in its problem's `field`.
    pub async fn import_upload(
        &self,
        clients: Option<File>,
        invoices: Option<File>,
        options: &ImportOptions,
        progress: impl Fn(u8) + 'static,
    ) -> Result<(String, ImportPreview)> {
        let form = import_form(clients, invoices, options).ok_or(OfficeError::Offline)?;
        let path = api::path("imports");
        let answer = upload::post(&path, &form, UPLOAD_TIMEOUT_MS, progress).await;
        let answer = answer.map_err(api::unanswered)?;
        let response: ImportResponse<ImportPreview> = api::read(&answer)?;
        Ok((response.id, response.preview))
    }

    /// The same files under other options.
    pub async fn import_preview(&self, id: &str, options: &ImportOptions) -> Result<ImportPreview> {
        let response: ImportResponse<ImportPreview> =
            post_long(&format!("imports/{id}/preview"), options).await?;
        Ok(response.preview)
    }

    /// Takes the good rows in; no fact when they change nothing.
    pub async fn import_commit(
        &self,
        id: &str,
        options: &ImportOptions,
    ) -> Result<(Option<FactId>, ImportPreview)> {
        let response: ImportResponse<ImportPreview> =
            post_long(&format!("imports/{id}/commit"), options).await?;
        self.engine().wake();
        Ok((response.fact_id, response.preview))
    }

    /// Gives an import up.
    pub async fn import_discard(&self, id: &str) -> Result<()> {
        Ok(api::delete(&format!("imports/{id}")).await?)
    }

    /// Imports so far, newest first.
    pub async fn imports(&self) -> Result<Vec<ImportEntry>> {
        Ok(api::get("imports").await?)
    }

    /// Exports every payment not exported yet, and marks them.
    pub async fn export_payments(&self) -> Result<ExportResponse> {
        let language = match self.language().get_untracked() {
            Language::Fr => "fr",
            Language::En => "en",
        };
        let request = ExportRequest {
            language: language.to_owned(),
        };
        let exported = api::post("exports/payments", &request).await?;
        self.engine().wake();
        Ok(exported)
    }

    /// Exports so far, newest first.
    pub async fn exports(&self) -> Result<Vec<ExportEntry>> {
        Ok(api::get("exports").await?)
    }
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

/// Posts what the office works at for a while.
async fn post_long<T: DeserializeOwned>(resource: &str, request: &impl Serialize) -> Result<T> {
    let json = serde_json::to_string(request).unwrap_or_default();
    let path = api::path(resource);
    let answer = send(Method::POST, &path, Body::Json(json), LONG_TIMEOUT_MS).await;
    Ok(api::read(&answer.map_err(api::unanswered)?)?)
}
