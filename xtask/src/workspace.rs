//! Where things are in the work tree.

use std::path::{Path, PathBuf};

use crate::Result;

/// The folder of the root `Cargo.toml`.
pub fn root() -> PathBuf {
    // As cargo says now: a target folder may have been moved since this was compiled.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = xtask.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    xtask.parent().unwrap_or(&xtask).to_path_buf()
}

/// Where trunk puts the finished app.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Cargo's folder for the wasm app: one of its own, so that app and server builds do not wait for
/// each other.
pub fn app_target() -> PathBuf {
    root().join("target/app")
}

/// All files below `folder`, sorted by path.
///
/// # Errors
/// When a folder cannot be read; the message names it.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let cannot = |error| format!("cannot list {}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a whole file; the error names it.
///
/// # Errors
/// When the file is missing or not readable.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Reads a whole text file; the error names it.
///
/// # Errors
/// When the file is missing, not readable or not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Writes a whole file and the folders above it; the error names it.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }
    std::fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
