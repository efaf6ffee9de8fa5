//! What happened, newest first, told from the facts themselves.

use crate::database::facts::{self, StoredFact};
use crate::database::{Connection, ledger, records};
use crate::error::Result;
use std::collections::BTreeMap;
use tournee_domain::dossier::{Client, Event, EventKind};
use tournee_domain::fact::{Authored, FactBody};
use tournee_domain::{ClientCode, Dossier, FactId, OrganisationId};
use tournee_sync::office::{Activity, ActivityEntry};

/// One page of at most `limit` entries before `before`.
///
/// # Errors
/// When the database fails or a stored fact cannot be read.
pub async fn page(
    connection: &mut Connection,
    organisation: OrganisationId,
    before: Option<u64>,
    limit: u32,
) -> Result<Activity> {
    let mut stored = facts::newest(connection, organisation, before, limit + 1).await?;
    let more = stored.len() > limit as usize;
    stored.truncate(limit as usize);
    let read: Vec<(&StoredFact, (Authored, FactBody))> = stored
        .iter()
        .map(|fact| Ok((fact, fact.counted()?)))
        .collect::<Result<_>>()?;

    let clients = read.iter().filter_map(|(_, (_, body))| body.client());
    let dossiers = records::dossiers(connection, organisation, clients).await?;
    let ids: Vec<FactId> = read
        .iter()
        .map(|(_, (authored, _))| authored.fact_id)
        .collect();
    let exported = ledger::exported(connection, organisation, &ids).await?;
    let entries = read
        .iter()
        .filter_map(|(fact, (authored, body))| {
            let event = event(authored, body)?;
            Some(ActivityEntry {
                server_seq: fact.server_seq,
                received_at_ms: fact.received_at_ms,
                client: body.client().cloned(),
                client_name: body
                    .client()
                    .map_or_else(String::new, |code| name(&dossiers, code)),
                event,
                flags: fact.flags.clone(),
                exported: exported.contains(&authored.fact_id),
            })
        })
        .collect();
    Ok(Activity { entries, more })
}

fn name(dossiers: &BTreeMap<ClientCode, Dossier>, code: &ClientCode) -> String {
    dossiers
        .get(code)
        .map_or_else(String::new, |dossier| dossier.client.name.clone())
}

/// The line a fact leaves in a timeline: the one it leaves in an empty dossier of its client.
pub fn event(authored: &Authored, body: &FactBody) -> Option<Event> {
    let Some(code) = body.client() else {
        let what = match body {
            FactBody::LedgerImported(imported) => EventKind::Statement {
                date: imported.statement_date,
                invoices: imported.invoices,
            },
            FactBody::ImportUndone(undone) => EventKind::StatementUndone {
                date: undone.statement_date,
                reason: undone.reason.clone(),
            },
            _ => return None,
        };
        return Some(Event {
            id: authored.fact_id,
            at: authored.at,
            author: authored.author.clone(),
            device_label: authored.device_label.clone(),
            what,
            attachments: Vec::new(),
        });
    };
    let mut empty = Dossier::new(Client::new(code.clone(), String::new()));
    empty.apply(authored, body);
    empty.events.into_iter().next()
}
