//! `POST /pull`: records for a device (SYNC 19–21).

use super::enrol::{check_build, upgrade_required};
use super::extract::{Json, Session};
use super::{App, Problem};
use crate::clock;
use crate::database::{devices, gaps};
use crate::error::Error;
use crate::office::Office;
use crate::pull::{self, PullError};
use axum::extract::State;
use axum::http::StatusCode;
use tournee_domain::OrganisationId;
use tournee_sync::office::PullRefused;
use tournee_sync::pull::{PullRequest, PullResponse};

/// When to ask again for a snapshot, in seconds.
const BUSY_RETRY_S: u64 = 3;

/// # Errors
/// 401 without a session of the device's user; 410 `resnapshot`; 426 `upgrade_required`; 503 when many take their first portfolio.
pub async fn pull(
    State(app): State<App>,
    session: Session,
    Json(request): Json<PullRequest>,
) -> Result<axum::Json<PullResponse>, Problem> {
    check_build(&request.build)?;
    let response = pull::pull(&app.office, session.user.user.id, &request).await?;
    if !response.more {
        // A reader waits neither for the writer nor for room on the disk.
        tokio::spawn(heard(app.office, session.organisation.id, request));
    }
    Ok(axum::Json(response))
}

async fn heard(office: Office, organisation: OrganisationId, request: PullRequest) {
    let note = async {
        let mut tx = office.database.write().await?;
        let (device, build) = (request.device, &request.build);
        devices::seen(&mut tx, organisation, device, build, clock::now_ms()).await?;
        if let Some(heartbeat) = &request.heartbeat {
            gaps::hear(&mut tx, organisation, device, heartbeat).await?;
        }
        Ok::<_, Error>(tx.commit().await?)
    };
    if let Err(error) = note.await {
        tracing::warn!(%error, "that a device was heard of is not noted");
    }
}

impl From<PullError> for Problem {
    fn from(error: PullError) -> Self {
        let detail = error.to_string();
        let refused = match error {
            PullError::Refused(refused) => refused,
            PullError::Busy => {
                return Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "busy",
                    "Many first portfolios at once",
                    detail,
                )
                .retry_after(BUSY_RETRY_S);
            }
        };
        match refused {
            PullRefused::UpgradeRequired => upgrade_required(detail),
            PullRefused::NotThisUsersDevice => Self::new(
                StatusCode::FORBIDDEN,
                "unknown_device",
                "The office does not know this device",
                detail,
            )
            .field("device"),
            PullRefused::Revoked => Self::new(
                StatusCode::FORBIDDEN,
                "revoked",
                "This device was revoked",
                detail,
            ),
            PullRefused::Resnapshot => Self::new(
                StatusCode::GONE,
                "resnapshot",
                "The cursor is no longer good",
                detail,
            )
            .field("cursor"),
            PullRefused::Failed(error) => error.into(),
        }
    }
}
