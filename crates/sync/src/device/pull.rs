//! Records from the office (SYNC 19–22, 29).

use super::desk::Desk;
use super::error::SyncError;
use super::portfolio::Portfolio;
use super::ports::{CallError, Ports};
use super::push::{present_certificate, read_signed, take_ack};
use super::store::{DeviceStore, FactKey, PageWrite, PullState, Shadow};
use super::taken::{Taken, parse};
use crate::PROTOCOL;
use crate::pull::{BucketSum, Progress, PullRequest, PullResponse};
use futures::future::{OptionFuture, join};
use std::collections::BTreeMap;
use tournee_domain::ClientCode;
use tournee_domain::summary::{SUMMARY_FORM, Summary};

/// Pages of one exchange: a large portfolio takes a few hundred.
const PAGES_MAX: u32 = 5_000;

/// Pages of changes that become visible together, so that no screen adds up half of an import. Beyond them, what is shown
/// meanwhile is marked as being updated.
const PAGES_HELD_MAX: u32 = 64;

/// What lists show of the clients of a snapshot that is not complete yet.
type Summaries = BTreeMap<ClientCode, Summary>;

/// Why a pull ended early.
pub enum PullEnd {
    /// Nobody is signed in as this device's user.
    SessionExpired,
    Failed(SyncError),
}

impl<E: Into<SyncError>> From<E> for PullEnd {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What a pull brought.
#[derive(Debug, Default)]
pub struct Pulled {
    /// The screens have something new to show.
    pub changed: bool,
    /// What the office holds at the moment that was reached, to compare with what lies here.
    pub sums: Option<Vec<BucketSum>>,
}

/// Takes everything new.
///
/// # Errors
/// [`PullEnd`]: the pages that arrived stay.
pub async fn pull_all<P: Ports>(
    desk: &Desk<P>,
    progress: impl Fn(Progress),
) -> Result<Pulled, PullEnd> {
    let mut changed = false;
    // The summaries of a snapshot under way; read again from the shadow when it was begun before a restart.
    let mut snapshot: Option<Summaries> = None;
    let mut held: Option<Held> = None;
    let mut reminded = false;
    // The page after one that is being written.
    let mut ahead: Option<Result<PullResponse, CallError>> = None;
    let mut followed = false;
    for _ in 0..PAGES_MAX {
        let cursor = held.as_ref().map(|held| held.page.cursor.clone());
        let answer = match ahead.take() {
            Some(answer) => answer,
            None => ask(desk, cursor, None).await,
        };
        let mut response = match answer {
            Err(error) if error.kind() == "resnapshot" => {
                forget_cursor(desk).await?;
                (snapshot, held, followed) = (None, None, false);
                continue;
            }
            Err(error) if error.status() == 401 => return Err(PullEnd::SessionExpired),
            Err(error) if error.kind() == "unknown_device" => {
                is_own_session(desk).await?;
                // Once: an office that takes the certificate knows the device from then on.
                if !reminded && present_certificate(desk).await? {
                    reminded = true;
                    continue;
                }
                desk.mark_for_enrolment().await?;
                return Err(SyncError::DeviceFrozen.into());
            }
            answer => answer?,
        };
        let epoch = desk.identity.borrow().device.epoch;
        if followed {
            // The first page's said where the office stands.
            read_signed(desk, &response.ack, epoch).await?;
        } else {
            take_ack(desk, &response.ack, epoch).await?;
            followed = true;
        }
        let more = response.more;
        let sums = response.buckets.take();
        if response.snapshot {
            progress(response.progress);
            held = None;
            // The office reads while the device reads and writes: its question goes out first.
            let next = more.then(|| ask(desk, Some(response.cursor.clone()), None));
            let written = take_snapshot_page(desk, response, &mut snapshot);
            let (next, written) = join(OptionFuture::from(next), written).await;
            changed |= written?;
            ahead = next;
        } else {
            let page = Held::and(held.take(), response);
            if more && page.pages < PAGES_HELD_MAX {
                held = Some(page);
            } else {
                changed |= take_page(desk, page.page).await?;
            }
        }
        if !more {
            desk.drop_settled();
            return Ok(Pulled { changed, sums });
        }
    }
    Ok(Pulled {
        changed,
        sums: None,
    })
}

/// Pages of changes received and not written yet: a pull that breaks off asks for them again.
struct Held {
    page: PullResponse,
    pages: u32,
}

impl Held {
    fn and(held: Option<Self>, next: PullResponse) -> Self {
        let Some(held) = held else {
            return Self {
                page: next,
                pages: 1,
            };
        };
        let mut records = held.page.records;
        records.extend(next.records);
        Self {
            page: PullResponse { records, ..next },
            pages: held.pages + 1,
        }
    }
}

/// Asks for one bucket after `cursor`; or for everything after it, or else from where the store stands.
pub(super) async fn ask<P: Ports>(
    desk: &Desk<P>,
    cursor: Option<String>,
    bucket: Option<&str>,
) -> Result<PullResponse, CallError> {
    let request = {
        let (identity, pull) = (desk.identity.borrow(), desk.pull.borrow());
        let shadow = pull.shadow.as_ref().map(|shadow| shadow.cursor.clone());
        PullRequest {
            protocol: PROTOCOL,
            build: desk.ports.build(),
            device: identity.device.id,
            epoch: identity.device.epoch,
            cursor: match bucket {
                Some(_) => cursor,
                None => cursor.or(shadow).or_else(|| pull.cursor.clone()),
            },
            bucket: bucket.map(str::to_owned),
            summaries: Some(SUMMARY_FORM),
            heartbeat: Some(desk.heartbeat()),
        }
    };
    desk.ports.pull(&request).await
}

/// Either somebody else has signed in in this browser, or the office has no such device any more.
async fn is_own_session<P: Ports>(desk: &Desk<P>) -> Result<(), PullEnd> {
    let own_user = desk.identity.borrow().user.id;
    match desk.ports.session().await {
        Ok(session) if session.user.id == own_user => Ok(()),
        Ok(_) => Err(PullEnd::SessionExpired),
        Err(error) if error.status() == 401 => Err(PullEnd::SessionExpired),
        Err(error) => Err(error.into()),
    }
}

/// The office cannot go on from this cursor: a snapshot replaces what is here once it is complete.
async fn forget_cursor<P: Ports>(desk: &Desk<P>) -> Result<(), SyncError> {
    let pull = PullState {
        cursor: None,
        shadow: None,
        ..desk.pull.borrow().clone()
    };
    let page = PageWrite {
        generation: pull.generation,
        pull,
        ..PageWrite::default()
    };
    write(desk, page).await
}

/// Changes to the present generation.
async fn take_page<P: Ports>(
    desk: &Desk<P>,
    mut response: PullResponse,
) -> Result<bool, SyncError> {
    let pull = PullState {
        cursor: Some(response.cursor.clone()),
        applied_through: applied_through(desk, &response),
        ..desk.pull.borrow().clone()
    };
    keep_organisation(desk, &response).await?;
    put(desk, Taken::out_of(&mut response)?, pull).await
}

/// Writes records of the present generation, and where the pull then stands; true when there are any.
pub(super) async fn put<P: Ports>(
    desk: &Desk<P>,
    taken: Taken,
    pull: PullState,
) -> Result<bool, SyncError> {
    let codes = taken.codes();
    let changed = !codes.is_empty();
    let grown = desk.portfolio.borrow_mut().update(taken.summaries);
    let codes = (!grown).then_some(codes.as_slice());
    let chunks = desk.portfolio.borrow().chunk_texts(codes);
    let before = desk.pull.borrow().clone();
    let pull = PullState {
        chunks: desk.portfolio.borrow().chunks(),
        ..pull
    };
    if !changed && pull == before {
        return Ok(false);
    }
    let page = PageWrite {
        generation: pull.generation,
        dossiers: taken.dossiers,
        chunks,
        pull,
        drop_other_generations: false,
    };
    write(desk, page).await?;
    Ok(changed)
}

/// One page of a snapshot into the shadow; the last one puts the shadow in the present generation's place.
async fn take_snapshot_page<P: Ports>(
    desk: &Desk<P>,
    mut response: PullResponse,
    snapshot: &mut Option<Summaries>,
) -> Result<bool, SyncError> {
    let before = desk.pull.borrow().clone();
    let shadow = before.shadow.as_ref().map(|shadow| shadow.generation);
    let generation = shadow.unwrap_or(before.generation + 1);
    if snapshot.is_none() {
        *snapshot = Some(read_shadow(desk, shadow).await?);
    }
    let Taken {
        dossiers,
        summaries,
    } = Taken::out_of(&mut response)?;
    let known = snapshot.get_or_insert_default();
    for (code, summary) in summaries {
        // A page sent again brings the same clients again.
        match summary {
            Some(summary) => known.insert(code, summary),
            None => known.remove(&code),
        };
    }
    keep_organisation(desk, &response).await?;
    if response.more {
        let pull = PullState {
            shadow: Some(Shadow {
                generation,
                cursor: response.cursor.clone(),
            }),
            ..before
        };
        let page = PageWrite {
            generation,
            dossiers,
            pull,
            ..PageWrite::default()
        };
        write(desk, page).await?;
        return Ok(false);
    }
    let summaries = snapshot.take().unwrap_or_default();
    let portfolio = Portfolio::of(summaries.into_values().collect());
    let page = PageWrite {
        generation,
        dossiers,
        chunks: portfolio.chunk_texts(None),
        pull: PullState {
            generation,
            cursor: Some(response.cursor.clone()),
            applied_through: applied_through(desk, &response),
            chunks: portfolio.chunks(),
            shadow: None,
        },
        drop_other_generations: true,
    };
    write(desk, page).await?;
    *desk.portfolio.borrow_mut() = portfolio;
    // What has just come needs no comparison.
    desk.audited_ms
        .set(Some(desk.ports.now().timestamp_millis()));
    Ok(true)
}

async fn read_shadow<P: Ports>(
    desk: &Desk<P>,
    generation: Option<u32>,
) -> Result<Summaries, SyncError> {
    let Some(generation) = generation else {
        return Ok(Summaries::new());
    };
    let texts = desk.store().dossiers(generation, None, u32::MAX).await?;
    let mut summaries = Summaries::new();
    for (_, text) in &texts {
        let summary = Summary::of(&parse(text)?);
        summaries.insert(summary.code.clone(), summary);
    }
    Ok(summaries)
}

/// Raised by the last page only: until then the records hold a part of what the office has applied.
fn applied_through<P: Ports>(desk: &Desk<P>, response: &PullResponse) -> FactKey {
    let before = desk.pull.borrow().applied_through;
    if response.more {
        return before;
    }
    let epoch = desk.identity.borrow().device.epoch;
    let told = FactKey {
        epoch,
        seq: response.applied_through,
    };
    // The office speaks of this epoch only: what still waits of a former one is in no record yet.
    let former = desk.first_waiting(|at| at.epoch < epoch);
    let told = former.map_or(told, |at| FactKey {
        seq: at.seq - 1,
        ..at
    });
    // A snapshot replaces every record, also by those of an office that was put back: what it lost is shown from here.
    if response.snapshot {
        told
    } else {
        told.max(before)
    }
}

async fn write<P: Ports>(desk: &Desk<P>, page: PageWrite) -> Result<(), SyncError> {
    desk.store().write_page(&page).await?;
    *desk.pull.borrow_mut() = page.pull;
    Ok(())
}

/// The organisation's settings and the user's role come with every page.
async fn keep_organisation<P: Ports>(
    desk: &Desk<P>,
    response: &PullResponse,
) -> Result<(), SyncError> {
    let mut identity = desk.identity.borrow().clone();
    identity.organisation = response.organisation.clone();
    identity.user = response.user.clone();
    if identity == *desk.identity.borrow() {
        return Ok(());
    }
    Ok(desk.keep_identity(identity).await?)
}
