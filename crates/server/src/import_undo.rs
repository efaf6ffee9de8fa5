//! The latest import of the ledger counts as never made: every record becomes what the other facts make of it (SYNC 35).

use crate::database::ledger::{self, ImportRecord, Undo};
use crate::database::{SqliteOffice, records};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{office_fact, recompute};
use std::collections::BTreeMap;
use tournee_domain::dossier::ReceivedPayment;
use tournee_domain::fact::{FactBody, ImportUndone, LedgerImported};
use tournee_domain::{Amount, ClientCode, Dossier, FactId};
use tournee_sync::office::{
    Dossiers, ImportEntry, OfficeAuthor, UndoReport, UndoneBy, UnplacedPayment,
};

/// Payments named in a report.
const UNPLACED_MAX: usize = 200;

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoRefused {
    #[error("no import has the id {0}: the list of imports names them")]
    Unknown(String),
    #[error("this import was undone before, by {0}")]
    AlreadyUndone(String),
    #[error(
        "a later statement, of {}, rests on this one: undo import {} first",
        .0.statement_date,
        .0.id
    )]
    NotLatest(Box<ImportEntry>),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for UndoRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Undoes the import of this id. What the field recorded since stays: a payment on an invoice that is no longer known
/// stays on account, flagged in its file. What was exported to accounting stays exported.
///
/// # Errors
/// [`UndoRefused`]; nothing was changed then.
pub async fn undo(
    office: &Office,
    id: &str,
    author: &OfficeAuthor,
    reason: &str,
) -> Result<UndoReport, UndoRefused> {
    // The writer's turn begins before anything is read: the facts replayed are all there are.
    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let organisation = store.record().clone();
    let tx = store.connection();
    let import = ledger::import(tx, organisation.id, id).await?;
    let import = import.ok_or_else(|| UndoRefused::Unknown(id.to_owned()))?;
    if let Some(undo) = import.undo {
        return Err(UndoRefused::AlreadyUndone(undo.author));
    }
    let latest = ledger::latest_import(tx, organisation.id).await?;
    if let Some(latest) = latest.filter(|latest| latest.id != import.id) {
        return Err(UndoRefused::NotLatest(Box::new(entry(latest, true)?)));
    }
    let undone = FactBody::ImportUndone(ImportUndone {
        import: fact_id(&import)?,
        statement_date: imported(&import)?.statement_date,
        reason: reason.to_owned(),
    });
    let stored = records::all_dossiers(tx, organisation.id).await?;
    let replayed = recompute::replay(office, tx, organisation.id, Some(fact_id(&import)?)).await?;
    let unplaced = unplaced(&stored, &replayed);
    let mut dossiers = Dossiers::new(stored);
    dossiers.become_those(replayed);

    let fact = office_fact::begin(author, &organisation);
    let gone = |code: &&ClientCode| !dossiers.by_client.contains_key(*code);
    let erased = dossiers.changed.iter().filter(gone).count();
    let report = UndoReport {
        fact_id: fact.id,
        statement_date: imported(&import)?.statement_date,
        restored: count(dossiers.changed.len() - erased),
        erased: count(erased),
        unplaced,
    };
    let undo = Undo {
        fact_id: fact.id.to_string(),
        at_ms: fact.at.timestamp_millis(),
        author: author.name.clone(),
        reason: reason.to_owned(),
    };
    ledger::note_undo(tx, organisation.id, id, &undo).await?;
    let last = office_fact::record(office, &mut store, &[(fact, undone)], dossiers).await?;
    store.commit().await?;
    office.announce(last);
    tracing::info!(
        restored = report.restored,
        erased = report.erased,
        "an import was undone"
    );
    Ok(report)
}

/// What went in, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(office: &Office, limit: u32) -> Result<Vec<ImportEntry>> {
    let mut tx = office.database.read().await?;
    let organisation = crate::database::organisations::required(&mut tx).await?.id;
    let mut can_undo = true;
    let imports = ledger::imports(&mut tx, organisation, limit).await?;
    let entries = imports.into_iter().map(|import| {
        let stands = import.undo.is_none();
        entry(import, stands && std::mem::replace(&mut can_undo, !stands))
    });
    entries.collect()
}

fn entry(import: ImportRecord, can_undo: bool) -> Result<ImportEntry> {
    let body = imported(&import)?;
    Ok(ImportEntry {
        fact_id: fact_id(&import)?,
        id: import.id,
        committed_at_ms: import.committed_at_ms,
        author: import.author,
        statement_date: body.statement_date,
        complete: body.complete,
        files: body.files.into_iter().map(|file| file.name).collect(),
        clients: body.clients,
        invoices: body.invoices,
        can_undo,
        undone: import.undo.map(|undo| UndoneBy {
            at_ms: undo.at_ms,
            author: undo.author,
            reason: undo.reason,
        }),
    })
}

fn imported(import: &ImportRecord) -> Result<LedgerImported> {
    serde_json::from_str(&import.body).map_err(|error| Error::corrupt("an import")(&error))
}

fn fact_id(import: &ImportRecord) -> Result<FactId> {
    let id = import.fact_id.parse();
    id.map_err(|error| Error::corrupt("an import")(&error))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Payments with money that lay on invoices of the statement and stays on account now.
fn unplaced(
    before: &BTreeMap<ClientCode, Dossier>,
    after: &BTreeMap<ClientCode, Dossier>,
) -> Vec<UnplacedPayment> {
    let payments = after
        .values()
        .flat_map(|dossier| dossier.payments.iter().map(move |now| (dossier, now)));
    let moved = payments.filter_map(|(dossier, now)| {
        let former = before.get(&dossier.client.code);
        let mut former = former.into_iter().flat_map(|dossier| &dossier.payments);
        let on_account = former
            .find(|kept| kept.id == now.id)
            .map_or(Amount::ZERO, |kept: &ReceivedPayment| kept.on_account);
        let amount = now.on_account - on_account;
        amount.is_positive().then(|| UnplacedPayment {
            client: dossier.client.code.clone(),
            client_name: dossier.client.name.clone(),
            receipt: now.receipt.clone(),
            currency: now.currency,
            amount,
        })
    });
    moved.take(UNPLACED_MAX).collect()
}
