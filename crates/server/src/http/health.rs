//! `GET /healthz`: whether the office can answer.

use super::{App, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// # Errors
/// 503 when the database does not answer.
pub async fn health(State(app): State<App>) -> Result<Json<serde_json::Value>, Problem> {
    let alive = async {
        let mut tx = app.office.database.read().await?;
        sqlx::query("SELECT 1").execute(&mut *tx).await?;
        Ok::<(), crate::error::Error>(())
    };
    match alive.await {
        Ok(()) => Ok(Json(serde_json::json!({ "status": "ok" }))),
        Err(error) => {
            tracing::error!(%error, "health check");
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "database",
                "The office's database does not answer",
                "nothing is lost on the devices; the administrator should look at the log",
            ))
        }
    }
}
