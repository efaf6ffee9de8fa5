//! `POST /enrol`: a device gets its id, label and epoch, and pins the office's key (SYNC 1).

use super::extract::{Json, Session};
use super::{App, Problem};
use crate::database::devices::{self, Enrolment};
use crate::keys::Verifier;
use crate::{clock, random};
use axum::extract::State;
use tournee_domain::DeviceId;
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};

/// Longer names of builds are no names.
pub const BUILD_MAX_BYTES: usize = 100;

/// # Errors
/// 400 names the field; 401 without a session: enrolment is online only.
pub async fn enrol(
    State(app): State<App>,
    session: Session,
    Json(request): Json<EnrolRequest>,
) -> Result<axum::Json<EnrolResponse>, Problem> {
    check_envelope(request.protocol, &request.build)?;
    if !Verifier::new(&request.key).is_key() {
        return Err(Problem::bad_request(
            "key",
            "the bytes are no public key of that algorithm",
        ));
    }
    let now_ms = clock::now_ms();
    let mut tx = app.office.database.write().await?;
    let enrolment = Enrolment {
        organisation: session.organisation.id,
        new_id: DeviceId(random::uuid()),
        installation: request.installation,
        user: session.user.user.id,
        key: &request.key,
        build: &request.build,
        now_ms,
    };
    let device = devices::enrol(&mut tx, &enrolment).await?;
    tx.commit().await?;
    tracing::info!(
        label = device.label,
        epoch = device.epoch,
        "a device enrolled"
    );
    Ok(axum::Json(EnrolResponse {
        organisation: session.organisation.settings(),
        user: session.user.user,
        device,
        office_key: app.office.key.public(),
        server_now_ms: now_ms,
    }))
}

/// What every exchange says of its sender (SYNC 35).
///
/// # Errors
/// 400 naming the field. A later protocol is refused, an earlier one never (SYNC 36).
pub fn check_envelope(protocol: u32, build: &str) -> Result<(), Problem> {
    if protocol == 0 || protocol > tournee_sync::PROTOCOL {
        let detail = format!(
            "this office speaks protocol 1 to {}",
            tournee_sync::PROTOCOL
        );
        return Err(Problem::bad_request("protocol", detail));
    }
    if build.len() > BUILD_MAX_BYTES {
        return Err(Problem::bad_request(
            "build",
            format!("at most {BUILD_MAX_BYTES} bytes"),
        ));
    }
    Ok(())
}
