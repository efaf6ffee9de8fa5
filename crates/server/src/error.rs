//! What can go wrong inside the server, as one line for whoever runs it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// `SQLITE_FULL`, and `SQLITE_IOERR_SHMSIZE` of the file beside the write-ahead log.
const SQLITE_NO_ROOM: [&str; 2] = ["13", "4874"];

/// A failure of the server or of one of its commands; the text names the cause and the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database's schema: {0}; it may have been written by a later version")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("{action} {}: {source}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        address: String,
        source: std::io::Error,
    },
    /// Stored data that this code cannot read: a defect, or a file touched by hand.
    #[error("stored data is not as written: {0}")]
    Corrupt(String),
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// For `map_err` on file operations.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }

    /// Whether the disk has no room: making some helps, trying again alone does not.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Database(error) => {
                let code = error.as_database_error().and_then(|error| error.code());
                code.is_some_and(|code| SQLITE_NO_ROOM.contains(&code.as_ref()))
            }
            Self::File { source, .. } => matches!(
                source.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
            ),
            _ => false,
        }
    }

    /// For `map_err` on stored JSON, ids and the like.
    pub fn corrupt(what: &str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |why| Self::Corrupt(format!("{what}: {why}"))
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
