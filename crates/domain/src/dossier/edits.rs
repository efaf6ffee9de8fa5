//! Corrections of the client file: proposed in the field, decided by the office field by field (SYNC 31, PRODUCT A6).

use super::{Client, Detail, Dossier, Event, EventKind};
use crate::FactId;
use crate::fact::{
    Authored, ClientEditDecided, ClientEditProposed, ClientField, FieldChange, Flag,
};
use crate::order;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

/// Fields of a proposal that wait for the office's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditProposal {
    pub id: FactId,
    pub at: DateTime<FixedOffset>,
    pub author: String,
    pub changes: Vec<FieldChange>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// A correction that the office accepted and the ledger does not have yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub field: ClientField,
    pub value: String,
    /// What the ledger says as long as it was not corrected there.
    pub replaced: String,
}

impl Dossier {
    /// Keeps the proposal; nothing of the file changes.
    pub(super) fn propose_edit(
        &mut self,
        authored: &Authored,
        proposed: &ClientEditProposed,
    ) -> Vec<Flag> {
        let what = EventKind::ClientEditProposed {
            changes: proposed.changes.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let id = authored.fact_id;
        if self.decided_edits.contains(&id) || self.proposals.iter().any(|kept| kept.id == id) {
            return Vec::new();
        }
        self.proposals.push(EditProposal {
            id,
            at: authored.at,
            author: authored.author.clone(),
            changes: proposed.changes.clone(),
            comment: proposed.comment.clone(),
        });
        // The order facts come in leaves no trace.
        order::sort_by_key(&mut self.proposals, |kept| (kept.at, kept.id));
        let is_stale = |change: &FieldChange| self.client.field(&change.field) != change.from;
        match proposed.changes.iter().any(is_stale) {
            true => vec![Flag::StaleBase],
            false => Vec::new(),
        }
    }

    /// Accepted fields enter the file; a proposal whose every field was decided is done.
    pub(super) fn decide_edit(
        &mut self,
        authored: &Authored,
        decided: &ClientEditDecided,
    ) -> Vec<Flag> {
        let what = EventKind::ClientEditDecided {
            accepted: decided.accepted.clone(),
            refused: decided.refused.clone(),
            comment: decided.comment.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let mut proposals = self.proposals.iter_mut();
        let Some(proposal) = proposals.find(|kept| kept.id == decided.proposal) else {
            return match self.decided_edits.contains(&decided.proposal) {
                true => Vec::new(),
                false => vec![Flag::UnknownReference],
            };
        };
        for change in &proposal.changes {
            if decided.accepted.contains(&change.field) {
                self.client.correct(&change.field, &change.to);
            }
        }
        proposal.changes.retain(|change| {
            !decided.accepted.contains(&change.field) && !decided.refused.contains(&change.field)
        });
        if proposal.changes.is_empty() {
            self.decided_edits.push(decided.proposal);
            self.proposals.retain(|kept| kept.id != decided.proposal);
        }
        Vec::new()
    }
}

impl Client {
    /// What the file says in this field; empty when nothing.
    pub fn field(&self, field: &ClientField) -> &str {
        match field {
            ClientField::Name => &self.name,
            ClientField::TaxId => &self.tax_id,
            ClientField::City => &self.city,
            ClientField::Phone => &self.phone,
            ClientField::Email => &self.email,
            ClientField::Detail(name) => self
                .details
                .iter()
                .find(|detail| detail.name == *name)
                .map_or("", |detail| &detail.value),
        }
    }

    /// Writes an accepted correction, and remembers what the ledger says instead.
    fn correct(&mut self, field: &ClientField, value: &str) {
        let known = self.corrections.iter().position(|one| one.field == *field);
        let replaced = match known {
            Some(place) => self.corrections.remove(place).replaced,
            None => self.field(field).to_owned(),
        };
        self.set_field(field, value);
        if replaced != value {
            self.corrections.push(Correction {
                field: field.clone(),
                value: value.to_owned(),
                replaced,
            });
            order::sort_by(&mut self.corrections, |a, b| a.field.cmp(&b.field));
        }
    }

    /// What the ledger now says of the client, with the corrections it does not have yet. Where the ledger moved to the
    /// correction, or to something else again, the ledger's word stands.
    pub(crate) fn with_corrections_of(mut self, before: &Self) -> Self {
        for correction in &before.corrections {
            if self.field(&correction.field) == correction.replaced {
                self.set_field(&correction.field, &correction.value);
                self.corrections.push(correction.clone());
            }
        }
        self
    }

    fn set_field(&mut self, field: &ClientField, value: &str) {
        let value = value.to_owned();
        match field {
            ClientField::Name => self.name = value,
            ClientField::TaxId => self.tax_id = value,
            ClientField::City => self.city = value,
            ClientField::Phone => self.phone = value,
            ClientField::Email => self.email = value,
            ClientField::Detail(name) => {
                let known = self.details.iter_mut().find(|detail| detail.name == *name);
                match known {
                    Some(detail) => detail.value = value,
                    None => self.details.push(Detail {
                        name: name.clone(),
                        value,
                    }),
                }
                self.details.retain(|detail| !detail.value.is_empty());
            }
        }
    }
}
