//! `/quarantine`: what was set aside, and what becomes of it (SYNC 14, 16).

use super::extract::{Json, Path, Session, given_reason};
use super::{App, Problem};
use crate::clock;
use crate::database::quarantine;
use axum::extract::State;
use axum::http::StatusCode;
use tournee_sync::enrol::Role;
use tournee_sync::office::{DismissRequest, Dismissal, QuarantineEntry};

/// # Errors
/// 403 for roles that neither see all nor administer.
pub async fn list(
    State(app): State<App>,
    session: Session,
) -> Result<axum::Json<Vec<QuarantineEntry>>, Problem> {
    session.require(Role::looks_after, "see what was set aside")?;
    let mut tx = app.office.database.read().await?;
    Ok(axum::Json(
        quarantine::entries(&mut tx, session.organisation.id).await?,
    ))
}

/// Says that nothing is to be done about a fact that was set aside. It stays where it is; two people have to say so.
///
/// # Errors
/// 400 `reason`; 403 for roles that change nothing; 404; 409 `another_person` when the same person says it again.
pub async fn dismiss(
    State(app): State<App>,
    session: Session,
    Path(id): Path<i64>,
    Json(request): Json<DismissRequest>,
) -> Result<axum::Json<QuarantineEntry>, Problem> {
    let may = |role: Role| role.keeps_ledger() || role == Role::Administrator;
    session.require(may, "dismiss what was set aside")?;
    let reason = given_reason(&request.reason)?;
    let user = &session.user.user;
    let dismissal = Dismissal {
        name: user.name.clone(),
        reason: reason.to_owned(),
        dismissed_at_ms: clock::now_ms(),
    };
    let organisation = session.organisation.id;
    let mut tx = app.office.database.write().await?;
    let new = quarantine::dismiss(&mut tx, organisation, id, user, &dismissal).await?;
    let mut entries = quarantine::entries(&mut tx, organisation)
        .await?
        .into_iter();
    let entry = entries.find(|entry| entry.id == id);
    let entry =
        entry.ok_or_else(|| Problem::not_found("nothing of this id was set aside lately"))?;
    if !new {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "another_person",
            "It takes another person",
            "you have dismissed it before: somebody else has to do so too",
        ));
    }
    tx.commit().await?;
    Ok(axum::Json(entry))
}
