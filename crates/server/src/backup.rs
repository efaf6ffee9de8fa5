//! A copy of an office, made while it is served: the database as of one moment, the files it names, the keys.

use crate::config::DataDir;
use crate::database::{SqliteOffice, organisations};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{files, recompute};
use serde::Serialize;
use std::path::Path;
use tournee_sync::office::OfficeStore;

/// What a backup holds.
#[derive(Debug, Serialize)]
pub struct Told {
    pub facts: u64,
    pub records: usize,
    /// Photos, signatures, imported rows and exports.
    pub files: u64,
}

/// Copies the office into a directory of its own, and checks the copy as `tournee-server check` does.
///
/// The copy's log has a new name: served in the original's place it would give out numbers again, and devices must take a
/// snapshot rather than skip what they think they have (SYNC 20).
///
/// # Errors
/// When the directory exists, the disk fails, or the copy is not what its facts give. What was written stays, for looking at.
pub async fn make(office: &Office, to: &Path) -> Result<Told> {
    office.organisation().await?;
    std::fs::create_dir(to).map_err(Error::file("cannot make", to))?;
    // Devices trust the one, and emergency files written before the copy is served are sealed to the other.
    for from in [office.data.key(), office.data.rescue_key()] {
        let key = to.join(from.file_name().unwrap_or_default());
        std::fs::copy(from, &key)
            .and_then(|_| std::fs::File::open(&key)?.sync_all())
            .map_err(Error::file("cannot write", &key))?;
    }
    let data = DataDir::open(to)?;
    office.database.copy_into(&data.database()).await?;
    // After the database: what it names is there by now, for bytes come first.
    let files = files::copy_all(&office.data, &data)?;
    let copy = Office::open(to).await?;
    let checked = check(&copy).await;
    copy.database.close().await;
    let report = checked?;
    if !report.is_good() {
        return Err(Error::Corrupt(format!(
            "the copy in {} is not what its facts give: see `tournee-server check`",
            to.display()
        )));
    }
    Ok(Told {
        facts: report.facts,
        records: report.records,
        files,
    })
}

async fn check(copy: &Office) -> Result<recompute::CheckReport> {
    let mut store = SqliteOffice::new(copy.database.write().await?).await?;
    store.begin_log(&organisations::new_log_id()).await?;
    store.commit().await?;
    recompute::check(copy).await
}
