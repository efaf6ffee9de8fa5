//! Bytes on disk, named by their SHA-256. A file is complete or it is not there.

use crate::config::DataDir;
use crate::error::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use tournee_sync::encoding::Hash;

/// Where bytes of this hash lie, or would lie.
///
/// # Errors
/// When the text is no hash: it never becomes a path then.
pub fn path(data: &DataDir, hash: &str) -> Result<PathBuf> {
    let parsed: Hash = hash
        .parse()
        .map_err(|_| Error::Usage(format!("« {hash} » is not a SHA-256")))?;
    let name = parsed.to_string();
    Ok(data.blobs().join(&name[..2]).join(name))
}

/// Stores the bytes durably: written beside, flushed, then renamed. Returns their hash.
///
/// # Errors
/// When the disk fails.
pub fn store(data: &DataDir, bytes: &[u8]) -> Result<Hash> {
    let hash = Hash::of(bytes);
    let path = path(data, &hash.to_string())?;
    if path.exists() {
        return Ok(hash);
    }
    let folder = data.blobs().join(&hash.to_string()[..2]);
    std::fs::create_dir_all(&folder).map_err(Error::file("cannot create", &folder))?;
    let beside = folder.join(format!("{}.part", hex::encode(crate::random::bytes::<8>())));
    let write = || {
        let mut file = std::fs::File::create_new(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)
    };
    write().map_err(Error::file("cannot write", &path))?;
    // The names must survive a power cut too: the file's, and its folder's when it is the first in it.
    sync_folder(&folder)?;
    sync_folder(&data.blobs())?;
    Ok(hash)
}

/// # Errors
/// When there is no such file, or it no longer holds what its name says.
pub fn read(data: &DataDir, hash: &str) -> Result<Vec<u8>> {
    let path = path(data, hash)?;
    let bytes = std::fs::read(&path).map_err(Error::file("cannot read", &path))?;
    if Hash::of(&bytes).to_string() == hash {
        Ok(bytes)
    } else {
        Err(Error::Corrupt(format!(
            "{} does not hold the bytes its name says: restore it from a backup",
            path.display()
        )))
    }
}

/// Copies every file, durably. Returns how many.
///
/// # Errors
/// When the disk fails.
pub fn copy_all(from: &DataDir, to: &DataDir) -> Result<u64> {
    let mut copied = 0;
    for file in all(from)? {
        let (Some(name), Some(folder)) =
            (file.file_name(), file.parent().and_then(Path::file_name))
        else {
            continue;
        };
        if is_part(&file) {
            continue;
        }
        let folder = to.blobs().join(folder);
        std::fs::create_dir_all(&folder).map_err(Error::file("cannot create", &folder))?;
        let copy = folder.join(name);
        std::fs::copy(&file, &copy)
            .and_then(|_| std::fs::File::open(&copy)?.sync_all())
            .map_err(Error::file("cannot write", &copy))?;
        sync_folder(&folder)?;
        copied += 1;
    }
    sync_folder(&to.blobs())?;
    Ok(copied)
}

/// Removes what an interrupted write left behind.
///
/// # Errors
/// When the folder cannot be read.
pub fn sweep(data: &DataDir) -> Result<()> {
    for file in all(data)?.iter().filter(|file| is_part(file)) {
        std::fs::remove_file(file).map_err(Error::file("cannot remove", file))?;
    }
    Ok(())
}

/// Every file in the folders of hashes, whole or not.
fn all(data: &DataDir) -> Result<Vec<PathBuf>> {
    let entries =
        |folder: &PathBuf| std::fs::read_dir(folder).map_err(Error::file("cannot read", folder));
    let mut files = Vec::new();
    for folder in entries(&data.blobs())?.flatten().map(|entry| entry.path()) {
        if folder.is_dir() {
            files.extend(entries(&folder)?.flatten().map(|entry| entry.path()));
        }
    }
    Ok(files)
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> Result<()> {
    let sync = || std::fs::File::open(folder)?.sync_all();
    sync().map_err(Error::file("cannot write", folder))
}

fn is_part(file: &Path) -> bool {
    file.extension().is_some_and(|suffix| suffix == "part")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_become_paths() {
        let root = std::env::temp_dir().join(format!("tournee-files-{}", std::process::id()));
        let data = DataDir::open(&root).unwrap();
        let hash = store(&data, b"bytes").unwrap().to_string();
        assert_eq!(read(&data, &hash).unwrap(), b"bytes");
        for bad in ["", "../../etc/passwd", &hash[1..], &hash.replace('a', "g")] {
            if bad != hash {
                assert!(path(&data, bad).is_err(), "{bad}");
            }
        }
        std::fs::write(path(&data, &hash).unwrap(), b"other").unwrap();
        assert!(read(&data, &hash).is_err(), "changed bytes are noticed");
        std::fs::remove_dir_all(&root).unwrap();
    }
}
