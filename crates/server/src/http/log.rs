//! One line a request: what, how it ended, how long. No names, no bodies, no addresses.

use crate::{clock, random};
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

/// Gives the request an id, which the answer carries, so that a report can be found in the log.
pub async fn request(request: Request, next: Next) -> Response {
    let id = random::uuid().simple().to_string();
    let method = request.method().clone();
    // The route, not the path: paths may hold ids of people's things.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "app".to_owned(), |path| path.as_str().to_owned());
    let began = clock::instant();
    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    span.in_scope(|| {
        if route == "app" || route == "/healthz" {
            tracing::debug!(%method, route, status, ms, "answered");
        } else {
            tracing::info!(%method, route, status, ms, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
