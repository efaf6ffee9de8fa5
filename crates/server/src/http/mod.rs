//! The office over HTTP: a file a resource, one error type that is a response.

mod activity;
mod assets;
mod blobs;
mod devices;
mod enrol;
mod events;
mod exports;
mod extract;
mod guard;
mod headers;
mod health;
mod imports;
mod log;
mod problem;
mod pull;
mod push;
mod quarantine;
mod rescue;
mod session;

pub use assets::Assets;
pub use problem::Problem;

use crate::office::Office;
use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, delete, get, head, post};
use extract::BodyMax;
use guard::SignInGuard;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tournee_sync::blob::BLOB_CHUNK_MAX_BYTES;
use tournee_sync::rescue::RESCUE_FILE_MAX_BYTES;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// Bytes of a small JSON request.
const REQUEST_MAX_BYTES: usize = 64 * 1024;
/// A request that takes longer is given up; its sender tries again. Large uploads over slow lines take minutes.
const REQUEST_MAX: Duration = Duration::from_secs(600);

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    pub office: Office,
    pub guard: Arc<SignInGuard>,
    pub assets: Assets,
    /// A proxy in front speaks TLS and names the client's address.
    pub behind_proxy: bool,
    /// Turns true when the server stops: long answers end.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    pub fn new(
        office: Office,
        assets: Assets,
        behind_proxy: bool,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            office,
            guard: Arc::default(),
            assets,
            behind_proxy,
            stopping,
        }
    }
}

fn no_such_resource() -> MethodRouter<App> {
    any(problem::no_such_resource).layer(from_fn(headers::no_store))
}

/// Everything the server answers.
pub fn router(
    app: App,
) -> axum::extract::connect_info::IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    let api = Router::new()
        .route(
            "/session",
            post(session::sign_in)
                .get(session::current)
                .delete(session::sign_out),
        )
        .route("/enrol", post(enrol::enrol))
        .route("/pull", post(pull::pull))
        .route("/activity", get(activity::activity))
        .route("/attention", get(activity::attention))
        .route("/devices", get(devices::list))
        .route("/devices/{id}/revoke", post(devices::revoke))
        .route("/devices/{id}/release", post(devices::release))
        .route("/quarantine", get(quarantine::list))
        .route("/quarantine/{id}/dismiss", post(quarantine::dismiss))
        .route("/quarantine/{id}/release", post(quarantine::release))
        .route("/imports/{id}", delete(imports::discard))
        .route("/imports/{id}/preview", post(imports::preview))
        .route("/imports/{id}/commit", post(imports::commit))
        .route("/imports/{id}/undo", post(imports::undo))
        .route("/exports/payments", post(exports::export))
        .route("/exports", get(exports::list))
        .route("/exports/{id}", get(exports::again))
        .layer(Extension(BodyMax(REQUEST_MAX_BYTES)))
        .route(
            "/push",
            post(push::push).layer(Extension(BodyMax(tournee_sync::push::PUSH_BYTES_MAX))),
        )
        .route(
            "/rescue",
            post(rescue::import).layer(Extension(BodyMax(RESCUE_FILE_MAX_BYTES))),
        )
        .route(
            "/blobs/{hash}",
            head(blobs::state)
                .get(blobs::fetch)
                .patch(blobs::receive)
                .layer(Extension(BodyMax(BLOB_CHUNK_MAX_BYTES))),
        )
        .route(
            "/imports",
            post(imports::upload)
                .get(imports::history)
                .layer(DefaultBodyLimit::max(imports::UPLOAD_MAX_BYTES)),
        )
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_MAX,
        ))
        .route("/events", get(events::events))
        .fallback(problem::no_such_resource)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(from_fn(headers::no_store))
        .layer(from_fn(headers::same_origin_only))
        .layer(from_fn(extract::drain_what_is_left));
    Router::new()
        .nest("/api/v1", api)
        // Another version of the API is not a page of the app.
        .route("/api", no_such_resource())
        .route("/api/", no_such_resource())
        .route("/api/{*path}", no_such_resource())
        .route(
            "/healthz",
            get(health::health).layer(from_fn(headers::no_store)),
        )
        .method_not_allowed_fallback(problem::no_such_method)
        .fallback(assets::asset)
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(from_fn_with_state(app.clone(), headers::security))
        .layer(from_fn(log::request))
        .with_state(app)
        .into_make_service_with_connect_info()
}
