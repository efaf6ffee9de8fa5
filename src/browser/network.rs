//! Requests to the office, each with an end: nothing waits for ever on a dying network.

use super::js::window;
use gloo_net::http::{Method, RequestBuilder, Response};
use gloo_timers::callback::Timeout;
use tournee_sync::blob::UploadState;
use web_sys::AbortController;

/// What came back, whoever sent it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Lower case, without parameters; empty when there was none.
    pub content_type: String,
    pub retry_after_s: Option<u32>,
    /// Somebody sent the request elsewhere on its way.
    pub redirected: bool,
    /// Where the office is with a blob.
    pub upload: Option<UploadState>,
    pub body: Vec<u8>,
}

/// Nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkError {
    Unreachable,
    TimedOut,
}

/// What a request carries.
pub enum Body<'a> {
    Empty,
    Json(String),
    /// A part of an upload.
    Chunk {
        offset_bytes: u64,
        bytes: &'a [u8],
    },
}

/// What the browser believes about the network: a hint only.
pub fn online() -> bool {
    window().navigator().on_line()
}

/// Sends one request to this page's own origin and reads the whole answer, within `timeout_ms`.
///
/// # Errors
/// [`NetworkError`] when there is no answer.
pub async fn send(
    method: Method,
    path: &str,
    body: Body<'_>,
    timeout_ms: u32,
) -> Result<Answer, NetworkError> {
    let Ok(controller) = AbortController::new() else {
        return Err(NetworkError::Unreachable);
    };
    let signal = controller.signal();
    let _timeout = Timeout::new(timeout_ms, move || controller.abort());
    let builder = RequestBuilder::new(path)
        .method(method)
        .abort_signal(Some(&signal))
        .header("Accept", "application/json");
    let request = match body {
        Body::Empty => builder.build(),
        Body::Json(text) => builder
            .header("Content-Type", "application/json")
            .body(text),
        Body::Chunk {
            offset_bytes,
            bytes,
        } => builder
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", &offset_bytes.to_string())
            .body(js_sys::Uint8Array::from(bytes)),
    };
    let failed = || {
        if signal.aborted() {
            NetworkError::TimedOut
        } else {
            NetworkError::Unreachable
        }
    };
    let response = request
        .map_err(|_| NetworkError::Unreachable)?
        .send()
        .await
        .map_err(|_| failed())?;
    let body = response.binary().await.map_err(|_| failed())?;
    Ok(answer(&response, body))
}

fn answer(response: &Response, body: Vec<u8>) -> Answer {
    let header = |name| response.headers().get(name);
    let content_type = header("Content-Type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    Answer {
        status: response.status(),
        content_type: essence.trim().to_ascii_lowercase(),
        retry_after_s: header("Retry-After").and_then(|value| value.trim().parse().ok()),
        redirected: response.redirected(),
        upload: header("Upload-Offset").and_then(|value| {
            Some(UploadState {
                offset_bytes: value.trim().parse().ok()?,
                verified: header("Upload-Complete").is_some_and(|value| value.trim() == "?1"),
            })
        }),
        body,
    }
}
