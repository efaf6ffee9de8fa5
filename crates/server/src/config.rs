//! Where things lie in the data directory.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The directory that holds everything of one office.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Creates the directory when it is missing and checks that it can be written.
    ///
    /// # Errors
    /// One line that names the directory and what is wrong with it.
    pub fn open(root: &Path) -> Result<Self> {
        std::fs::create_dir_all(root).map_err(Error::file("cannot create", root))?;
        let probe = root.join(".writable");
        std::fs::write(&probe, b"").map_err(Error::file("cannot write in", root))?;
        std::fs::remove_file(&probe).map_err(Error::file("cannot write in", root))?;
        let data = Self {
            root: root.to_owned(),
        };
        for folder in [data.blobs(), data.imports()] {
            std::fs::create_dir_all(&folder).map_err(Error::file("cannot create", &folder))?;
        }
        Ok(data)
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("tournee.sqlite")
    }

    /// The office's signing key.
    pub fn key(&self) -> PathBuf {
        self.root.join("office-key.pem")
    }

    /// Photos, signatures and imported rows, in files named by their hash.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// Uploads that wait for their commit.
    pub fn imports(&self) -> PathBuf {
        self.root.join("imports")
    }
}
