//! What handlers take from a request: a JSON body whose faults are named, and who is signed in.

use super::session::token_of;
use super::{App, Problem};
use crate::clock;
use crate::database::organisations::{self, OrganisationRecord};
use crate::database::sessions;
use crate::database::users::{self, UserRecord};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tournee_sync::enrol::Role;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = body(request, app).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        serde_path_to_error::deserialize(&mut json)
            .map(Json)
            .map_err(|error| {
                let why = error.inner().to_string();
                Problem::bad_request(&field_at_fault(&error.path().to_string(), &why), why)
            })
    }
}

/// A missing field is named by the message only.
fn field_at_fault(path: &str, why: &str) -> String {
    let missing = why
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match (path, missing) {
        (".", None) => "body".to_owned(),
        (".", Some(field)) => field.to_owned(),
        (path, None) => path.to_owned(),
        (path, Some(field)) => format!("{path}.{field}"),
    }
}

/// The whole body, as long as its route allows.
pub async fn body(request: Request, app: &App) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too_large",
                    "The request is too large",
                    rejection.body_text(),
                )
                .field("body")
            } else {
                Problem::bad_request("body", rejection.body_text())
            }
        })
}

/// Who is signed in, as stored now.
pub struct Session {
    pub organisation: OrganisationRecord,
    pub user: UserRecord,
}

impl Session {
    /// # Errors
    /// 403 when the role is not one that may.
    pub fn require(&self, may: impl Fn(Role) -> bool, what: &str) -> Result<(), Problem> {
        let role = self.user.user.role;
        if may(role) {
            Ok(())
        } else {
            Err(Problem::forbidden(format!(
                "the role {} may not {what}",
                role.code()
            )))
        }
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app)
            .await?
            .ok_or_else(Problem::unauthorised)
    }
}

impl OptionalFromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let Some(token) = token_of(&parts.headers) else {
            return Ok(None);
        };
        let mut tx = app.office.database.read().await?;
        let Some(organisation) = organisations::only(&mut tx).await? else {
            return Ok(None);
        };
        let now_ms = clock::now_ms();
        let Some(session) = sessions::live(&mut tx, organisation.id, &token, now_ms).await? else {
            return Ok(None);
        };
        let Some(user) = users::by_id(&mut tx, organisation.id, session.user).await? else {
            return Ok(None);
        };
        drop(tx);
        if session.stale {
            let mut tx = app.office.database.write().await?;
            sessions::touch(&mut tx, organisation.id, &token, now_ms).await?;
            tx.commit().await?;
        }
        Ok(Some(Self { organisation, user }))
    }
}
