//! Photos and signatures of which a part has arrived, in a file each; verified they lie with the other bytes (SYNC 34).

use crate::clock;
use crate::config::DataDir;
use crate::error::{Error, Result};
use crate::files;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tournee_domain::UserId;
use tournee_sync::blob::new_bytes;
use tournee_sync::encoding::Hash;

/// An upload that nobody went on with for longer begins anew.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// The bytes through here have arrived.
    Through(u64),
    /// It does not fit what has arrived; the next chunk begins here.
    Elsewhere(u64),
    /// All bytes are in their file, and their hash is right.
    Verified,
    /// All bytes came, and they are others: nothing of them is kept.
    OtherBytes,
}

/// Which blob comes, and from whom. Who signed in has an upload of their own: a stranger who knows the hash cannot spoil it
/// with other bytes.
#[derive(Clone, Copy, Debug)]
pub struct Upload {
    pub hash: Hash,
    /// `None` without a session.
    pub user: Option<UserId>,
}

/// # Errors
/// When the disk fails.
pub fn offset_bytes(data: &DataDir, upload: Upload) -> Result<u64> {
    let path = path(data, upload);
    match std::fs::metadata(&path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Error::file("cannot read", &path)(error)),
    }
}

/// Adds a chunk to a blob of `size_bytes`. The same chunk may come twice, also at the same time.
///
/// # Errors
/// When the disk fails.
pub fn receive(
    data: &DataDir,
    upload: Upload,
    size_bytes: u64,
    offset_bytes: u64,
    chunk: &[u8],
) -> Result<Received> {
    let hash = &upload.hash;
    let path = path(data, upload);
    let failed = || Error::file("cannot write", &path);
    let (mut file, mut held) = open(&path).map_err(failed())?;
    // Whoever waited for the file while its last chunk came begins another one, for nothing.
    if files::path(data, &hash.to_string())?.exists() {
        return forget(&path).map(|()| Received::Verified);
    }
    let Some(new) = new_bytes(&held, offset_bytes, chunk, size_bytes) else {
        return Ok(Received::Elsewhere(held.len() as u64));
    };
    file.write_all(new).map_err(failed())?;
    held.extend_from_slice(new);
    if (held.len() as u64) < size_bytes {
        return Ok(Received::Through(held.len() as u64));
    }
    if Hash::of(&held) != *hash {
        file.set_len(0).map_err(failed())?;
        return Ok(Received::OtherBytes);
    }
    files::store(data, &held)?;
    forget(&path).map(|()| Received::Verified)
}

fn forget(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("cannot remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Opens the file for this request alone, at its end, with what it holds.
fn open(path: &PathBuf) -> std::io::Result<(File, Vec<u8>)> {
    let mut options = File::options();
    let options = options.create(true).truncate(false).read(true).write(true);
    let mut file = options.open(path)?;
    file.lock()?;
    let mut held = Vec::new();
    file.read_to_end(&mut held)?;
    file.seek(SeekFrom::End(0))?;
    Ok((file, held))
}

fn path(data: &DataDir, Upload { hash, user }: Upload) -> PathBuf {
    let name = match user {
        Some(user) => format!("{hash}-{user}"),
        None => hash.to_string(),
    };
    data.uploads().join(name)
}

/// Removes uploads that nobody goes on with.
///
/// # Errors
/// When the disk fails.
pub fn sweep(data: &DataDir) -> Result<()> {
    let root = data.uploads();
    let now = SystemTime::from(clock::now());
    let entries = std::fs::read_dir(&root).map_err(Error::file("cannot read", &root))?;
    for entry in entries.flatten() {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|at| now.duration_since(at).ok());
        if age.is_some_and(|age| age > KEPT) {
            forget(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_upload_is_forgotten() {
        let root = std::env::temp_dir().join(format!("tournee-uploads-{}", std::process::id()));
        let data = DataDir::open(&root).unwrap();
        let upload = |photo: &[u8]| Upload {
            hash: Hash::of(photo),
            user: None,
        };
        let (old, new) = (upload(b"old photo"), upload(b"new photo"));
        for upload in [old, new] {
            assert_eq!(
                receive(&data, upload, 9, 0, b"half").unwrap(),
                Received::Through(4)
            );
        }
        let long_ago = SystemTime::from(clock::now()) - KEPT - Duration::from_secs(60);
        let file = File::options().write(true).open(path(&data, old)).unwrap();
        file.set_modified(long_ago).unwrap();
        sweep(&data).unwrap();
        let offsets = [old, new].map(|upload| offset_bytes(&data, upload).unwrap());
        assert_eq!(offsets, [0, 4]);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
