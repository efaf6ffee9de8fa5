//! `GET /activity`, `GET /attention`: what the office sees of the team.

use super::extract::{Query, Session};
use super::{App, Problem};
use crate::database::{devices, quarantine};
use crate::{activity, clock};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tournee_sync::enrol::Role;
use tournee_sync::office::{ACTIVITY_PAGE_MAX, Activity, Attention};

const PAGE_DEFAULT: u32 = 50;

#[derive(Deserialize)]
pub struct PageQuery {
    before: Option<u64>,
    limit: Option<u32>,
}

/// # Errors
/// 403 for roles that do not see all.
pub async fn activity(
    State(app): State<App>,
    session: Session,
    Query(query): Query<PageQuery>,
) -> Result<Json<Activity>, Problem> {
    session.require(Role::sees_all, "see the team's activity")?;
    let limit = query
        .limit
        .unwrap_or(PAGE_DEFAULT)
        .clamp(1, ACTIVITY_PAGE_MAX);
    let mut tx = app.office.database.read().await?;
    Ok(Json(
        activity::page(&mut tx, session.organisation.id, query.before, limit).await?,
    ))
}

/// # Errors
/// 403 for roles that neither see all nor administer.
pub async fn attention(
    State(app): State<App>,
    session: Session,
) -> Result<Json<Attention>, Problem> {
    session.require(Role::looks_after, "see what wants attention")?;
    let organisation = session.organisation.id;
    let mut tx = app.office.database.read().await?;
    Ok(Json(Attention {
        quarantined: quarantine::open(&mut tx, organisation).await?,
        devices: devices::reports(&mut tx, organisation, clock::now_ms()).await?,
    }))
}
