//! `POST /push`: facts from a device (SYNC 13–18).

use super::enrol::{check_build, protocols};
use super::extract::{Json, Session};
use super::{App, Problem};
use crate::database::organisations;
use crate::ingest::{self, PushRefused};
use axum::extract::State;
use axum::http::StatusCode;
use tournee_sync::PROTOCOL;
use tournee_sync::push::{PUSH_FACTS_MAX, PushRequest, PushResponse};

/// # Errors
/// 4xx only for the envelope: nothing was stored, and the device keeps everything.
pub async fn push(
    State(app): State<App>,
    session: Option<Session>,
    Json(request): Json<PushRequest>,
) -> Result<axum::Json<PushResponse>, Problem> {
    check_build(&request.build)?;
    // An earlier protocol is taken for ever; a later one may mean something else by the same words (SYNC 36).
    if request.protocol == 0 || request.protocol > PROTOCOL {
        let detail = format!("this office takes facts in protocol 1 to {PROTOCOL}");
        return Err(protocols(Problem::bad_request("protocol", detail)));
    }
    if request.facts.len() > PUSH_FACTS_MAX {
        let detail = format!("at most {PUSH_FACTS_MAX} facts in one push");
        return Err(Problem::bad_request("facts", detail));
    }
    if request.from_seq == 0 || request.from_seq > u64::from(u32::MAX) {
        return Err(Problem::bad_request(
            "from_seq",
            "sequence numbers begin at 1",
        ));
    }
    let organisation = match &session {
        Some(session) => session.organisation.clone(),
        None => {
            let mut tx = app.office.database.read().await?;
            organisations::only(&mut tx)
                .await?
                .ok_or_else(Problem::unauthorised)?
        }
    };
    let user = session.map(|session| session.user.user.id);
    let response = ingest::push(&app.office, &organisation, request, user).await?;
    Ok(axum::Json(response))
}

impl From<PushRefused> for Problem {
    fn from(error: PushRefused) -> Self {
        let detail = error.to_string();
        match error {
            PushRefused::UnknownDevice(_) => Self::new(
                StatusCode::FORBIDDEN,
                "unknown_device",
                "The office does not know this device",
                detail,
            )
            .field("device"),
            PushRefused::NotAuthorised => Self::new(
                StatusCode::UNAUTHORIZED,
                "not_authorised",
                "The push is by nobody known",
                detail,
            ),
            PushRefused::TooManyStaged { .. } => Self::new(
                StatusCode::CONFLICT,
                "push_earlier_first",
                "Earlier facts are missing",
                detail,
            )
            .field("from_seq"),
            PushRefused::Failed(error) => error.into(),
        }
    }
}
