//! Payments, and what else moves money, that the accounting package does not have yet leave as one file, marked by facts (DOMAIN §2.6). What of them
//! its ledger holds already, by a receipt number or because the accountant decided so, does not leave again.

mod lines;

use crate::database::ledger::{self, ExportRecord};
use crate::database::organisations::OrganisationRecord;
use crate::database::{SqliteOffice, blobs, records};
use crate::error::Result;
use crate::office::Office;
use crate::{clock, files, office_fact, random};
use lines::{Line, lines};
use std::collections::{BTreeMap, HashMap};
use tournee_documents::payments_csv::payments_csv;
use tournee_domain::fact::{FactBody, PaymentsExported};
use tournee_domain::format::Language;
use tournee_domain::{Amount, BlobHash, FactId, InvoiceNumber};
use tournee_sync::office::{Dossiers, OfficeAuthor, OfficeFact};

/// Payments of one export; what remains leaves with the next.
pub const EXPORT_PAYMENTS_MAX: u32 = 20_000;
/// Payments that one fact marks: its text stays far below what a fact may be long.
const FACT_PAYMENTS_MAX: usize = 1_000;
const FILE_TYPE: &str = "text/csv";

/// What left.
#[derive(Clone, Debug)]
pub struct Exported {
    /// `None` when there was nothing to export.
    pub record: Option<ExportRecord>,
    pub csv: String,
}

/// Exports what was not exported yet, in one transaction.
///
/// # Errors
/// When the database or the disk fails; nothing is marked then.
pub async fn export(
    office: &Office,
    author: &OfficeAuthor,
    language: Language,
) -> Result<Exported> {
    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let organisation = store.record().clone();
    let tx = store.connection();
    let pending = ledger::pending_payments(tx, organisation.id, EXPORT_PAYMENTS_MAX).await?;
    if pending.is_empty() {
        return Ok(Exported::nothing());
    }
    // An allocation may have moved with its invoice to another client's dossier: all are looked at.
    let mut dossiers = Dossiers::new(records::all_dossiers(tx, organisation.id).await?);
    let lines = lines(tx, &organisation, &pending, &dossiers).await?;
    let leaving = lines.iter().filter(|line| line.leaves);
    let leaving = leaving.map(|line| &line.entry);
    let count = leaving
        .clone()
        .filter(|entry| !entry.parts.is_empty())
        .count();
    if count == 0 {
        return Ok(Exported::nothing());
    }
    let csv = payments_csv(leaving, language);
    let file = files::store(&office.data, csv.as_bytes())?.to_string();
    let now = clock::now();
    blobs::verified(
        tx,
        organisation.id,
        &file,
        FILE_TYPE,
        csv.len() as u64,
        now.timestamp_millis(),
    )
    .await?;

    let begun = |body| (office_fact::begin(author, &organisation), body);
    let marks: Vec<(OfficeFact, FactBody)> = bodies(&lines, &file).into_iter().map(begun).collect();
    for (fact, body) in &marks {
        dossiers.apply(&fact.authored(), body);
    }
    let record = ExportRecord {
        id: random::uuid().to_string(),
        file_name: file_name(&organisation, language),
        author: author.name.clone(),
        payments: u32::try_from(count).unwrap_or(u32::MAX),
        file,
        exported_at_ms: now.timestamp_millis(),
    };
    let ids: Vec<FactId> = lines.iter().map(|line| line.id).collect();
    ledger::note_export(tx, organisation.id, &record, &ids).await?;
    let last = office_fact::record(office, &mut store, &marks, dossiers).await?;
    store.commit().await?;
    office.announce(last);
    tracing::info!(payments = record.payments, "payments were exported");
    Ok(Exported {
        record: Some(record),
        csv,
    })
}

/// The bytes of an earlier export.
///
/// # Errors
/// When the file is gone or changed.
pub fn again(office: &Office, record: &ExportRecord) -> Result<Vec<u8>> {
    files::read(&office.data, &record.file)
}

impl Exported {
    fn nothing() -> Self {
        Self {
            record: None,
            csv: String::new(),
        }
    }
}

/// What the ledger holds of each payment, by invoice.
fn booked(dossiers: &Dossiers) -> HashMap<FactId, BTreeMap<InvoiceNumber, Amount>> {
    let mut booked: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    let dossiers = dossiers.by_client.values();
    for invoice in dossiers.flat_map(|dossier| &dossier.invoices) {
        for allocation in &invoice.allocations {
            if allocation.booked.is_positive() {
                let of_payment = booked.entry(allocation.payment).or_default();
                *of_payment.entry(invoice.number.clone()).or_default() += allocation.booked;
            }
        }
    }
    booked
}

/// One fact a thousand payments. Those that the ledger holds entirely are marked with the others: they wait for nothing.
fn bodies(lines: &[Line], file: &str) -> Vec<FactBody> {
    lines
        .chunks(FACT_PAYMENTS_MAX)
        .map(|chunk| {
            FactBody::PaymentsExported(PaymentsExported {
                payments: chunk.iter().map(|line| line.id).collect(),
                file: BlobHash::new(file),
            })
        })
        .collect()
}

fn file_name(organisation: &OrganisationRecord, language: Language) -> String {
    let at = clock::now()
        .with_timezone(&organisation.zone)
        .format("%Y-%m-%d-%H%M%S");
    match language {
        Language::Fr => format!("encaissements-{at}.csv"),
        Language::En => format!("payments-{at}.csv"),
    }
}
