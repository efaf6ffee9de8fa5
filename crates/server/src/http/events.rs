//! `GET /events`: a word whenever the log grows, so that screens need not ask.

use super::extract::Session;
use super::{App, Problem};
use crate::office::Office;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::stream::{self, Stream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The first word comes at once: who reconnects learns what was missed.
///
/// # Errors
/// 401 without a session.
pub async fn events(
    State(app): State<App>,
    _session: Session,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let mut changes = app.office.changes.subscribe();
    changes.mark_changed();
    let stream = stream::unfold((changes, app.stopping.clone(), app.office), next);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

type Listening = (watch::Receiver<u64>, watch::Receiver<bool>, Office);

async fn next(
    (mut changes, mut stopping, office): Listening,
) -> Option<(Result<Event, Infallible>, Listening)> {
    if *stopping.borrow() {
        return None;
    }
    tokio::select! {
        _ = stopping.changed() => None,
        changed = changes.changed() => {
            changed.ok()?;
            let server_seq = *changes.borrow_and_update();
            let event = Event::default().event("changed").data(format!("{{\"server_seq\":{server_seq}}}"));
            Some((Ok(event), (changes, stopping, office)))
        }
    }
}
