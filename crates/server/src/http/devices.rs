//! `/devices`: what the office knows of its devices, and taking one out of use (SYNC 37, 39).

use super::extract::{Json, Path, Session, reason};
use super::{App, Problem};
use crate::clock;
use crate::database::devices;
use crate::revocation::{self, RevocationRefused};
use axum::extract::State;
use axum::http::StatusCode;
use tournee_sync::enrol::Role;
use tournee_sync::office::{DeviceChangeRequest, DeviceReport};
use uuid::Uuid;

/// # Errors
/// 403 for roles that neither see all nor administer.
pub async fn list(
    State(app): State<App>,
    session: Session,
) -> Result<axum::Json<Vec<DeviceReport>>, Problem> {
    session.require(Role::looks_after, "look after devices")?;
    let mut tx = app.office.database.read().await?;
    Ok(axum::Json(
        devices::reports(&mut tx, session.organisation.id, clock::now_ms()).await?,
    ))
}

/// `POST /devices/{id}/revoke`: it gets no more records, what it sends is set aside, its user is signed out everywhere.
///
/// # Errors
/// 400 `reason`; 403; 404; 409 `already_revoked`.
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    Json(request): Json<DeviceChangeRequest>,
) -> Result<axum::Json<DeviceReport>, Problem> {
    change(&app, &session, id, &request, true).await
}

/// `POST /devices/{id}/release`: takes a revocation back.
///
/// # Errors
/// 400 `reason`; 403; 404; 409 `not_revoked`.
pub async fn release(
    State(app): State<App>,
    session: Session,
    Path(id): Path<Uuid>,
    Json(request): Json<DeviceChangeRequest>,
) -> Result<axum::Json<DeviceReport>, Problem> {
    change(&app, &session, id, &request, false).await
}

async fn change(
    app: &App,
    session: &Session,
    id: Uuid,
    request: &DeviceChangeRequest,
    revoke: bool,
) -> Result<axum::Json<DeviceReport>, Problem> {
    let may = |role| matches!(role, Role::Manager | Role::Administrator);
    session.require(may, "revoke devices")?;
    let change = revocation::Change {
        device: &id.to_string(),
        revoke,
        author: &session.user.user.name,
        reason: reason(&request.reason)?,
    };
    Ok(axum::Json(revocation::change(&app.office, change).await?))
}

impl From<RevocationRefused> for Problem {
    fn from(error: RevocationRefused) -> Self {
        let detail = error.to_string();
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title, &detail);
        match error {
            RevocationRefused::Unknown(_) => Self::not_found(detail),
            RevocationRefused::AlreadyRevoked(_) => {
                conflict("already_revoked", "The device is revoked already")
            }
            RevocationRefused::NotRevoked(_) => {
                conflict("not_revoked", "The device is not revoked")
            }
            RevocationRefused::Failed(error) => error.into(),
        }
    }
}
