//! What devices recorded and the office lacks (SYNC 14, 25, 32, 39).

use super::Connection;
use crate::error::{Error, Result};
use sqlx::FromRow;
use std::collections::BTreeMap;
use tournee_domain::{DeviceId, OrganisationId, ReceiptNumber};
use tournee_sync::office::{DeviceGap, GapKind};
use tournee_sync::push::Heartbeat;

/// A device said how far it has recorded. What it said of its head is never taken back.
///
/// # Errors
/// When the database fails.
pub async fn hear(
    connection: &mut Connection,
    organisation: OrganisationId,
    device: DeviceId,
    heartbeat: &Heartbeat,
) -> Result<()> {
    sqlx::query(
        "UPDATE epochs SET told_head_seq = max(told_head_seq, ?), told_waiting = ?
         WHERE organisation = ? AND device = ? AND epoch = ?",
    )
    // What no chain can reach is as far as a chain can be: a push never waits for what stands around it.
    .bind(i64::from(
        u32::try_from(heartbeat.head_seq).unwrap_or(u32::MAX),
    ))
    .bind(heartbeat.waiting)
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(heartbeat.epoch)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    device: String,
    epoch: u32,
    head_seq: i64,
    told_head_seq: i64,
    /// The device has begun a later epoch.
    ended: bool,
    first_staged: Option<i64>,
    last_receipt: u32,
    receipts: u32,
}

/// Every gap, by device's id and in the order of epochs.
///
/// # Errors
/// When the database fails.
pub async fn all(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<BTreeMap<String, Vec<DeviceGap>>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT e.device, e.epoch, e.head_seq, e.told_head_seq, e.last_receipt, d.epoch > e.epoch AS ended,
                (SELECT min(s.seq) FROM staged s
                 WHERE s.organisation = e.organisation AND s.device = e.device AND s.epoch = e.epoch) AS first_staged,
                (SELECT count(f.receipt_no) FROM facts f
                 WHERE f.organisation = e.organisation AND f.device = e.device AND f.epoch = e.epoch) AS receipts
         FROM epochs e JOIN devices d ON d.organisation = e.organisation AND d.device = e.device
         WHERE e.organisation = ? AND d.user IS NOT NULL ORDER BY e.device, e.epoch",
    )
    .bind(organisation.to_string())
    .fetch_all(&mut *connection)
    .await?;
    let mut gaps: BTreeMap<String, Vec<DeviceGap>> = BTreeMap::new();
    for row in rows {
        let mut found: Vec<DeviceGap> = row.facts().into_iter().collect();
        if row.receipts < row.last_receipt {
            found.extend(receipts(connection, organisation, &row).await?);
        }
        gaps.entry(row.device).or_default().extend(found);
    }
    Ok(gaps)
}

impl Row {
    /// Facts that are not here: lost when the epoch has ended, missing while later ones wait for them.
    fn facts(&self) -> Option<DeviceGap> {
        let head = self.head_seq.unsigned_abs();
        let told = self.told_head_seq.unsigned_abs();
        let staged = self.first_staged.map(|seq| seq.unsigned_abs() - 1);
        let (kind, last) = match staged {
            _ if self.ended => (GapKind::Lost, told),
            Some(before_staged) => (GapKind::Missing, before_staged),
            None => return None,
        };
        (last > head).then_some(DeviceGap {
            epoch: self.epoch,
            kind,
            first: head + 1,
            last,
        })
    }
}

/// Runs of receipt numbers that no stored fact bears, nor one that was released.
async fn receipts(
    connection: &mut Connection,
    organisation: OrganisationId,
    row: &Row,
) -> Result<Vec<DeviceGap>> {
    let texts: Vec<String> = sqlx::query_scalar(
        "SELECT receipt_no FROM facts WHERE organisation = ?1 AND device = ?2 AND epoch = ?3 AND receipt_no IS NOT NULL
         UNION SELECT receipt_no FROM releases
         WHERE organisation = ?1 AND device = ?2 AND epoch = ?3 AND receipt_no IS NOT NULL",
    )
    .bind(organisation.to_string())
    .bind(&row.device)
    .bind(row.epoch)
    .fetch_all(connection)
    .await?;
    let corrupt = Error::corrupt("a receipt");
    let mut taken = Vec::with_capacity(texts.len() + 1);
    for text in texts {
        let receipt: ReceiptNumber = text.parse().map_err(|error| corrupt(&error))?;
        taken.push(u64::from(receipt.n));
    }
    taken.push(u64::from(row.last_receipt) + 1);
    taken.sort_unstable();
    let mut next = 1;
    let mut gaps = Vec::new();
    for n in taken {
        if n > next {
            gaps.push(DeviceGap {
                epoch: row.epoch,
                kind: GapKind::Receipts,
                first: next,
                last: n - 1,
            });
        }
        next = next.max(n + 1);
    }
    Ok(gaps)
}
