//! Headers that every answer carries, and one that state-changing requests must (SYNC §4).

use super::{App, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Where scripts may come from; the other rules follow in [`policy`].
const SCRIPTS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

const SECURITY: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Two years, once a proxy speaks TLS for us.
const HSTS: &str = "max-age=63072000; includeSubDomains";

pub async fn security(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| policy(&[]));
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.behind_proxy {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(HSTS),
        );
    }
    response
}

/// The Content-Security-Policy. Of what stands in the page itself, nothing runs but the scripts whose SHA-256 are `inline`.
pub fn policy(inline: &[[u8; 32]]) -> HeaderValue {
    let inline = inline
        .iter()
        .map(|hash| format!(" 'sha256-{}'", BASE64_STANDARD.encode(hash)));
    let policy = format!(
        "{SCRIPTS}{}; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; \
         manifest-src 'self'; font-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'",
        inline.collect::<String>()
    );
    HeaderValue::from_str(&policy).expect("letters and signs of ASCII")
}

/// What the API answers is nobody's to keep.
pub async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses requests that another site's page made with this site's cookie. Browsers say where a request comes from
/// (`Sec-Fetch-Site`); without that header, only requests a page of another site cannot make are taken.
pub async fn same_origin_only(request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || is_own(&request) {
        next.run(request).await
    } else {
        Problem::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "The request comes from another site",
            "send it from the app, or as application/json, or with the header X-Tournee: 1",
        )
        .into_response()
    }
}

fn is_own(request: &Request) -> bool {
    let headers = request.headers();
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    // A form of another site can only GET and POST, and sets no header of its own.
    json || *request.method() != Method::POST || headers.contains_key("x-tournee")
}
