//! What is typed during a visit, as it lies in the device's drafts.

use crate::pages::word::from_word;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tournee_domain::fact::{Position, VisitOutcome};
use tournee_domain::{FactId, InvoiceNumber};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitDraft {
    /// Made when the visit began: payments and papers taken during it name it.
    pub fact_id: FactId,
    pub started_at: DateTime<FixedOffset>,
    pub position: Option<Position>,
    /// The collector asked for it, whether or not the device found it.
    pub position_wanted: bool,
    pub person_name: String,
    pub person_function: String,
    /// As serialised, `partly_paid`; empty until chosen.
    pub outcome: String,
    pub comments: BTreeMap<InvoiceNumber, String>,
    /// `None` while the report writes itself.
    pub report: Option<String>,
    pub next_text: String,
    /// `2026-11-24`, or empty.
    pub next_date: String,
}

impl VisitDraft {
    pub fn new(
        fact_id: FactId,
        started_at: DateTime<FixedOffset>,
        position: Option<Position>,
        position_wanted: bool,
    ) -> Self {
        Self {
            fact_id,
            started_at,
            position,
            position_wanted,
            person_name: String::new(),
            person_function: String::new(),
            outcome: String::new(),
            comments: BTreeMap::new(),
            report: None,
            next_text: String::new(),
            next_date: String::new(),
        }
    }

    pub fn outcome(&self) -> Option<VisitOutcome> {
        from_word(&self.outcome)
    }
}
