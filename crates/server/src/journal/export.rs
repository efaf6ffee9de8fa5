//! Writes the journal.

use super::{EndLine, FORMAT, JournalLine, KeyLine, Line, end_hash};
use crate::clock;
use crate::database::{devices, facts, organisations};
use crate::error::{Error, Result};
use crate::office::Office;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use tournee_sync::encoding::Hash;
use tournee_sync::office::OfficeKey;

/// Facts read at once.
const CHUNK: u32 = 500;

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    pub facts: u64,
    pub bytes: u64,
}

/// Writes the whole journal, of one moment, into a new file.
///
/// # Errors
/// When the file exists or the disk or the database fails; an incomplete file lacks its last line.
pub async fn export(office: &Office, path: &Path) -> Result<Exported> {
    let mut tx = office.database.read().await?;
    let organisation = organisations::required(&mut tx).await?;
    let mut writer = Writer::create(path)?;
    writer.line(&Line::Journal(JournalLine {
        format: FORMAT,
        organisation: organisation.settings(),
        log_id: organisation.log_id.clone(),
        clock: organisation.clock,
        exported_at_ms: clock::now_ms(),
    }))?;
    for chain in devices::chains(&mut tx, organisation.id).await? {
        writer.line(&Line::Key(KeyLine {
            device: chain.device,
            label: chain.label,
            epoch: chain.epoch,
            public_key: chain.key,
            head_seq: chain.chain.head_seq,
            head_hash: chain.chain.head_hash,
        }))?;
    }
    let mut exported = 0;
    let mut after = 0;
    loop {
        let chunk = facts::sealed(&mut tx, organisation.id, after, CHUNK).await?;
        let Some(last) = chunk.last() else { break };
        after = last.server_seq;
        exported += chunk.len() as u64;
        for fact in chunk {
            writer.line(&Line::Fact(fact))?;
        }
    }
    let sha256 = writer.sha256();
    writer.line(&Line::End(EndLine {
        facts: exported,
        sha256,
        signature: office.key.sign(&end_hash(&sha256).0),
        key: office.key.public().id(),
    }))?;
    Ok(Exported {
        facts: exported,
        bytes: writer.finish()?,
    })
}

/// A file that hashes what goes into it.
struct Writer<'p> {
    path: &'p Path,
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl<'p> Writer<'p> {
    fn create(path: &'p Path) -> Result<Self> {
        let file = File::create_new(path).map_err(Error::file("cannot create", path))?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        let mut text =
            serde_json::to_vec(line).map_err(|error| Error::corrupt("a line")(&error))?;
        text.push(b'\n');
        self.hasher.update(&text);
        self.bytes += text.len() as u64;
        self.file
            .write_all(&text)
            .map_err(Error::file("cannot write", self.path))
    }

    /// Of everything so far.
    fn sha256(&self) -> Hash {
        Hash(self.hasher.clone().finalize().into())
    }

    /// How many bytes are safely in the file.
    fn finish(self) -> Result<u64> {
        let path = self.path;
        let file = self.file.into_inner().map_err(|error| error.into_error());
        file.and_then(|file| file.sync_all())
            .map_err(Error::file("cannot write", path))?;
        Ok(self.bytes)
    }
}
