//! `POST /enrol`: a device gets its id, label and epoch, and pins the office's key (SYNC 1).

use super::extract::{Json, Session};
use super::{App, Problem};
use crate::database::SqliteOffice;
use crate::error::Error;
use crate::keys::Verifier;
use crate::{clock, random};
use axum::extract::State;
use axum::http::StatusCode;
use tournee_domain::DeviceId;
use tournee_sync::PROTOCOL;
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::office::{self, EnrolRefused};
use tournee_sync::pull::PULL_PROTOCOL_MIN;

/// Longer names of builds are no names.
pub const BUILD_MAX_BYTES: usize = 100;

/// # Errors
/// 400 names the field; 401 without a session: enrolment is online only; 403 `revoked`; 426 `upgrade_required`.
pub async fn enrol(
    State(app): State<App>,
    session: Session,
    Json(request): Json<EnrolRequest>,
) -> Result<axum::Json<EnrolResponse>, Problem> {
    check_build(&request.build)?;
    if !(PULL_PROTOCOL_MIN..=PROTOCOL).contains(&request.protocol) {
        let detail = format!("this office enrols in protocol {PULL_PROTOCOL_MIN} to {PROTOCOL}");
        return Err(upgrade_required(detail));
    }
    if !Verifier::new(&request.key).is_key() {
        return Err(Problem::bad_request(
            "key",
            "the bytes are no public key of that algorithm",
        ));
    }
    let now_ms = clock::now_ms();
    let mut store = SqliteOffice::new(app.office.database.write().await?).await?;
    let new_id = DeviceId(random::uuid());
    let user = session.user.user.id;
    let enrolled = office::enrol(
        &mut store,
        app.office.key.as_ref(),
        user,
        &request,
        new_id,
        now_ms,
    )
    .await?;
    store.commit().await?;
    tracing::info!(
        label = enrolled.device.label,
        epoch = enrolled.device.epoch,
        "a device enrolled"
    );
    Ok(axum::Json(enrolled))
}

impl From<EnrolRefused<Error>> for Problem {
    fn from(error: EnrolRefused<Error>) -> Self {
        let detail = error.to_string();
        match error {
            EnrolRefused::UnknownUser => Self::unauthorised(),
            EnrolRefused::Revoked => Self::new(
                StatusCode::FORBIDDEN,
                "revoked",
                "This device was revoked",
                detail,
            ),
            EnrolRefused::Failed(error) => error.into(),
        }
    }
}

/// How every exchange names its sender's build (SYNC 35).
///
/// # Errors
/// 400 naming the field.
pub fn check_build(build: &str) -> Result<(), Problem> {
    if build.len() > BUILD_MAX_BYTES {
        return Err(Problem::bad_request(
            "build",
            format!("at most {BUILD_MAX_BYTES} bytes"),
        ));
    }
    Ok(())
}

/// The device's program and the office's do not understand each other; the problem carries what the office speaks
/// (SYNC 35, 36).
pub fn upgrade_required(detail: String) -> Problem {
    let problem = Problem::new(
        StatusCode::UPGRADE_REQUIRED,
        "upgrade_required",
        "The device's program is of another version",
        detail,
    );
    protocols(problem.field("protocol"))
}

/// What the office speaks, for a device to compare.
pub fn protocols(problem: Problem) -> Problem {
    problem
        .with("protocol_min", PULL_PROTOCOL_MIN.into())
        .with("protocol_max", PROTOCOL.into())
}
