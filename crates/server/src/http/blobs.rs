//! `/blobs/{hash}`: photos and signatures, after the facts that name them (SYNC 33–34).

use super::extract::{self, Path, Session};
use super::{App, Problem};
use crate::database::blobs::{self, Named};
use crate::database::{organisations, records};
use crate::error::Error;
use crate::uploads::{self, Received, Upload};
use crate::{clock, files};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use tournee_domain::OrganisationId;
use tournee_sync::blob::{BLOB_MAX_BYTES, UploadState};
use tournee_sync::encoding::Hash;
use tournee_sync::office::Scope;

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_COMPLETE: HeaderName = HeaderName::from_static("upload-complete");

fn parse(hash: &str) -> Result<Hash, Problem> {
    hash.parse().map_err(|_| {
        Problem::bad_request(
            "hash",
            "a blob is named by its SHA-256 in lower-case hexadecimal",
        )
    })
}

fn upload(hash: &str, session: Option<Session>) -> Result<Upload, Problem> {
    Ok(Upload {
        hash: parse(hash)?,
        user: session.map(|session| session.user.user.id),
    })
}

async fn organisation(app: &App) -> Result<OrganisationId, Problem> {
    let mut tx = app.office.database.read().await?;
    let organisation = organisations::only(&mut tx).await?;
    organisation
        .map(|found| found.id)
        .ok_or_else(Problem::unauthorised)
}

/// Where the office is with a blob, as headers say it.
fn headers(state: UploadState, size_bytes: u64) -> [(HeaderName, String); 3] {
    let complete = if state.verified { "?1" } else { "?0" };
    [
        (UPLOAD_OFFSET, state.offset_bytes.to_string()),
        (UPLOAD_LENGTH, size_bytes.to_string()),
        (UPLOAD_COMPLETE, complete.to_owned()),
    ]
}

/// What the office has of a blob, and what its fact says of it; `None` while no stored fact names it.
async fn known(
    app: &App,
    organisation: OrganisationId,
    upload: Upload,
) -> Result<Option<(UploadState, Named)>, Problem> {
    let name = upload.hash.to_string();
    let mut tx = app.office.database.read().await?;
    let held = blobs::held(&mut tx, organisation, &name).await?;
    let named = blobs::named(&mut tx, organisation, &name).await?;
    let Some(named) = named.into_iter().next() else {
        return Ok(None);
    };
    let state = UploadState {
        offset_bytes: match &held {
            Some((_, size_bytes)) => *size_bytes,
            None => uploads::offset_bytes(&app.office.data, upload)?,
        },
        verified: held.is_some(),
    };
    Ok(Some((state, named)))
}

/// `HEAD`: from where to send the bytes, and whether all of them are here and verified. No session is needed: a signed fact
/// named them.
///
/// # Errors
/// 400 when the name is no hash; 404 while no stored fact names the bytes.
pub async fn state(
    State(app): State<App>,
    session: Option<Session>,
    Path(hash): Path<String>,
) -> Result<Response, Problem> {
    let upload = upload(&hash, session)?;
    let organisation = organisation(&app).await?;
    let nothing = UploadState {
        offset_bytes: 0,
        verified: false,
    };
    Ok(match known(&app, organisation, upload).await? {
        Some((state, named)) => (StatusCode::OK, headers(state, named.size_bytes)).into_response(),
        None => (StatusCode::NOT_FOUND, headers(nothing, 0)).into_response(),
    })
}

/// `PATCH`: the bytes from `Upload-Offset` on. The same bytes again change nothing; the last ones are verified with all
/// others before they are believed. No session is needed: a signed fact named them.
///
/// # Errors
/// 400 `Upload-Offset`; 404 `unknown_blob` while no stored fact names them; 409 `wrong_offset` and 422 `hash_mismatch`, both with
/// where to go on from; 413.
pub async fn receive(
    State(app): State<App>,
    session: Option<Session>,
    Path(hash): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let upload = upload(&hash, session)?;
    let offset_bytes = offset(&request)?;
    let organisation = organisation(&app).await?;
    // All of it first: a slow sender keeps no reader's and no writer's place.
    let chunk = extract::body(request).await?;
    let Some((before, named)) = known(&app, organisation, upload).await? else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_blob",
            "No stored fact names these bytes",
            "push the fact first, then its photos and signatures",
        ));
    };
    if before.verified {
        return Ok(told(before, &named));
    }
    if named.size_bytes > BLOB_MAX_BYTES as u64 {
        return Err(Problem::too_large("body", BLOB_MAX_BYTES));
    }
    let (data, size_bytes) = (app.office.data.clone(), named.size_bytes);
    let received = tokio::task::spawn_blocking(move || {
        uploads::receive(&data, upload, size_bytes, offset_bytes, &chunk)
    });
    let received = received
        .await
        .map_err(|error| Error::Corrupt(format!("storing a blob: {error}")))??;
    let at = |offset_bytes, verified| UploadState {
        offset_bytes,
        verified,
    };
    match received {
        Received::Through(offset_bytes) => Ok(told(at(offset_bytes, false), &named)),
        Received::Verified => {
            let mut tx = app.office.database.write().await?;
            blobs::verified(
                &mut tx,
                organisation,
                &upload.hash.to_string(),
                &named.media_type,
                size_bytes,
                clock::now_ms(),
            )
            .await?;
            tx.commit().await?;
            let headers = headers(at(size_bytes, true), size_bytes);
            Ok((StatusCode::CREATED, headers).into_response())
        }
        Received::Elsewhere(offset_bytes) => {
            let problem = Problem::new(
                StatusCode::CONFLICT,
                "wrong_offset",
                "These bytes do not follow the ones before",
                format!("go on from byte {offset_bytes}"),
            );
            Ok(elsewhere(problem, at(offset_bytes, false), &named))
        }
        Received::OtherBytes => {
            let problem = Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "hash_mismatch",
                "These are other bytes",
                "their SHA-256 is not the one the fact names: send them again from the first byte",
            );
            Ok(elsewhere(problem, at(0, false), &named))
        }
    }
}

/// A success that leaves the upload where it says.
fn told(state: UploadState, named: &Named) -> Response {
    (StatusCode::NO_CONTENT, headers(state, named.size_bytes)).into_response()
}

/// A refusal that says where to go on.
fn elsewhere(problem: Problem, state: UploadState, named: &Named) -> Response {
    let headers = AppendHeaders(headers(state, named.size_bytes));
    (headers, problem.field(UPLOAD_OFFSET.as_str())).into_response()
}

fn offset(request: &Request) -> Result<u64, Problem> {
    let header = request.headers().get(UPLOAD_OFFSET);
    let offset = header.and_then(|value| value.to_str().ok()?.parse().ok());
    offset.ok_or_else(|| {
        let detail = "say in a header at which byte of the whole this chunk begins";
        Problem::bad_request(UPLOAD_OFFSET.as_str(), detail)
    })
}

/// `GET`: the bytes, for those who see the client.
///
/// # Errors
/// 401; 404 also for what lies outside the user's scope.
pub async fn fetch(
    State(app): State<App>,
    session: Session,
    Path(hash): Path<String>,
) -> Result<Response, Problem> {
    let hash = parse(&hash)?.to_string();
    let organisation = session.organisation.id;
    let mut tx = app.office.database.read().await?;
    let missing = || Problem::not_found("no such photo or signature, or not in your portfolio");
    let (media_type, _) = blobs::held(&mut tx, organisation, &hash)
        .await?
        .ok_or_else(missing)?;
    let scope = Scope::of(&session.user.user);
    let mut visible = false;
    for named in blobs::named(&mut tx, organisation, &hash).await? {
        let portfolio = records::portfolio(&mut tx, organisation, &named.client).await?;
        visible |= portfolio.is_some_and(|portfolio| scope.contains(portfolio.as_ref()));
    }
    if !visible {
        return Err(missing());
    }
    let data = app.office.data.clone();
    let bytes = tokio::task::spawn_blocking(move || files::read(&data, &hash))
        .await
        .map_err(|error| Error::Corrupt(format!("reading a blob: {error}")))??;
    let headers = [
        (header::CONTENT_TYPE, served_type(&media_type)),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// Only types that nothing can be executed as are served under their own name.
fn served_type(media_type: &str) -> &'static str {
    match media_type {
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        "image/webp" => "image/webp",
        "application/vnd.tournee.strokes+json" => "application/vnd.tournee.strokes+json",
        _ => "application/octet-stream",
    }
}
