//! Facts become dossiers. Ingest, imports and the recomputation all go through here, so that they cannot differ
//! (SYNC 30).

use super::release::released;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::dossier::Client;
use tournee_domain::fact::{Authored, FactBody, Flag, LedgerImported};
use tournee_domain::statement::{self, MergeError, MergeReport, Statement, StatementRows};
use tournee_domain::{ClientCode, Dossier, FactId};

/// Dossiers in memory, and which of them changed.
#[derive(Debug, Default)]
pub struct Dossiers {
    pub by_client: BTreeMap<ClientCode, Dossier>,
    /// Those to store; one that is no longer there is to be erased.
    pub changed: BTreeSet<ClientCode>,
}

impl Dossiers {
    pub fn new(by_client: BTreeMap<ClientCode, Dossier>) -> Self {
        Self {
            by_client,
            changed: BTreeSet::new(),
        }
    }

    /// Applies a fact about one client, or an export of payments. A client nobody knows gets a dossier of its own, which
    /// managers see: the money is not lost while the ledger does not name its payer yet.
    pub fn apply(&mut self, authored: &Authored, body: &FactBody) -> Vec<Flag> {
        if let FactBody::PaymentsExported(exported) = body {
            let payments = exported.payments.iter().copied().collect();
            for (code, dossier) in &mut self.by_client {
                if dossier.mark_exported(&payments) {
                    self.changed.insert(code.clone());
                }
            }
            return Vec::new();
        }
        if let FactBody::QuarantineReleased(release) = body {
            // What could not be read was never released.
            return released(release).map_or_else(
                |_| Vec::new(),
                |(authored, body)| self.apply(&authored, &body),
            );
        }
        let Some(code) = body.client() else {
            return Vec::new();
        };
        let known = self.by_client.contains_key(code);
        let dossier = self
            .by_client
            .entry(code.clone())
            .or_insert_with(|| Dossier::new(Client::new(code.clone(), code.to_string())));
        let mut flags = dossier.apply(authored, body);
        if !known {
            flags.push(Flag::UnknownClient);
        }
        self.changed.insert(code.clone());
        flags
    }

    /// Whether this fact moved money in a dossier: then it has to reach accounting.
    pub fn has_entry(&self, body: &FactBody, id: FactId) -> bool {
        let moves_money = matches!(
            body,
            FactBody::Payment(_)
                | FactBody::PaymentReversed(_)
                | FactBody::ChequeBounced(_)
                | FactBody::Reallocated(_)
                | FactBody::AmountWaived(_)
                | FactBody::WithholdingAttested(_)
        );
        let client = body.client().filter(|_| moves_money);
        let dossier = client.and_then(|client| self.by_client.get(client));
        dossier.is_some_and(|dossier| dossier.has_entry(id))
    }

    /// Merges a statement's rows.
    ///
    /// # Errors
    /// [`MergeError`]; nothing changed then.
    pub fn merge(
        &mut self,
        authored: &Authored,
        imported: &LedgerImported,
        rows: &StatementRows,
    ) -> Result<MergeReport, MergeError> {
        let statement = Statement {
            authored,
            date: imported.statement_date,
            complete: imported.complete,
            portfolio_map: &imported.portfolio_map,
        };
        let report = statement::merge(&mut self.by_client, rows, &statement)?;
        self.changed.extend(report.changed.iter().cloned());
        Ok(report)
    }

    /// Makes these the dossiers: those that are others than before, or are gone, have changed.
    pub fn become_those(&mut self, by_client: BTreeMap<ClientCode, Dossier>) {
        let before = std::mem::replace(&mut self.by_client, by_client);
        let all = before.keys().chain(self.by_client.keys());
        let other = all.filter(|code| before.get(code) != self.by_client.get(code));
        self.changed.extend(other.cloned());
    }

    /// Those that changed, for storing under numbers of their own: a dossier, or the code of one to be erased.
    pub fn into_changed(self) -> impl Iterator<Item = Result<Dossier, ClientCode>> {
        let Self {
            mut by_client,
            changed,
        } = self;
        changed
            .into_iter()
            .map(move |code| by_client.remove(&code).ok_or(code))
    }
}
