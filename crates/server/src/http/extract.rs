//! What handlers take from a request: a JSON body whose faults are named, and who is signed in.

use super::session::token_of;
use super::{App, Problem};
use crate::clock;
use crate::database::organisations::{self, OrganisationRecord};
use crate::database::sessions;
use crate::database::users::{self, UserRecord};
use crate::error::Error;
use crate::office::Office;
use axum::body::{Body, BodyDataStream};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::sync::Mutex;
use tournee_domain::OrganisationId;
use tournee_sync::enrol::Role;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Problem> {
        let bytes = body(request).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        named(None, &mut json).map(Self)
    }
}

/// JSON whose faults are named, each field after the part of the request it stands in; nothing may follow the JSON.
pub fn named<'de, T: DeserializeOwned>(
    part: Option<&str>,
    json: &mut serde_json::Deserializer<impl serde_json::de::Read<'de>>,
) -> Result<T, Problem> {
    let fault = |field: Option<&str>, why: String| {
        let names: Vec<&str> = part.into_iter().chain(field).collect();
        let field = if names.is_empty() {
            "body".to_owned()
        } else {
            names.join(".")
        };
        Problem::bad_request(&field, why)
    };
    let value = serde_path_to_error::deserialize(&mut *json).map_err(|error| {
        let why = error.inner().to_string();
        fault(
            field_at_fault(&error.path().to_string(), &why).as_deref(),
            why,
        )
    })?;
    json.end().map_err(|error| fault(None, error.to_string()))?;
    Ok(value)
}

/// What stands in the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let taken: Result<axum::extract::Path<T>, PathRejection> =
            <axum::extract::Path<T> as FromRequestParts<App>>::from_request_parts(parts, app).await;
        taken
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|rejection| Problem::bad_request("id", rejection.body_text()))
    }
}

/// What stands behind the question mark.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        axum::extract::Query::from_request_parts(parts, app)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| {
                let why = rejection.body_text();
                // « Failed to deserialize query string: limit: invalid digit »
                let mut words = why.split(": ").skip(1);
                let field = words.next().unwrap_or("query").to_owned();
                Problem::bad_request(&field, why)
            })
    }
}

/// A field that is missing or there twice is named by the message only; `None` when the whole is at fault.
fn field_at_fault(path: &str, why: &str) -> Option<String> {
    let told = ["missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| why.strip_prefix(start)?.split('`').next());
    let path = (!matches!(path, "." | "?")).then_some(path);
    let names: Vec<&str> = path.into_iter().chain(told).collect();
    (!names.is_empty()).then(|| names.join("."))
}

const REASON_MAX_CHARS: usize = 500;

/// Why somebody at the office does something, without the blanks around it.
///
/// # Errors
/// 400 `reason` when it is too long.
pub fn reason(text: &str) -> Result<&str, Problem> {
    let reason = text.trim();
    if reason.chars().count() > REASON_MAX_CHARS {
        let detail = format!("say why in at most {REASON_MAX_CHARS} characters");
        return Err(Problem::bad_request("reason", detail));
    }
    Ok(reason)
}

/// The same where it has to be said.
///
/// # Errors
/// 400 `reason` when it is empty, too.
pub fn given_reason(text: &str) -> Result<&str, Problem> {
    let reason = reason(text)?;
    if reason.is_empty() {
        return Err(Problem::bad_request("reason", "say why"));
    }
    Ok(reason)
}

/// How many bytes a route takes.
#[derive(Clone, Copy)]
pub struct BodyMax(pub usize);

/// Bytes of a body nobody took that are read and forgotten.
const DRAINED_MAX_BYTES: u64 = 512 * 1024 * 1024;

/// The whole body, as long as its route allows.
pub async fn body(request: Request) -> Result<Vec<u8>, Problem> {
    let BodyMax(max_bytes) = request
        .extensions()
        .get()
        .copied()
        .unwrap_or(BodyMax(super::REQUEST_MAX_BYTES));
    let too_large = || Problem::too_large("body", max_bytes);
    if declared_bytes(&request) > max_bytes as u64 {
        return Err(too_large());
    }
    let mut whole = Vec::new();
    let mut body = request.into_body().into_data_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Problem::bad_request("body", error.to_string()))?;
        if whole.len() + chunk.len() > max_bytes {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// Reads on what its handler left of a body, and keeps nothing of it. A sender who is cut off while sending never sees why,
/// and an answer that leaves a body unread makes the server close the connection under the next request on it.
pub async fn drain_what_is_left(request: Request, next: Next) -> Response {
    let declared = declared_bytes(&request);
    // Who asked whether to send at all needs no draining.
    let asks = request.headers().contains_key(header::EXPECT);
    if asks || declared > DRAINED_MAX_BYTES {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let left = Arc::new(Mutex::new(body.into_data_stream()));
    let taken = futures::stream::unfold(left.clone(), |left| async {
        let chunk = left.lock().await.next().await?;
        Some((chunk, left))
    });
    let request = Request::from_parts(parts, Body::from_stream(taken));
    let response = next.run(request).await;
    // Whoever sends no more is not waited for longer than any request may take.
    let _ = tokio::time::timeout(super::REQUEST_MAX, drain(left)).await;
    response
}

async fn drain(left: Arc<Mutex<BodyDataStream>>) {
    let mut left = left.lock().await;
    let mut bytes = 0;
    while let Some(Ok(chunk)) = left.next().await {
        bytes += chunk.len() as u64;
        if bytes > DRAINED_MAX_BYTES {
            return;
        }
    }
}

/// The length the request names; 0 when it names none.
pub fn declared_bytes(request: &Request) -> u64 {
    let header = request.headers().get(header::CONTENT_LENGTH);
    header
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

/// Who is signed in, as stored now.
pub struct Session {
    pub organisation: OrganisationRecord,
    pub user: UserRecord,
}

impl Session {
    /// # Errors
    /// 403 when the role is not one that may.
    pub fn require(&self, may: impl Fn(Role) -> bool, what: &str) -> Result<(), Problem> {
        let role = self.user.user.role;
        if may(role) {
            Ok(())
        } else {
            Err(Problem::forbidden(format!(
                "the role {} may not {what}",
                role.code()
            )))
        }
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app)
            .await?
            .ok_or_else(Problem::unauthorised)
    }
}

impl OptionalFromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let Some(token) = token_of(&parts.headers) else {
            return Ok(None);
        };
        let mut tx = app.office.database.read().await?;
        let Some(organisation) = organisations::only(&mut tx).await? else {
            return Ok(None);
        };
        let now_ms = clock::now_ms();
        let Some(session) = sessions::live(&mut tx, organisation.id, &token, now_ms).await? else {
            return Ok(None);
        };
        let Some(user) = users::by_id(&mut tx, organisation.id, session.user).await? else {
            return Ok(None);
        };
        drop(tx);
        if session.stale {
            tokio::spawn(in_use(app.office.clone(), organisation.id, token));
        }
        Ok(Some(Self { organisation, user }))
    }
}

/// The session lives on; who uses it waits neither for the writer nor for room on the disk.
async fn in_use(office: Office, organisation: OrganisationId, token: Vec<u8>) {
    let touch = async {
        let mut tx = office.database.write().await?;
        sessions::touch(&mut tx, organisation, &token, clock::now_ms()).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    if let Err(error) = touch.await {
        tracing::warn!(%error, "a session ends earlier than it should");
    }
}
