//! The one error type, which is a response: `application/problem+json` (RFC 9457).

use crate::error::Error;
use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tournee_sync::office::ProblemDetails;

/// When to try again what found no room, in seconds.
const DISK_FULL_RETRY_S: u64 = 60;

/// What went wrong with a request, and what its sender can do.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    field: Option<String>,
    code: Option<&'static str>,
    more: serde_json::Map<String, serde_json::Value>,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Parts {
            status,
            kind,
            title,
            detail: detail.into(),
            field: None,
            code: None,
            more: serde_json::Map::new(),
            retry_after_s: None,
        }))
    }

    /// The request is not as it should be; `field` names the part at fault.
    pub fn bad_request(field: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            "The request is not understood",
            detail,
        )
        .field(field)
    }

    pub fn unauthorised() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "session_expired",
            "Nobody is signed in",
            "sign in; facts waiting on the device can be pushed without",
        )
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "This role may not do that",
            detail,
        )
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is no such thing",
            detail,
        )
    }

    pub fn too_large(field: &str, max_bytes: usize) -> Self {
        let detail = format!("at most {max_bytes} bytes are accepted");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The request is too large",
            detail,
        )
        .field(field)
    }

    pub fn field(mut self, field: &str) -> Self {
        self.0.field = Some(field.to_owned());
        self
    }

    /// A finer word within the kind.
    pub fn code(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    /// What a screen needs to go on.
    pub fn with(mut self, key: &str, value: serde_json::Value) -> Self {
        self.0.more.insert(key.to_owned(), value);
        self
    }

    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }
}

impl From<Error> for Problem {
    /// The cause is for the log; the sender learns that trying again may help.
    fn from(error: Error) -> Self {
        tracing::error!(%error, "a request failed");
        if error.is_disk_full() {
            return Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk_full",
                "The office's disk is full",
                "nothing was changed, and the sender keeps everything: the administrator must make room",
            )
            .retry_after(DISK_FULL_RETRY_S);
        }
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The office failed",
            "nothing was changed; try again, and tell the administrator if it goes on",
        )
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(parts) = self;
        let details = ProblemDetails {
            kind: parts.kind.to_owned(),
            title: parts.title.to_owned(),
            status: parts.status.as_u16(),
            detail: parts.detail,
            field: parts.field,
            code: parts.code.map(str::to_owned),
            more: parts.more,
        };
        let body = serde_json::to_string(&details).unwrap_or_default();
        let mut response = (parts.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        // A file missing now, in the middle of an update, must not stay missing in a proxy.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = parts.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// For paths of the API that do not exist.
pub async fn no_such_resource(uri: Uri) -> Problem {
    Problem::not_found(format!("no resource at {}", uri.path()))
}

/// For resources that do not know the method.
pub async fn no_such_method(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "The resource does not know this method",
        format!("{method} is not possible here"),
    )
}

/// A defect must not close the connection without a word.
pub fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response<Body> {
    tracing::error!("a handler panicked");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "The office failed",
        "a defect of the server; nothing was changed",
    )
    .into_response()
}
