//! Uploads that wait for their commit, in a folder each.

use crate::clock;
use crate::config::DataDir;
use crate::error::{Error, Result};
use crate::ledger_import::{Source, SourceFile};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// An upload nobody committed for longer was abandoned.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Uploads that may wait at once: the oldest make place for a new one.
pub const STAGED_IMPORTS_MAX: usize = 20;

const NAMES: &str = "names.json";
pub const CLIENTS: &str = "clients";
pub const INVOICES: &str = "invoices";

/// Names of the files as their sender has them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    pub clients: Option<String>,
    pub invoices: Option<String>,
}

/// One upload's folder.
#[derive(Clone, Debug)]
pub struct Staged {
    pub id: Uuid,
    folder: PathBuf,
}

impl Staged {
    /// The folder of an upload that exists.
    pub fn find(data: &DataDir, id: Uuid) -> Option<Self> {
        let folder = data.imports().join(id.to_string());
        folder.join(NAMES).is_file().then_some(Self { id, folder })
    }

    /// # Errors
    /// When the folder cannot be made.
    pub fn create(data: &DataDir, id: Uuid) -> Result<Self> {
        let folder = data.imports().join(id.to_string());
        std::fs::create_dir(&folder).map_err(Error::file("cannot create", &folder))?;
        Ok(Self { id, folder })
    }

    /// Where one of the two files is written.
    pub fn file(&self, table: &str) -> PathBuf {
        self.folder.join(table)
    }

    /// The upload is complete.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn finish(&self, names: &Names) -> Result<()> {
        let path = self.folder.join(NAMES);
        let json =
            serde_json::to_vec(names).map_err(|error| Error::corrupt("file names")(&error))?;
        std::fs::write(&path, json).map_err(Error::file("cannot write", &path))
    }

    /// # Errors
    /// When the disk fails.
    pub fn read(&self) -> Result<Source> {
        let path = self.folder.join(NAMES);
        let json = std::fs::read(&path).map_err(Error::file("cannot read", &path))?;
        let names: Names =
            serde_json::from_slice(&json).map_err(|error| Error::corrupt("file names")(&error))?;
        let read = |table, name: Option<String>| {
            name.map(|name| {
                let path = self.file(table);
                let bytes = std::fs::read(&path).map_err(Error::file("cannot read", &path))?;
                Ok::<_, Error>(SourceFile { name, bytes })
            })
            .transpose()
        };
        Ok(Source {
            clients: read(CLIENTS, names.clients)?,
            invoices: read(INVOICES, names.invoices)?,
        })
    }

    /// # Errors
    /// When the disk fails.
    pub fn discard(&self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).map_err(Error::file("cannot remove", &self.folder))
    }
}

/// Removes abandoned uploads, and the oldest beyond `keep`.
///
/// # Errors
/// When the disk fails.
pub fn sweep(data: &DataDir, keep: usize) -> Result<()> {
    let root = data.imports();
    let now = SystemTime::from(clock::now());
    let entries = std::fs::read_dir(&root).map_err(Error::file("cannot read", &root))?;
    let mut uploads: Vec<(Duration, PathBuf)> = entries
        .flatten()
        .map(|entry| {
            let made = entry.metadata().and_then(|metadata| metadata.modified());
            let age = made.ok().and_then(|made| now.duration_since(made).ok());
            (age.unwrap_or_default(), entry.path())
        })
        .collect();
    uploads.sort_unstable();
    for (at, (age, path)) in uploads.iter().enumerate() {
        if at >= keep || *age > KEPT {
            std::fs::remove_dir_all(path).map_err(Error::file("cannot remove", path))?;
        }
    }
    Ok(())
}
