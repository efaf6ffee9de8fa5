//! Who at the office does something, and when: what its own facts begin with (SYNC 35).

use crate::database::SqliteOffice;
use crate::database::organisations::OrganisationRecord;
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{clock, random};
use tournee_domain::UserId;
use tournee_domain::fact::FactBody;
use tournee_sync::office::{self, Dossiers, OfficeAuthor, OfficeFact, RecordRefused};
use uuid::Uuid;

/// Somebody at the server's command line.
pub fn console(organisation: &OrganisationRecord) -> OfficeAuthor {
    OfficeAuthor {
        user: UserId(Uuid::nil()),
        name: organisation.name.clone(),
    }
}

/// A fact of now.
pub fn begin(author: &OfficeAuthor, organisation: &OrganisationRecord) -> OfficeFact {
    OfficeFact {
        author: author.clone(),
        id: random::fact_id(),
        at: clock::now()
            .with_timezone(&organisation.zone)
            .fixed_offset(),
        flags: Vec::new(),
    }
}

/// Writes the office's facts and the dossiers they changed. Returns the last number given out.
///
/// # Errors
/// When the database fails, or a body is longer than a fact may be.
pub async fn record(
    office: &Office,
    store: &mut SqliteOffice,
    facts: &[(OfficeFact, FactBody)],
    dossiers: Dossiers,
) -> Result<u64> {
    let recorded = office::record(store, office.key.as_ref(), facts, dossiers).await;
    recorded.map_err(|error| match error {
        RecordRefused::TooLong(_) => Error::Corrupt(error.to_string()),
        RecordRefused::Failed(error) => error,
    })
}
