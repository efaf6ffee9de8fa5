//! Facts leave the device once the office has had them for long (SYNC 11): until then, an office that is put back from a
//! backup gets them again. What belongs to a receipt stays (SYNC 27), and so does what was set aside.

use super::desk::{Desk, PendingFact};
use super::ports::Ports;
use super::store::{DeviceStore, FactKey, FactState, StoreError};
use crate::ack::Ack;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tournee_domain::{FactBody, FactId};

/// How long a fact stays after the office acknowledged it, by the office's clock and by this device's: one of them alone
/// may have jumped.
pub const FACTS_KEPT_MS: i64 = 30 * DAY_MS;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// So many marks are kept, one a day at most; without the oldest, facts only stay longer.
const MARKS_MAX: usize = 40;
/// Facts read at once.
const FACTS_READ: u32 = 200;
/// Note of the marks.
const ACK_MARKS: &str = "ack_marks";

/// When the present office said what it has. Another log forgets what the former said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AckMarks {
    log_id: String,
    /// In the order of their making.
    marks: Vec<AckMark>,
}

/// The office had everything through here at these times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AckMark {
    through: FactKey,
    office_ms: i64,
    device_ms: i64,
}

impl AckMarks {
    pub fn read(notes: &BTreeMap<String, String>) -> Self {
        let note = notes.get(ACK_MARKS);
        let marks = note.and_then(|json| serde_json::from_str(json).ok());
        marks.unwrap_or_default()
    }
}

/// Notes that everything acknowledged so far is at the office by the time of this acknowledgement.
///
/// # Errors
/// When the store fails.
pub(super) async fn mark<P: Ports>(desk: &Desk<P>, ack: &Ack) -> Result<(), StoreError> {
    let mark = AckMark {
        through: desk.acked_through.get(),
        office_ms: ack.server_now_ms,
        device_ms: desk.ports.now().timestamp_millis(),
    };
    let mut known = desk.ack_marks.borrow().clone();
    if known.log_id != ack.log_id {
        known = AckMarks {
            log_id: ack.log_id.clone(),
            marks: Vec::new(),
        };
    }
    let says_more = |last: &AckMark| {
        let apart_ms = mark.office_ms.abs_diff(last.office_ms);
        mark.through > last.through && apart_ms >= DAY_MS.unsigned_abs()
    };
    if !known.marks.last().is_none_or(says_more) {
        return Ok(());
    }
    known.marks.push(mark);
    let too_many = known.marks.len().saturating_sub(MARKS_MAX);
    known.marks.drain(..too_many);
    keep(desk, known).await
}

/// Deletes what the office has had long enough.
///
/// # Errors
/// When the store fails.
pub(super) async fn forget<P: Ports>(desk: &Desk<P>) -> Result<(), StoreError> {
    let Some((ripe, rest)) = ripe(desk) else {
        return Ok(());
    };
    // Of a chain that the office does not follow, everything stays.
    if desk.identity.borrow().enrol_again {
        return Ok(());
    }
    let through = ripe.min(desk.settled_through());
    let gone = long_there(desk, through).await?;
    if through > desk.forgotten_through.get() {
        desk.store().forget(through, &gone).await?;
        desk.forgotten_through.set(through);
    }
    keep(desk, rest).await
}

/// Through where the office has had everything long enough, and the marks after that.
fn ripe<P: Ports>(desk: &Desk<P>) -> Option<(FactKey, AckMarks)> {
    let exchange = desk.exchange.get()?;
    let office_now_ms = exchange.at_ms + exchange.office_offset_ms;
    let device_now_ms = desk.ports.now().timestamp_millis();
    let known = desk.ack_marks.borrow();
    let is_old = |mark: &AckMark| {
        office_now_ms - mark.office_ms >= FACTS_KEPT_MS
            && device_now_ms - mark.device_ms >= FACTS_KEPT_MS
    };
    let last = known.marks.iter().rposition(is_old)?;
    let rest = AckMarks {
        log_id: known.log_id.clone(),
        marks: known.marks[last + 1..].to_vec(),
    };
    Some((known.marks[last].through, rest))
}

/// The facts through there that need not stay.
async fn long_there<P: Ports>(
    desk: &Desk<P>,
    through: FactKey,
) -> Result<Vec<(FactKey, FactId)>, StoreError> {
    let head = desk.head.borrow().clone();
    let head = FactKey {
        epoch: head.epoch,
        seq: head.seq,
    };
    let mut read_through = desk.forgotten_through.get();
    let mut gone = Vec::new();
    loop {
        let facts = desk.store().facts_after(read_through, FACTS_READ).await?;
        for fact in facts.iter().map(PendingFact::of) {
            // The check at start compares the head with its fact.
            if fact.at <= through && fact.at != head && !stays(&fact) {
                gone.push((fact.at, fact.fact_id));
            }
        }
        match facts.last() {
            Some(last) if last.fact.at() < through => read_through = last.fact.at(),
            _ => return Ok(gone),
        }
    }
}

/// Whether it belongs to a receipt or a closing, or a person has to look at it.
fn stays(fact: &PendingFact) -> bool {
    let is_aside = matches!(
        fact.state,
        Some(FactState::Quarantined { .. } | FactState::Staged)
    );
    let is_money = matches!(
        fact.body,
        Err(_)
            | Ok(FactBody::Payment(_)
                | FactBody::PaymentReversed(_)
                | FactBody::ReceiptSigned(_)
                | FactBody::ReceiptPrinted(_)
                | FactBody::DayClosed(_))
    );
    is_aside || is_money
}

async fn keep<P: Ports>(desk: &Desk<P>, marks: AckMarks) -> Result<(), StoreError> {
    let json = serde_json::to_string(&marks).expect("marks serialise");
    desk.store().put_note(ACK_MARKS, &json).await?;
    *desk.ack_marks.borrow_mut() = marks;
    Ok(())
}
