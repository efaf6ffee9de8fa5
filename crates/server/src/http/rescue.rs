//! `POST /rescue`: an emergency file of a device, brought by whoever got it (SYNC 40).

use super::extract::{self, Session};
use super::{App, Problem};
use crate::rescue::{self, RescueRefused};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use tournee_sync::enrol::Role;
use tournee_sync::rescue::RescueReport;

/// # Errors
/// 403 for other roles than manager and administrator; 413; 422 with a code that says what is wrong with the file.
pub async fn import(
    State(app): State<App>,
    session: Session,
    request: Request,
) -> Result<axum::Json<RescueReport>, Problem> {
    let may = |role| matches!(role, Role::Manager | Role::Administrator);
    session.require(may, "take in emergency files")?;
    let file = extract::body(request).await?;
    Ok(axum::Json(rescue::import(&app.office, &file).await?))
}

impl From<RescueRefused> for Problem {
    fn from(error: RescueRefused) -> Self {
        let detail = error.to_string();
        let code = match error {
            RescueRefused::NotAFile(_) => "not_a_file",
            RescueRefused::OtherFormat(_) => "other_format",
            RescueRefused::OtherOrganisation(_) => "other_organisation",
            RescueRefused::CannotBeOpened => "cannot_be_opened",
            RescueRefused::Push { refused, .. } => return (*refused).into(),
            RescueRefused::Failed(error) => return error.into(),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let title = "The file cannot be taken in";
        Self::new(status, "rescue_refused", title, detail)
            .field("body")
            .code(code)
    }
}
