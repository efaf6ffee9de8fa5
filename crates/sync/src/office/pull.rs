//! Records for one device (SYNC 19–22, 29).

use super::Scope;
use super::acknowledge::acknowledge;
use super::cursor::{Cursor, Pages};
use super::store::{OfficeKey, OfficeStore};
use crate::PROTOCOL;
use crate::pull::{PULL_PROTOCOL_MIN, Progress, PullRequest, PullResponse, Record};
use serde_json::value::to_raw_value;
use tournee_domain::summary::{SUMMARY_FORM, Summary};
use tournee_domain::{Dossier, UserId};

/// A snapshot that is overtaken by changes is carried on this many times before it is given out as it is.
const CATCH_UPS_MAX: u32 = 8;

/// Why nothing was given.
#[derive(Debug, thiserror::Error)]
pub enum PullRefused<E> {
    #[error(
        "this office gives records in protocol {PULL_PROTOCOL_MIN} to {PROTOCOL}: load the app anew; facts waiting on the device can be pushed all the same"
    )]
    UpgradeRequired,
    #[error("this device is not enrolled for this user: enrol again")]
    NotThisUsersDevice,
    #[error("this device was revoked: push still works, records are no longer given")]
    Revoked,
    #[error(
        "the cursor is of another log, another scope or another form of records, or too old: pull without a cursor"
    )]
    Resnapshot,
    #[error(transparent)]
    Failed(#[from] E),
}

/// One page of what changed in the user's scope since the cursor, or of everything without one.
///
/// # Errors
/// [`PullRefused`].
pub async fn pull<S: OfficeStore>(
    store: &mut S,
    key: &impl OfficeKey,
    session: UserId,
    request: &PullRequest,
    now_ms: i64,
) -> Result<PullResponse, PullRefused<S::Error>> {
    if !(PULL_PROTOCOL_MIN..=PROTOCOL).contains(&request.protocol) {
        return Err(PullRefused::UpgradeRequired);
    }
    let organisation = store.organisation().clone();
    let user = store.user(session).await?;
    let epoch = store.epoch(request.device, request.epoch).await?;
    let (Some(user), Some(epoch)) = (user, epoch.filter(|epoch| epoch.user == Some(session)))
    else {
        return Err(PullRefused::NotThisUsersDevice);
    };
    if epoch.chain.revoked {
        return Err(PullRefused::Revoked);
    }
    let bucket = request.bucket.as_deref();
    let cursor = match &request.cursor {
        None => Cursor::start(&organisation, &user, bucket),
        Some(text) => Cursor::open(text, key)
            .filter(|cursor| cursor.fits(&organisation, &user, bucket))
            .ok_or(PullRefused::Resnapshot)?,
    };
    let scope = Scope::of(&user.user);
    let scope = bucket.map_or(scope.clone(), |bucket| scope.only(bucket));
    let pages = match cursor.pages {
        Some(pages) => pages,
        None => begin(store, &scope, &cursor, request.cursor.is_none()).await?,
    };
    let (mut records, cursor, pages) = page(store, &scope, cursor, pages).await?;
    if request.summaries == Some(SUMMARY_FORM) {
        records.iter_mut().for_each(summarise);
    }

    let more = cursor.pages.is_some();
    // Saying too little is safe, since facts apply once; saying too much would lose some from the screen.
    let complete_through = if more { pages.since } else { pages.until };
    let chain = (request.device, request.epoch);
    // The sums are of now: of any other moment they would accuse what is right.
    let buckets = match !more && pages.until == organisation.clock {
        true => Some(store.sums(&scope).await?),
        false => None,
    };
    Ok(PullResponse {
        snapshot: pages.snapshot,
        records,
        cursor: cursor.seal(key),
        more,
        progress: Progress {
            done: pages.done,
            total: pages.total,
        },
        applied_through: store.applied_through(chain, complete_through).await?,
        buckets,
        ack: acknowledge(key, &organisation, &epoch, Vec::new(), now_ms),
        organisation: organisation.settings,
        user: user.user,
    })
}

/// Adds the summary of a body that can be read; the device reads any other itself, and says so.
fn summarise(record: &mut Record) {
    let body = record.body.as_ref();
    let dossier = body.and_then(|body| Dossier::read(body.get()).ok());
    let summary = dossier.map(|dossier| Summary::of(&dossier));
    record.summary = summary.and_then(|summary| to_raw_value(&summary).ok());
}

async fn begin<S: OfficeStore>(
    store: &mut S,
    scope: &Scope,
    cursor: &Cursor,
    snapshot: bool,
) -> Result<Pages, S::Error> {
    let (since, until) = (cursor.server_seq, store.organisation().clock);
    let mut pages = Pages {
        snapshot,
        since,
        until,
        // What left before a snapshot began was never in it.
        erased_after: if snapshot { until } else { since },
        done: 0,
        total: 0,
        catch_ups: 0,
    };
    pages.total = store.count(scope, pages.after(since)).await?;
    Ok(pages)
}

/// The records of this page, the cursor after it, and where the pull stands.
async fn page<S: OfficeStore>(
    store: &mut S,
    scope: &Scope,
    mut cursor: Cursor,
    mut pages: Pages,
) -> Result<(Vec<Record>, Cursor, Pages), S::Error> {
    let records = store.page(scope, pages.after(cursor.server_seq)).await?;
    let reached = records.last().map_or(pages.until, |last| last.server_seq);
    pages.done += u32::try_from(records.len()).unwrap_or(u32::MAX);
    let rest = store.count(scope, pages.after(reached)).await?;
    cursor.server_seq = if rest > 0 { reached } else { pages.until };
    cursor.pages = (rest > 0).then_some(pages);
    if rest == 0 && pages.snapshot && pages.catch_ups < CATCH_UPS_MAX {
        // A record that changed after the first page left this snapshot's span: without it the portfolio that replaces
        // the old one would lack a client, or hold one that went to somebody else.
        let reached = pages.until;
        pages.until = store.organisation().clock;
        let missed = store.count(scope, pages.after(reached)).await?;
        if missed > 0 {
            pages.total = pages.done + missed;
            pages.catch_ups += 1;
            cursor.pages = Some(pages);
        } else {
            pages.until = reached;
        }
    }
    Ok((records, cursor, pages))
}
