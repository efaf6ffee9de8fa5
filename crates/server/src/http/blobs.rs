//! `/blobs/{hash}`: photos and signatures, after the facts that name them (SYNC 33–34).

use super::extract::{self, Path, Session};
use super::{App, Problem};
use crate::database::{blobs, organisations, records};
use crate::error::Error;
use crate::{clock, files};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tournee_domain::OrganisationId;
use tournee_sync::encoding::Hash;
use tournee_sync::office::Scope;

/// Bytes of one photo or signature; devices send far less (1600 px JPEG).
pub const BLOB_MAX_BYTES: usize = 8 * 1024 * 1024;

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

fn parse(hash: &str) -> Result<String, Problem> {
    let parsed: Hash = hash.parse().map_err(|_| {
        Problem::bad_request(
            "hash",
            "a blob is named by its SHA-256 in lower-case hexadecimal",
        )
    })?;
    Ok(parsed.to_string())
}

async fn organisation(app: &App) -> Result<OrganisationId, Problem> {
    let mut tx = app.office.database.read().await?;
    let organisation = organisations::only(&mut tx).await?;
    organisation
        .map(|found| found.id)
        .ok_or_else(Problem::unauthorised)
}

/// `HEAD`: whether the office holds the verified bytes, or from where to send them.
///
/// # Errors
/// 400 when the name is no hash.
pub async fn held(State(app): State<App>, Path(hash): Path<String>) -> Result<Response, Problem> {
    let hash = parse(&hash)?;
    let organisation = organisation(&app).await?;
    let mut tx = app.office.database.read().await?;
    Ok(match blobs::held(&mut tx, organisation, &hash).await? {
        Some((_, size)) => (StatusCode::OK, [(UPLOAD_OFFSET, size.to_string())]).into_response(),
        None => (StatusCode::NOT_FOUND, [(UPLOAD_OFFSET, "0".to_owned())]).into_response(),
    })
}

/// `PUT`: the bytes. No session is needed: a signed fact named them.
///
/// # Errors
/// 404 `unknown_blob` when no stored fact names them; 413; 422 when they are others.
pub async fn store(
    State(app): State<App>,
    Path(hash): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let hash = parse(&hash)?;
    let organisation = organisation(&app).await?;
    let named = {
        let mut tx = app.office.database.read().await?;
        if blobs::held(&mut tx, organisation, &hash).await?.is_some() {
            // A slow sender must not keep a reader's place.
            drop(tx);
            extract::drain(request, BLOB_MAX_BYTES as u64).await;
            return Ok(StatusCode::OK);
        }
        blobs::named(&mut tx, organisation, &hash).await?
    };
    let Some(named) = named.into_iter().next() else {
        extract::drain(request, BLOB_MAX_BYTES as u64).await;
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_blob",
            "No stored fact names these bytes",
            "push the fact first, then its photos and signatures",
        ));
    };
    let bytes = extract::body(request).await?;
    let size_bytes = bytes.len() as u64;
    if size_bytes != named.size_bytes || Hash::of(&bytes).to_string() != hash {
        let detail = format!(
            "{size_bytes} bytes came whose SHA-256 or size ({}) is not what the fact says: send them again",
            named.size_bytes
        );
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "hash_mismatch",
            "These are other bytes",
            detail,
        ));
    }
    let data = app.office.data.clone();
    tokio::task::spawn_blocking(move || files::store(&data, &bytes))
        .await
        .map_err(|error| Error::Corrupt(format!("storing a blob: {error}")))??;
    let mut tx = app.office.database.write().await?;
    let now_ms = clock::now_ms();
    blobs::verified(
        &mut tx,
        organisation,
        &hash,
        &named.media_type,
        size_bytes,
        now_ms,
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::CREATED)
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
    let hash = parse(&hash)?;
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
