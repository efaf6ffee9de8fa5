//! The stored records against the office's sums (SYNC 22): what was lost or altered on this device is taken anew, one
//! bucket at a time. Own facts lie elsewhere and are not touched.

use super::desk::Desk;
use super::error::SyncError;
use super::ports::Ports;
use super::pull::{PullEnd, ask, put};
use super::push::take_ack;
use super::store::{DeviceStore, StoreError};
use super::taken::Taken;
use crate::encoding::Hash;
use crate::pull::{BucketSum, RecordKind, record_digest};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::ClientCode;
use tournee_domain::id::PortfolioCode;

/// Every start compares once, and a device that is never closed does so as often: every row is read for it.
const AUDIT_EVERY_MS: u64 = 24 * 3600 * 1000;
/// Rows read at once: between two readings the person at the screen comes first.
const ROWS_READ: u32 = 25;
/// Pages of one bucket.
const PAGES_MAX: u32 = 2_000;

/// The rows of this device: by code the bucket, if the row can be read, and the digest.
type Rows = BTreeMap<ClientCode, (Option<String>, Hash)>;

/// Of a dossier, what names its bucket.
#[derive(Deserialize)]
struct Placed {
    client: PlacedClient,
}

#[derive(Deserialize)]
struct PlacedClient {
    #[serde(default)]
    portfolio: Option<PortfolioCode>,
}

/// Compares what is stored with what the office says of the same moment, if it is time to; true when something was taken
/// anew.
///
/// # Errors
/// [`PullEnd`]: what is wrong stays so until the next exchange.
pub(super) async fn audit<P: Ports>(desk: &Desk<P>, sums: &[BucketSum]) -> Result<bool, PullEnd> {
    let now_ms = desk.ports.now().timestamp_millis();
    let is_recent = |at_ms: i64| now_ms.abs_diff(at_ms) < AUDIT_EVERY_MS;
    if desk.audited_ms.get().is_some_and(is_recent) {
        return Ok(false);
    }
    let rows = rows(desk).await?;
    let wrong = differing(&rows, sums);
    let mut given = BTreeSet::new();
    for bucket in &wrong {
        take(desk, bucket, &mut given).await?;
    }
    // What lies in these buckets and was not given, and what lies in none of the office's, is not the user's.
    let is_right = |bucket: &str| {
        !wrong.iter().any(|wrong| wrong == bucket) && sums.iter().any(|sum| sum.bucket == bucket)
    };
    let others = rows.into_iter().filter(|(code, (bucket, _))| {
        !given.contains(code) && !bucket.as_deref().is_some_and(is_right)
    });
    let others = Taken::erasing(others.map(|(code, _)| code).collect());
    let pull = desk.pull.borrow().clone();
    let erased = put(desk, others, pull).await?;
    let count = u32::try_from(wrong.len()).unwrap_or(u32::MAX);
    desk.mended.set(desk.mended.get().saturating_add(count));
    desk.audited_ms.set(Some(now_ms));
    Ok(erased || count > 0)
}

/// Takes a whole bucket as the office has it now; what is newer than the cursor comes once more with the next pull.
async fn take<P: Ports>(
    desk: &Desk<P>,
    bucket: &str,
    given: &mut BTreeSet<ClientCode>,
) -> Result<(), PullEnd> {
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let mut response = match ask(desk, cursor, Some(bucket)).await {
            Err(error) if error.status() == 401 => return Err(PullEnd::SessionExpired),
            answer => answer?,
        };
        let epoch = desk.identity.borrow().device.epoch;
        take_ack(desk, &response.ack, epoch).await?;
        let taken = Taken::out_of(&mut response)?;
        given.extend(taken.codes());
        let pull = desk.pull.borrow().clone();
        put(desk, taken, pull).await?;
        if !response.more {
            return Ok(());
        }
        cursor = Some(response.cursor);
    }
    let detail = format!("portfolio « {bucket} » has more than {PAGES_MAX} pages");
    Err(SyncError::Refused(detail).into())
}

async fn rows<P: Ports>(desk: &Desk<P>) -> Result<Rows, StoreError> {
    let generation = desk.pull.borrow().generation;
    let mut rows = Rows::new();
    loop {
        desk.ports.rest().await;
        let after = rows.last_key_value().map(|(code, _)| code.clone());
        let read = desk
            .store()
            .dossiers(generation, after.as_ref(), ROWS_READ)
            .await?;
        if read.is_empty() {
            return Ok(rows);
        }
        for (code, text) in read {
            let placed: Option<Placed> = serde_json::from_str(&text).ok();
            let portfolio = placed.map(|placed| placed.client.portfolio);
            let bucket = portfolio.map(|code| code.map(|code| code.to_string()));
            let digest = record_digest(RecordKind::Dossier, code.as_str(), &text);
            rows.insert(code, (bucket.map(Option::unwrap_or_default), digest));
        }
    }
}

/// Buckets of the office that are not so here.
fn differing(rows: &Rows, sums: &[BucketSum]) -> Vec<String> {
    let mut here: BTreeMap<&str, BucketSum> = BTreeMap::new();
    for (bucket, digest) in rows.values() {
        if let Some(bucket) = bucket.as_deref() {
            let sum = here.entry(bucket);
            sum.or_insert_with(|| BucketSum::empty(bucket)).add(*digest);
        }
    }
    let is_other = |sum: &&BucketSum| match here.get(&*sum.bucket) {
        Some(own) => own != *sum,
        None => sum.records > 0,
    };
    let wrong = sums.iter().filter(is_other);
    wrong.map(|sum| sum.bucket.clone()).collect()
}
