//! Calls to the office, and what counts as its answer: the right status with the right kind of content that can be
//! read. Anything else, even a 200, comes from somebody else (SYNC 18).

use super::types::{OfficeError, SignInError};
use crate::browser::network::{Answer, Body, NetworkError, send};
use gloo_net::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tournee_sync::device::CallError;

const BASE: &str = "/api/v1";
/// A request that takes longer is tried again later.
pub const TIMEOUT_MS: u32 = 30_000;

/// The address of a resource.
pub fn path(resource: &str) -> String {
    format!("{BASE}/{resource}")
}

/// Asks for a resource.
///
/// # Errors
/// [`CallError`]
pub async fn get<T: DeserializeOwned>(resource: &str) -> Result<T, CallError> {
    let answer = send(Method::GET, &path(resource), Body::Empty, TIMEOUT_MS)
        .await
        .map_err(unanswered)?;
    read(&answer)
}

/// Posts JSON and reads the answer.
///
/// # Errors
/// [`CallError`]
///
/// # Panics
/// Never: requests serialise.
pub async fn post<T: DeserializeOwned>(
    resource: &str,
    request: &impl Serialize,
) -> Result<T, CallError> {
    let body = Body::Json(serde_json::to_string(request).expect("requests serialise"));
    let answer = send(Method::POST, &path(resource), body, TIMEOUT_MS)
        .await
        .map_err(unanswered)?;
    read(&answer)
}

/// Deletes a resource.
///
/// # Errors
/// [`CallError`]
pub async fn delete(resource: &str) -> Result<(), CallError> {
    let answer = send(Method::DELETE, &path(resource), Body::Empty, TIMEOUT_MS)
        .await
        .map_err(unanswered)?;
    match answer.status {
        204 if !answer.redirected => Ok(()),
        _ => Err(refusal(&answer)),
    }
}

/// Reads an answer's JSON.
///
/// # Errors
/// [`CallError`]
pub fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    let is_office = matches!(answer.status, 200 | 201) && is_json(answer) && !answer.redirected;
    if !is_office {
        return Err(refusal(answer));
    }
    from_json(&answer.body)
        .map_err(|error| CallError::NotTheOffice(format!("unreadable answer: {error}")))
}

/// Reads JSON as everything else here does, from text: a reader of bytes would be compiled beside it, for every type.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn is_json(answer: &Answer) -> bool {
    answer.content_type == "application/json"
}

/// What an answer that is no success means.
pub fn refusal(answer: &Answer) -> CallError {
    if answer.content_type == "application/problem+json"
        && let Ok(problem) = from_json(&answer.body)
    {
        return CallError::Problem {
            problem,
            retry_after_s: answer.retry_after_s,
        };
    }
    match answer.status {
        // A proxy in front of an office that is down.
        502..=504 => CallError::Unreachable,
        status => CallError::NotTheOffice(format!("{status} {}", answer.content_type)),
    }
}

/// What no answer at all means.
pub fn unanswered(error: NetworkError) -> CallError {
    match error {
        NetworkError::Unreachable => CallError::Unreachable,
        NetworkError::TimedOut => CallError::TimedOut,
    }
}

impl From<CallError> for OfficeError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable => Self::Offline,
            CallError::TimedOut => Self::TimedOut,
            CallError::NotTheOffice(_) => Self::NotTheOffice,
            CallError::Problem { problem, .. } => match problem.status {
                401 => Self::SessionExpired,
                403 => Self::Forbidden,
                _ => Self::Refused(*problem),
            },
        }
    }
}

impl From<CallError> for SignInError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unreachable | CallError::TimedOut => Self::Offline,
            CallError::NotTheOffice(_) => Self::NotTheOffice,
            CallError::Problem {
                problem,
                retry_after_s,
            } => match problem.status {
                401 => Self::WrongPassword,
                429 => Self::TooManyAttempts {
                    retry_after_s: retry_after_s.unwrap_or(60),
                },
                _ if problem.kind == "revoked" => Self::Revoked,
                _ => Self::Other(format!("{}: {}", problem.title, problem.detail)),
            },
        }
    }
}
