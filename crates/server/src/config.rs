//! Where things lie in the data directory.

use crate::error::{Error, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

const DATABASE: &str = "tournee.sqlite";
const OPEN_LOCK: &str = "open.lock";
const SERVE_LOCK: &str = "serve.lock";

/// The directory that holds everything of one office.
#[derive(Clone, Debug)]
pub struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Makes the directory when it is missing, and checks that it can be written.
    ///
    /// # Errors
    /// One line that names the directory and what is wrong with it.
    pub fn open(root: &Path) -> Result<Self> {
        std::fs::create_dir_all(root).map_err(Error::file("cannot create", root))?;
        let data = Self {
            root: root.to_owned(),
        };
        for folder in [data.blobs(), data.uploads(), data.imports()] {
            std::fs::create_dir_all(&folder).map_err(Error::file("cannot create", &folder))?;
        }
        // Opened for writing, it also tells whether the directory can be written.
        data.lock_file(OPEN_LOCK)?;
        Ok(data)
    }

    /// Waits until no other process is opening the directory: two that made its key or its tables at once would meet. Lasts
    /// until the file is closed.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn open_alone(&self) -> Result<File> {
        let file = self.lock_file(OPEN_LOCK)?;
        file.lock()
            .map_err(Error::file("cannot lock", &self.root.join(OPEN_LOCK)))?;
        Ok(file)
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.root.join(name))
            .map_err(Error::file("cannot write in", &self.root))
    }

    /// Whether a directory was an office's before. Looks only.
    pub fn holds_database(root: &Path) -> bool {
        root.join(DATABASE).is_file()
    }

    /// Makes this process the only one that serves the directory, until the file is closed or the process ends, however it
    /// ends. Commands that import or export may run beside it.
    ///
    /// # Errors
    /// When another process serves it.
    pub fn serve_alone(&self) -> Result<File> {
        let file = self.lock_file(SERVE_LOCK)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::Usage(format!(
                "{} is served by another tournee-server: stop that one, or choose another directory with --data",
                self.root.display()
            ))),
            Err(TryLockError::Error(error)) => Err(Error::file(
                "cannot lock",
                &self.root.join(SERVE_LOCK),
            )(error)),
        }
    }

    pub fn database(&self) -> PathBuf {
        self.root.join(DATABASE)
    }

    /// The office's signing key.
    pub fn key(&self) -> PathBuf {
        self.root.join("office-key.pem")
    }

    /// The key that opens emergency files.
    pub fn rescue_key(&self) -> PathBuf {
        self.root.join("rescue-key.pem")
    }

    /// Photos, signatures and imported rows, in files named by their hash.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// Photos and signatures of which a part has arrived.
    pub fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Ledger files that wait for their commit.
    pub fn imports(&self) -> PathBuf {
        self.root.join("imports")
    }
}
