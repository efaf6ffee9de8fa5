//! Records for one device (SYNC 19–21, 24, 29).

use crate::database::organisations::{self, OrganisationRecord};
use crate::database::records::{self, Scope};
use crate::database::users::UserRecord;
use crate::database::{Connection, devices, facts};
use crate::error::Error;
use crate::keys::OfficeKey;
use crate::office::Office;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tournee_domain::UserId;
use tournee_sync::pull::{Progress, PullRequest, PullResponse};

/// Raised when records change their form so that devices must take them anew.
const RECORD_SCHEMA: u32 = 1;
/// A snapshot that is overtaken by changes is carried on this many times before it is given out as it is.
const CATCH_UPS_MAX: u32 = 8;
/// What the office signs as a cursor begins with this, so that no other signed text is one.
const CURSOR_PREFIX: &str = "tournee cursor ";

/// Why nothing was given.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("this device is not enrolled for this user: enrol again")]
    NotThisUsersDevice,
    #[error("this device was revoked: push still works, records are no longer given")]
    Revoked,
    #[error(
        "the cursor is of another log, another scope or another form of records: pull without a cursor"
    )]
    Resnapshot,
    #[error("many devices take their first portfolio right now: ask again in a moment")]
    Busy,
    #[error(transparent)]
    Failed(#[from] Error),
}

/// How far a device is. Opaque to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cursor {
    log_id: String,
    user: UserId,
    scope_epoch: u64,
    schema: u32,
    /// Records through here were sent.
    server_seq: u64,
    /// A pull of several pages is under way.
    #[serde(default)]
    pages: Option<Pages>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Pages {
    snapshot: bool,
    /// Where this pull began.
    since: u64,
    /// Where it ends, fixed on its first page.
    until: u64,
    done: u32,
    total: u32,
    catch_ups: u32,
}

impl Cursor {
    fn seal(&self, key: &OfficeKey) -> Result<String, Error> {
        let json = serde_json::to_vec(self).map_err(|error| Error::corrupt("a cursor")(&error))?;
        let signature = key.sign(&[CURSOR_PREFIX.as_bytes(), &json].concat());
        Ok(format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(json),
            URL_SAFE_NO_PAD.encode(signature.0)
        ))
    }

    fn open(text: &str, key: &OfficeKey) -> Option<Self> {
        let (json, signature) = text.split_once('.')?;
        let json = URL_SAFE_NO_PAD.decode(json).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signed = key.verify(&[CURSOR_PREFIX.as_bytes(), &json].concat(), &signature);
        if signed {
            serde_json::from_slice(&json).ok()
        } else {
            None
        }
    }
}

/// One page of what changed in the user's scope since the cursor, or of everything without one.
///
/// # Errors
/// [`PullError`].
pub async fn pull(
    office: &Office,
    user: &UserRecord,
    request: &PullRequest,
) -> Result<PullResponse, PullError> {
    // A whole portfolio costs much; pushes never wait behind it.
    let _slot = match &request.cursor {
        Some(_) => None,
        None => Some(
            office
                .snapshots
                .try_acquire()
                .map_err(|_| PullError::Busy)?,
        ),
    };
    let mut tx = office.database.read().await?;
    let organisation = organisations::required(&mut tx).await?;
    let epoch = devices::epoch(&mut tx, organisation.id, request.device, request.epoch)
        .await?
        .filter(|epoch| epoch.user == Some(user.user.id))
        .ok_or(PullError::NotThisUsersDevice)?;
    if epoch.chain.revoked {
        return Err(PullError::Revoked);
    }
    let cursor = match &request.cursor {
        None => start(&organisation, user),
        Some(text) => Cursor::open(text, &office.key)
            .filter(|cursor| fits(cursor, &organisation, user))
            .ok_or(PullError::Resnapshot)?,
    };
    let scope = Scope::of(&user.user);
    let snapshot = request.cursor.is_none();
    let pages = match cursor.pages {
        Some(pages) => pages,
        None => begin(&mut tx, &organisation, &scope, &cursor, snapshot).await?,
    };
    let (records, cursor, pages) = page(&mut tx, &organisation, &scope, cursor, pages).await?;

    let more = cursor.pages.is_some();
    // Saying too little is safe, since facts apply once; saying too much would lose some from the screen.
    let complete_through = if more { pages.since } else { pages.until };
    let chain = (request.device, request.epoch);
    let applied_through =
        facts::applied_through(&mut tx, organisation.id, chain, complete_through).await?;
    let head = (epoch.chain.head_seq, epoch.chain.head_hash);
    Ok(PullResponse {
        snapshot: pages.snapshot,
        records,
        cursor: cursor.seal(&office.key)?,
        more,
        progress: Progress {
            done: pages.done,
            total: pages.total,
        },
        applied_through,
        ack: office.acknowledge(&organisation, chain, head)?,
        organisation: organisation.settings(),
        user: user.user.clone(),
    })
}

fn start(organisation: &OrganisationRecord, user: &UserRecord) -> Cursor {
    Cursor {
        log_id: organisation.log_id.clone(),
        user: user.user.id,
        scope_epoch: user.scope_epoch,
        schema: RECORD_SCHEMA,
        server_seq: 0,
        pages: None,
    }
}

fn fits(cursor: &Cursor, organisation: &OrganisationRecord, user: &UserRecord) -> bool {
    cursor.log_id == organisation.log_id
        && cursor.user == user.user.id
        && cursor.scope_epoch == user.scope_epoch
        && cursor.schema == RECORD_SCHEMA
        && cursor.server_seq <= organisation.clock
}

async fn begin(
    connection: &mut Connection,
    organisation: &OrganisationRecord,
    scope: &Scope,
    cursor: &Cursor,
    snapshot: bool,
) -> Result<Pages, Error> {
    let (since, until) = (cursor.server_seq, organisation.clock);
    Ok(Pages {
        snapshot,
        since,
        until,
        done: 0,
        total: records::count(connection, organisation.id, scope, since, until).await?,
        catch_ups: 0,
    })
}

/// The records of this page, the cursor after it, and where the pull stands.
async fn page(
    connection: &mut Connection,
    organisation: &OrganisationRecord,
    scope: &Scope,
    mut cursor: Cursor,
    mut pages: Pages,
) -> Result<(Vec<tournee_sync::pull::Record>, Cursor, Pages), Error> {
    let id = organisation.id;
    let records = records::page(connection, id, scope, cursor.server_seq, pages.until).await?;
    let reached = records.last().map_or(pages.until, |last| last.server_seq);
    pages.done += u32::try_from(records.len()).unwrap_or(u32::MAX);
    let rest = records::count(connection, id, scope, reached, pages.until).await?;
    cursor.server_seq = if rest > 0 { reached } else { pages.until };
    cursor.pages = (rest > 0).then_some(pages);
    if rest == 0 && pages.snapshot && pages.catch_ups < CATCH_UPS_MAX {
        // A record that changed after the first page left this snapshot's span: without it the portfolio that replaces
        // the old one would lack a client.
        let until = organisation.clock;
        let missed = records::count(connection, id, scope, pages.until, until).await?;
        if missed > 0 {
            pages.until = until;
            pages.total = pages.done + missed;
            pages.catch_ups += 1;
            cursor.pages = Some(pages);
        }
    }
    Ok((records, cursor, pages))
}
