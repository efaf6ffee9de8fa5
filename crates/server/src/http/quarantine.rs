//! `/quarantine`: what was set aside, and what becomes of it (SYNC 14, 16, §4).

use super::extract::{Json, Path, Session, given_reason};
use super::{App, Problem};
use crate::database::quarantine::Verdict;
use crate::quarantine::{self, DecisionRefused};
use axum::extract::State;
use axum::http::StatusCode;
use tournee_sync::enrol::Role;
use tournee_sync::office::{DecisionRequest, QuarantineEntry};

/// # Errors
/// 403 for roles that neither see all nor administer.
pub async fn list(
    State(app): State<App>,
    session: Session,
) -> Result<axum::Json<Vec<QuarantineEntry>>, Problem> {
    session.require(Role::looks_after, "see what was set aside")?;
    Ok(axum::Json(quarantine::list(&app.office).await?))
}

/// `POST /quarantine/{id}/dismiss`: nothing is to be done about it. It stays where it is; two people have to say so.
///
/// # Errors
/// 400 `reason`; 403 for roles that change nothing; 404; 409 `another_person` when the same person says it again, `decided`.
pub async fn dismiss(
    State(app): State<App>,
    session: Session,
    Path(id): Path<i64>,
    Json(request): Json<DecisionRequest>,
) -> Result<axum::Json<QuarantineEntry>, Problem> {
    decide(&app, &session, id, &request, Verdict::Dismiss).await
}

/// `POST /quarantine/{id}/release`: it counts after all, as by its author and its device; two people have to say so.
///
/// # Errors
/// As for dismissing; 409 `unreleasable` with a code.
pub async fn release(
    State(app): State<App>,
    session: Session,
    Path(id): Path<i64>,
    Json(request): Json<DecisionRequest>,
) -> Result<axum::Json<QuarantineEntry>, Problem> {
    decide(&app, &session, id, &request, Verdict::Release).await
}

async fn decide(
    app: &App,
    session: &Session,
    id: i64,
    request: &DecisionRequest,
    verdict: Verdict,
) -> Result<axum::Json<QuarantineEntry>, Problem> {
    let may = |role: Role| role.keeps_ledger() || role == Role::Administrator;
    session.require(may, "decide about what was set aside")?;
    let reason = given_reason(&request.reason)?;
    let decided = quarantine::decide(&app.office, id, &session.user, verdict, reason).await?;
    Ok(axum::Json(decided))
}

impl From<DecisionRefused> for Problem {
    fn from(error: DecisionRefused) -> Self {
        let detail = error.to_string();
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title, &detail);
        match error {
            DecisionRefused::Unknown => Self::not_found(detail),
            DecisionRefused::Decided(_) => conflict("decided", "It was decided before"),
            DecisionRefused::AnotherPerson => conflict("another_person", "It takes another person"),
            DecisionRefused::Unreleasable(why) => {
                conflict("unreleasable", "It can never be released").code(why.code())
            }
            DecisionRefused::Failed(error) => error.into(),
        }
    }
}
