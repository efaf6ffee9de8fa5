//! The records, computed anew from nothing but facts and the rows of imports, must be the stored ones (SYNC 30).

use crate::database::facts::StoredFact;
use crate::database::{Connection, buckets, facts, organisations, records};
use crate::error::{Error, Result};
use crate::files;
use crate::office::Office;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::FactBody;
use tournee_domain::statement::StatementRows;
use tournee_domain::{ClientCode, DeviceId, Dossier, FactId, OrganisationId};
use tournee_sync::encoding::Hash;
use tournee_sync::envelope::{FactText, chain_hash};
use tournee_sync::office::Dossiers;

/// Facts read at once.
const CHUNK: u32 = 500;

/// What the check found.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    pub facts: u64,
    pub records: usize,
    /// Clients whose stored record is not what the facts give, at most some of them.
    pub different: Vec<ClientCode>,
    /// Facts whose hash does not cover their text or does not continue their chain.
    pub broken_chains: Vec<u64>,
    /// Portfolios whose kept sum is not what their records give (SYNC 22); `""` for clients of none.
    pub wrong_sums: Vec<String>,
}

impl CheckReport {
    pub fn is_good(&self) -> bool {
        self.different.is_empty() && self.broken_chains.is_empty() && self.wrong_sums.is_empty()
    }
}

/// Recomputes everything in memory and compares.
///
/// # Errors
/// When the database fails, or a fact or its rows cannot be read.
pub async fn check(office: &Office) -> Result<CheckReport> {
    let mut tx = office.database.read().await?;
    let organisation = organisations::required(&mut tx).await?;
    let stored = records::all_dossiers(&mut tx, organisation.id).await?;
    let records = stored.len();
    let replayed = all(office, &mut tx, organisation.id, None).await?;
    let mut dossiers = Dossiers::new(stored);
    dossiers.become_those(replayed.dossiers.by_client);
    Ok(CheckReport {
        facts: replayed.facts,
        records,
        different: dossiers.changed.into_iter().collect(),
        broken_chains: replayed.broken_chains,
        wrong_sums: buckets::wrong(&mut tx, organisation.id).await?,
    })
}

/// Every dossier, from nothing but the facts; `without` one import, and without those that were undone.
///
/// # Errors
/// When the database fails, or a fact or its rows cannot be read.
pub async fn replay(
    office: &Office,
    connection: &mut Connection,
    organisation: OrganisationId,
    without: Option<FactId>,
) -> Result<BTreeMap<ClientCode, Dossier>> {
    let replayed = all(office, connection, organisation, without).await?;
    Ok(replayed.dossiers.by_client)
}

#[derive(Default)]
struct Replay {
    /// Imports that count as never made.
    undone: BTreeSet<FactId>,
    dossiers: Dossiers,
    facts: u64,
    heads: BTreeMap<(DeviceId, u32), Hash>,
    broken_chains: Vec<u64>,
}

async fn all(
    office: &Office,
    connection: &mut Connection,
    organisation: OrganisationId,
    without: Option<FactId>,
) -> Result<Replay> {
    let mut replay = Replay::default();
    replay.undone.extend(without);
    for text in facts::texts_of_type(connection, organisation, "import_undone").await? {
        if let FactBody::ImportUndone(undone) = body(&text)?.1 {
            replay.undone.insert(undone.import);
        }
    }
    let mut after = 0;
    loop {
        let chunk = facts::from(connection, organisation, after, CHUNK).await?;
        let Some(last) = chunk.last() else {
            return Ok(replay);
        };
        after = last.server_seq;
        for fact in &chunk {
            replay.one(office, fact)?;
        }
    }
}

fn body(text: &str) -> Result<(FactText, FactBody)> {
    let corrupt = Error::corrupt("a fact");
    let text: FactText = serde_json::from_str(text).map_err(|error| corrupt(&error))?;
    let body = text.read_body().map_err(|error| corrupt(&error))?;
    Ok((text, body))
}

impl Replay {
    fn one(&mut self, office: &Office, fact: &StoredFact) -> Result<()> {
        self.facts += 1;
        self.follow(fact);
        if !fact.projected {
            return Ok(());
        }
        let corrupt = Error::corrupt("a fact");
        let (text, body) = body(&fact.text)?;
        let authored = text.authored(&fact.author, &fact.device_label);
        if let FactBody::LedgerImported(imported) = &body {
            if self.undone.contains(&text.fact_id) {
                return Ok(());
            }
            let bytes = files::read(&office.data, imported.rows.as_str())?;
            let rows: StatementRows =
                serde_json::from_slice(&bytes).map_err(|error| corrupt(&error))?;
            self.dossiers
                .merge(&authored, imported, &rows)
                .map_err(|error| corrupt(&error))?;
        } else {
            self.dossiers.apply(&authored, &body);
        }
        Ok(())
    }

    fn follow(&mut self, fact: &StoredFact) {
        let head = self
            .heads
            .entry((fact.device, fact.epoch))
            .or_insert(Hash::GENESIS);
        let continues =
            *head == fact.previous && chain_hash(fact.previous, &fact.text) == fact.hash;
        *head = fact.hash;
        if !continues {
            self.broken_chains.push(fact.server_seq);
        }
    }
}
