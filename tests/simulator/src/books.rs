//! What the office itself records: statements and their undoing, exports, payments re-dated; and its records computed anew
//! from nothing but facts.

use crate::office::Office;
use chrono::{DateTime, Days, FixedOffset};
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::{
    FactBody, ImportUndone, LedgerImported, PaymentRedated, PaymentsExported,
};
use tournee_domain::statement::StatementRows;
use tournee_domain::{BlobHash, FactId, UserId};
use tournee_sync::envelope::FactText;
use tournee_sync::office::{Dossiers, OfficeAuthor, OfficeFact, record};
use uuid::Uuid;

/// Facts that changed records, in the log's order, each with its author and the label of its device.
pub fn projected(office: &Office) -> Vec<(FactText, FactBody, String, String)> {
    let ledger = office.ledger();
    let entries = ledger.facts.values().filter(|entry| entry.projected);
    let read = |entry: &crate::ledger::Entry| {
        let text: FactText = serde_json::from_str(&entry.sealed.text).expect("projected");
        let body = text.read_body().expect("projected");
        let label = ledger.label(entry.device).to_owned();
        (text, body, entry.author.clone(), label)
    };
    entries.map(read).collect()
}

/// The statements that were taken back.
pub fn undone<'a>(bodies: impl Iterator<Item = &'a FactBody>) -> BTreeSet<FactId> {
    let import = |body: &FactBody| match body {
        FactBody::ImportUndone(undone) => Some(undone.import),
        _ => None,
    };
    bodies.filter_map(import).collect()
}

/// Every dossier from nothing but the facts, `without` one statement and those that were undone.
pub fn replay(office: &Office, without: Option<FactId>) -> Dossiers {
    let facts = projected(office);
    let mut left_out = undone(facts.iter().map(|(_, body, _, _)| body));
    left_out.extend(without);
    let mut replayed = Dossiers::default();
    for (text, body, author, label) in facts {
        let authored = text.authored(&author, &label);
        match &body {
            FactBody::LedgerImported(_) if left_out.contains(&text.fact_id) => {}
            FactBody::LedgerImported(imported) => {
                let rows = office.rows(text.fact_id);
                let merged = replayed.merge(&authored, imported, &rows);
                merged.expect("it was merged before");
            }
            body => {
                replayed.apply(&authored, body);
            }
        }
    }
    replayed
}

impl Office {
    fn at(&self) -> DateTime<FixedOffset> {
        let zone = FixedOffset::east_opt(3600).expect("an hour");
        let utc = DateTime::from_timestamp_millis(self.world.now_ms()).unwrap_or_default();
        utc.with_timezone(&zone)
    }

    fn own_fact(&self) -> OfficeFact {
        OfficeFact {
            author: OfficeAuthor {
                user: UserId(Uuid::nil()),
                name: "Compta".to_owned(),
            },
            id: FactId(Uuid::from_u128(self.world.chance())),
            at: self.at(),
            flags: Vec::new(),
        }
    }

    fn all_dossiers(&self) -> Dossiers {
        let ledger = self.ledger();
        let dossiers = ledger.records.iter();
        let dossiers = dossiers.map(|(code, record)| (code.clone(), (*record.dossier).clone()));
        Dossiers::new(dossiers.collect())
    }

    /// Takes a statement in, as one fact of the office's own device.
    pub fn import(&self, rows: StatementRows) {
        if self.is_down() {
            return;
        }
        let fact = self.own_fact();
        let imported = LedgerImported {
            statement_date: self.statement_date.get(),
            complete: false,
            files: Vec::new(),
            rows: BlobHash::new(&fact.id.to_string()),
            clients: 0,
            invoices: 0,
            portfolio_map: BTreeMap::new(),
        };
        let mut dossiers = self.all_dossiers();
        if dossiers.merge(&fact.authored(), &imported, &rows).is_err() {
            return;
        }
        let id = fact.id;
        if self.record(fact, FactBody::LedgerImported(imported), dossiers) {
            self.keep_rows(id, rows);
        }
    }

    /// Takes the latest statement back, as the server does: every record becomes what the other facts make of it (SYNC 35).
    /// The first one stays, or there would be no world.
    pub fn undo_import(&self) {
        if self.is_down() {
            return;
        }
        let facts = projected(self);
        let gone = undone(facts.iter().map(|(_, body, _, _)| body));
        let imports = facts.iter().filter_map(|(text, body, _, _)| match body {
            FactBody::LedgerImported(imported) => Some((text.fact_id, imported.statement_date)),
            _ => None,
        });
        let standing = imports.skip(1).filter(|(id, _)| !gone.contains(id));
        let Some((import, statement_date)) = standing.last() else {
            return;
        };
        let mut dossiers = self.all_dossiers();
        dossiers.become_those(replay(self, Some(import)).by_client);
        let undone = ImportUndone {
            import,
            statement_date,
            reason: "wrong file".to_owned(),
        };
        if self.record(self.own_fact(), FactBody::ImportUndone(undone), dossiers) {
            self.world.fault("statement undone");
        }
    }

    /// Exports every payment that was not exported yet.
    pub fn export(&self) {
        if self.is_down() {
            return;
        }
        let mut dossiers = self.all_dossiers();
        let payments: BTreeSet<FactId> = dossiers
            .by_client
            .values()
            .flat_map(|dossier| &dossier.payments)
            .filter(|payment| !payment.exported)
            .map(|payment| payment.id)
            .collect();
        if payments.is_empty() {
            return;
        }
        let fact = self.own_fact();
        let body = FactBody::PaymentsExported(PaymentsExported {
            payments: payments.into_iter().collect(),
            file: BlobHash::new("00"),
        });
        dossiers.apply(&fact.authored(), &body);
        self.record(fact, body, dossiers);
    }

    /// Says that some payment was taken a day earlier than its device believed (SYNC 8).
    pub fn redate(&self) {
        if self.is_down() {
            return;
        }
        let mut dossiers = self.all_dossiers();
        let all = dossiers.by_client.values().flat_map(|dossier| {
            let standing = dossier
                .payments
                .iter()
                .filter(|payment| payment.reversed.is_none());
            standing.map(|payment| PaymentRedated {
                client: dossier.client.code.clone(),
                payment: payment.id,
                receipt: payment.receipt.clone(),
                from: payment.date,
                to: payment.date - Days::new(1),
                reason: "the clock was wrong".to_owned(),
            })
        });
        let all: Vec<PaymentRedated> = all.collect();
        if all.is_empty() {
            return;
        }
        let fact = self.own_fact();
        let body = FactBody::PaymentRedated(self.world.pick(&all).clone());
        dossiers.apply(&fact.authored(), &body);
        if self.record(fact, body, dossiers) {
            self.world.fault("payment re-dated");
        }
    }

    fn record(&self, fact: OfficeFact, body: FactBody, dossiers: Dossiers) -> bool {
        let mut db = self.transaction();
        let recorded = self.run(record(&mut db, &self.signer, &[(fact, body)], dossiers));
        recorded.expect("the office's own facts are sound");
        // Dying over it leaves nothing or everything.
        let before = self.ledger().clock;
        self.commit(db);
        self.ledger().clock > before
    }
}
