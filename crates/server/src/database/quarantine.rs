//! What a person must look at.

use super::Connection;
use super::facts::number;
use crate::error::{Error, Result};
use sqlx::FromRow;
use tournee_domain::{DeviceId, OrganisationId};
use tournee_sync::encoding::Bytes;
use tournee_sync::enrol::User;
use tournee_sync::envelope::SealedFact;
use tournee_sync::key::KeyId;
use tournee_sync::office::{
    Decision, DeviceEpoch, Outcome, QuarantineState, Quarantined, QuarantinedFact,
};

/// Rows shown to the office.
const SHOWN_MAX: i64 = 200;
/// So many people have to say the same: nobody decides alone (SYNC §4).
pub const DECISIONS_MIN: usize = 2;
/// Rows kept of one device and epoch: somebody without its key could otherwise fill the disk in its name.
const KEPT_MAX: i64 = 20_000;

/// Keeps the bytes; the same bytes pushed again for the same reason are the same row.
///
/// # Errors
/// When the database fails, or holds too much of this device's epoch already.
pub async fn insert(
    connection: &mut Connection,
    organisation: OrganisationId,
    outcome: &Outcome,
    row: &Quarantined,
) -> Result<()> {
    let DeviceEpoch { device, epoch, .. } = &outcome.epoch;
    let kept: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM quarantine WHERE organisation = ? AND device = ? AND epoch = ?",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .fetch_one(&mut *connection)
    .await?;
    if kept >= KEPT_MAX {
        return Err(Error::Usage(format!(
            "device {device} has {KEPT_MAX} facts in quarantine: look into them before it pushes more"
        )));
    }
    sqlx::query(
        "INSERT INTO quarantine (organisation, device, epoch, seq, fact_id, type_name, author, reason, detail, received_at_ms,
                                 previous, hash, signature, key_id, text)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
         WHERE NOT EXISTS (SELECT 1 FROM quarantine
                           WHERE organisation = ?1 AND device = ?2 AND epoch = ?3 AND hash = ?12 AND reason = ?8 AND text = ?15)",
    )
    .bind(organisation.to_string())
    .bind(device.to_string())
    .bind(epoch)
    .bind(number(row.seq)?)
    .bind(row.fact_id.map(|id| id.to_string()))
    .bind(&row.type_name)
    .bind(&outcome.author)
    .bind(row.reason)
    .bind(&row.detail)
    .bind(outcome.received_at_ms)
    .bind(row.sealed.previous.to_string())
    .bind(row.sealed.hash.to_string())
    .bind(&row.sealed.signature.0)
    .bind(&row.sealed.key.0)
    .bind(&row.sealed.text)
    .execute(connection)
    .await?;
    Ok(())
}

/// What people may decide about something set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is to be done about it.
    Dismiss,
    /// It counts after all.
    Release,
}

impl Verdict {
    fn code(self) -> &'static str {
        match self {
            Self::Dismiss => "dismiss",
            Self::Release => "release",
        }
    }
}

/// Something set aside, with its bytes and what people said of it.
#[derive(Clone, Debug)]
pub struct AsideRecord {
    pub id: i64,
    pub device: DeviceId,
    pub epoch: u32,
    pub seq: u64,
    pub sealed: SealedFact,
    pub fact: QuarantinedFact,
    pub released: bool,
    pub dismissals: Vec<Decision>,
    pub releases: Vec<Decision>,
}

impl AsideRecord {
    pub fn state(&self) -> QuarantineState {
        if self.released {
            QuarantineState::Released
        } else if self.dismissals.len() >= DECISIONS_MIN {
            QuarantineState::Dismissed
        } else {
            QuarantineState::Open
        }
    }
}

#[derive(FromRow)]
struct Row {
    id: i64,
    device: String,
    epoch: u32,
    seq: i64,
    received_at_ms: i64,
    label: String,
    author: String,
    type_name: String,
    reason: String,
    detail: String,
    previous: String,
    hash: String,
    signature: Vec<u8>,
    key_id: String,
    text: String,
    released: bool,
    /// JSON of [`Said`].
    decisions: String,
}

#[derive(serde::Deserialize)]
struct Said {
    decision: String,
    #[serde(flatten)]
    by: Decision,
}

impl TryFrom<Row> for AsideRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrupt = Error::corrupt("something set aside");
        let said: Vec<Said> =
            serde_json::from_str(&row.decisions).map_err(|error| corrupt(&error))?;
        let (releases, dismissals): (Vec<Said>, Vec<Said>) = said
            .into_iter()
            .partition(|said| said.decision == Verdict::Release.code());
        let by = |said: Vec<Said>| said.into_iter().map(|said| said.by).collect();
        Ok(Self {
            id: row.id,
            device: row.device.parse().map_err(|error| corrupt(&error))?,
            epoch: row.epoch,
            seq: row.seq.unsigned_abs(),
            sealed: SealedFact {
                text: row.text,
                previous: row.previous.parse().map_err(|error| corrupt(&error))?,
                hash: row.hash.parse().map_err(|error| corrupt(&error))?,
                signature: Bytes(row.signature),
                key: KeyId(row.key_id),
            },
            fact: QuarantinedFact {
                received_at_ms: row.received_at_ms,
                device_label: row.label,
                author: row.author,
                type_name: row.type_name,
                reason: row.reason,
                detail: row.detail,
            },
            released: row.released,
            dismissals: by(dismissals),
            releases: by(releases),
        })
    }
}

macro_rules! select_aside {
    ($rest:literal) => {
        concat!(
            "SELECT q.id, q.device, q.epoch, q.seq, q.received_at_ms, d.label, q.author, q.type_name, q.reason, q.detail,
                    q.previous, q.hash, q.signature, q.key_id, q.text,
                    EXISTS (SELECT 1 FROM releases r WHERE r.organisation = q.organisation AND r.quarantine = q.id) AS released,
                    (SELECT json_group_array(json_object('decision', s.decision, 'name', s.name, 'reason', s.reason,
                                                         'decided_at_ms', s.decided_at_ms))
                     FROM (SELECT * FROM decisions WHERE organisation = q.organisation AND quarantine = q.id
                           ORDER BY decided_at_ms) s) AS decisions
             FROM quarantine q JOIN devices d ON d.organisation = q.organisation AND d.device = q.device
             WHERE q.organisation = ? ",
            $rest
        )
    };
}

/// The newest about which nothing is decided.
///
/// # Errors
/// When the database fails.
pub async fn open(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<QuarantinedFact>> {
    let newest = newest(connection, organisation).await?.into_iter();
    let open = newest.filter(|aside| aside.state() == QuarantineState::Open);
    Ok(open.map(|aside| aside.fact).collect())
}

/// The newest, whatever was decided about them.
///
/// # Errors
/// When the database fails.
pub async fn newest(
    connection: &mut Connection,
    organisation: OrganisationId,
) -> Result<Vec<AsideRecord>> {
    let rows: Vec<Row> = sqlx::query_as(select_aside!("ORDER BY q.id DESC LIMIT ?"))
        .bind(organisation.to_string())
        .bind(SHOWN_MAX)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(AsideRecord::try_from).collect()
}

/// # Errors
/// When the database fails.
pub async fn one(
    connection: &mut Connection,
    organisation: OrganisationId,
    id: i64,
) -> Result<Option<AsideRecord>> {
    let row: Option<Row> = sqlx::query_as(select_aside!("AND q.id = ?"))
        .bind(organisation.to_string())
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.map(AsideRecord::try_from).transpose()
}

/// Notes one person's word, in the place of an earlier one. False when this person said so before.
///
/// # Errors
/// When the database fails.
pub async fn decide(
    connection: &mut Connection,
    organisation: OrganisationId,
    id: i64,
    user: &User,
    verdict: Verdict,
    decision: &Decision,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO decisions (organisation, quarantine, user, name, reason, decided_at_ms, decision)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (organisation, quarantine, user) DO UPDATE
           SET name = excluded.name, reason = excluded.reason, decided_at_ms = excluded.decided_at_ms,
               decision = excluded.decision
           WHERE decision <> excluded.decision",
    )
    .bind(organisation.to_string())
    .bind(id)
    .bind(user.id.to_string())
    .bind(&decision.name)
    .bind(&decision.reason)
    .bind(decision.decided_at_ms)
    .bind(verdict.code())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
