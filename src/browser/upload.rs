//! Large uploads with progress, which `fetch` does not report.

use super::js::{call, describe, get, integer};
use super::network::{Answer, NetworkError};
use futures::channel::oneshot;
use js_sys::Uint8Array;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

/// Posts a form or a file and tells `progress` how much of it has left, in percent.
///
/// # Errors
/// [`NetworkError`] when there is no answer.
pub async fn post(
    path: &str,
    body: &JsValue,
    timeout_ms: u32,
    progress: impl Fn(u8) + 'static,
) -> Result<Answer, NetworkError> {
    let request = XmlHttpRequest::new().map_err(|_| NetworkError::Unreachable)?;
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let end = move |result: Result<(), NetworkError>| {
        // The first of several events decides.
        let Some(sender) = sender.borrow_mut().take() else {
            return;
        };
        let _nobody_waits = sender.send(result);
    };
    let on_load = once(&end, Ok(()));
    let on_error = once(&end, Err(NetworkError::Unreachable));
    let on_timeout = once(&end, Err(NetworkError::TimedOut));
    let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress(percent(&event));
    });
    request.set_onload(Some(on_load.as_ref().unchecked_ref()));
    request.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    request.set_ontimeout(Some(on_timeout.as_ref().unchecked_ref()));
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    start(&request, path, body, timeout_ms).map_err(|error| {
        web_sys::console::warn_1(&describe(&error).into());
        NetworkError::Unreachable
    })?;
    receiver.await.unwrap_or(Err(NetworkError::Unreachable))?;
    Ok(answer(&request))
}

fn once(
    end: &(impl Fn(Result<(), NetworkError>) + Clone + 'static),
    result: Result<(), NetworkError>,
) -> Closure<dyn FnMut()> {
    let end = end.clone();
    Closure::new(move || end(result))
}

fn start(
    request: &XmlHttpRequest,
    path: &str,
    body: &JsValue,
    timeout_ms: u32,
) -> Result<(), JsValue> {
    request.open_with_async("POST", path, true)?;
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    request.set_timeout(timeout_ms);
    request.set_request_header("Accept", "application/json")?;
    call(request, "send", std::slice::from_ref(body)).map(drop)
}

fn percent(event: &ProgressEvent) -> u8 {
    let count = |name| integer(&get(event, name)).unwrap_or(0);
    let (sent, total) = (count("loaded"), count("total"));
    u8::try_from(sent.saturating_mul(100) / total.max(1)).unwrap_or(100)
}

fn answer(request: &XmlHttpRequest) -> Answer {
    let header = |name| request.get_response_header(name).ok().flatten();
    let content_type = header("Content-Type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let body = request.response().unwrap_or(JsValue::NULL);
    Answer {
        status: request.status().unwrap_or(0),
        content_type: essence.trim().to_ascii_lowercase(),
        retry_after_s: header("Retry-After").and_then(|value| value.trim().parse().ok()),
        redirected: false,
        upload: None,
        body: Uint8Array::new(&body).to_vec(),
    }
}
