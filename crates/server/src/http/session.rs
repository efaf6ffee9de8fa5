//! Signing in and out: an opaque token in a cookie no script can read, stored hashed.

use super::extract::{Json, Session};
use super::{App, Problem};
use crate::database::{organisations, sessions, users};
use crate::error::Error;
use crate::{clock, password, random};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::{IpAddr, SocketAddr};
use tournee_sync::office::{SessionResponse, SignInRequest};

const COOKIE: &str = "__Host-tournee";
/// Bytes of a token: 256 bits.
const TOKEN_BYTES: usize = 32;

/// The token of the request's cookie.
pub fn token_of(headers: &HeaderMap) -> Option<Vec<u8>> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, token)| URL_SAFE_NO_PAD.decode(token).ok())
        .filter(|token| token.len() == TOKEN_BYTES)
}

fn cookie(token: &str, max_age_s: i64) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={max_age_s}")
}

/// Where the request comes from; behind a proxy, what the proxy itself says.
fn address(app: &App, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
    let forwarded = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .next_back()
        .filter(|_| app.behind_proxy);
    forwarded
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or(peer.ip())
}

/// `POST /session`.
///
/// # Errors
/// 401 for a wrong login or password, which are not told apart; 429 after too many.
pub async fn sign_in(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(request): Json<SignInRequest>,
) -> Result<impl IntoResponse, Problem> {
    let login = users::fold_login(&request.login);
    if login.is_empty() || login.len() > users::LOGIN_MAX_BYTES {
        return Err(Problem::bad_request(
            "login",
            "the login is empty or too long",
        ));
    }
    if request.password.len() > password::PASSWORD_MAX_BYTES {
        return Err(Problem::bad_request("password", "the password is too long"));
    }
    let address = address(&app, &headers, peer);
    if let Some(wait) = app.guard.wait(&login, address, clock::instant()) {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            "Too many wrong passwords",
            "wait before trying again; facts on the device are safe and still leave",
        )
        .retry_after(wait.as_secs().max(1)));
    }
    let (organisation, user) = {
        let mut tx = app.office.database.read().await?;
        let organisation = organisations::only(&mut tx)
            .await?
            .ok_or_else(no_organisation)?;
        let user = users::by_login(&mut tx, organisation.id, &login).await?;
        (organisation, user)
    };
    if !is_right(
        &app,
        request.password,
        user.as_ref().map(|user| user.password_hash.clone()),
    )
    .await?
    {
        app.guard.failed(&login, address, clock::instant());
        return Err(wrong_password());
    }
    let user = user.ok_or_else(wrong_password)?.user;
    app.guard.succeeded(&login);
    let token: [u8; TOKEN_BYTES] = random::bytes();
    let mut tx = app.office.database.write().await?;
    sessions::create(&mut tx, organisation.id, user.id, &token, clock::now_ms()).await?;
    tx.commit().await?;
    let cookie = cookie(
        &URL_SAFE_NO_PAD.encode(token),
        sessions::SESSION_AGE_MAX_MS / 1000,
    );
    let response = SessionResponse {
        user,
        organisation: organisation.settings(),
    };
    Ok((
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        axum::Json(response),
    ))
}

/// Hashing takes as long for an unknown login, and never blocks other requests.
async fn is_right(app: &App, password: String, stored: Option<String>) -> Result<bool, Problem> {
    let _turn = app.guard.hashing.acquire().await;
    tokio::task::spawn_blocking(move || password::verify(&password, stored.as_deref()))
        .await
        .map_err(|error| Error::Corrupt(format!("checking a password: {error}")).into())
}

fn wrong_password() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong_password",
        "Login or password is wrong",
        "try again, or ask the administrator for a new password",
    )
}

fn no_organisation() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "no_organisation",
        "There is no organisation yet",
        "make one with `tournee-server demo` or `tournee-server import`, and an account with `tournee-server user add`",
    )
}

/// `GET /session`.
pub async fn current(session: Session) -> axum::Json<SessionResponse> {
    axum::Json(SessionResponse {
        organisation: session.organisation.settings(),
        user: session.user.user,
    })
}

/// `DELETE /session`. Signed out already is signed out.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(
    State(app): State<App>,
    session: Option<Session>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let (Some(session), Some(token)) = (session, token_of(&headers)) {
        let mut tx = app.office.database.write().await?;
        sessions::end(&mut tx, session.organisation.id, &token).await?;
        tx.commit().await?;
    }
    let gone = HeaderValue::from_str(&cookie("", 0)).unwrap_or(HeaderValue::from_static(""));
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, gone)]),
    ))
}
