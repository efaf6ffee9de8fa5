//! `tournee-server export`: what the accounting package does not have yet, and the whole journal.

use super::{DataOption, print_json, tell};
use crate::database::ledger;
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{journal, office_fact, payments_export};
use clap::{Args, Subcommand, ValueEnum};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tournee_domain::format::Language;
use tournee_sync::office::{ExportEntry, ExportResponse};

/// Lines of the list.
const LISTED_MAX: u32 = 200;

#[derive(Subcommand)]
pub enum Export {
    /// Payments not exported yet, as CSV; they are marked as exported.
    Payments(Payments),
    /// What was exported, newest first.
    List(List),
    /// The file of an earlier export, byte for byte.
    Again(Again),
    /// Every fact ever recorded, with what proves it, for `verify-journal` or any other program.
    Journal(Journal),
}

#[derive(Args)]
pub struct Journal {
    #[command(flatten)]
    data: DataOption,
    /// File to write; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// For scripts: how many facts and bytes.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Payments {
    #[command(flatten)]
    data: DataOption,
    /// File to write; without it, standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Language of the headings.
    #[arg(long, value_enum, default_value_t = Headings::Fr)]
    language: Headings,
    /// For scripts: how many, and the file's name and text.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct List {
    #[command(flatten)]
    data: DataOption,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Again {
    #[command(flatten)]
    data: DataOption,
    /// As `export list` names it.
    id: String,
    /// File to write; without it, standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// For scripts: how many, and the file's name and text.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Headings {
    Fr,
    En,
}

impl Export {
    /// # Errors
    /// One line that says what is wrong.
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Payments(command) => command.run().await?,
            Self::Journal(command) => command.run().await?,
            Self::List(command) => command.run().await?,
            Self::Again(command) => command.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Journal {
    async fn run(self) -> Result<()> {
        let export = async |office: &Office| journal::export(office, &self.out).await;
        let exported = self.data.with(export).await?;
        if self.json {
            print_json(&exported)?;
        } else {
            tell(&format!(
                "{} facts in {} bytes",
                exported.facts, exported.bytes
            ));
        }
        Ok(())
    }
}

impl Payments {
    async fn run(self) -> Result<()> {
        let language = match self.language {
            Headings::Fr => Language::Fr,
            Headings::En => Language::En,
        };
        // Found out before payments are marked: whether the file can be written.
        let out = self.out.as_deref().map(OutFile::open).transpose()?;
        let exported = self.data.with(async |office| {
            let author = office_fact::console(&office.organisation().await?);
            payments_export::export(office, &author, language).await
        });
        let exported = exported.await?;
        let (id, file_name, payments) = exported
            .record
            .map(|record| (record.id, record.file_name, record.payments))
            .unwrap_or_default();
        let response = ExportResponse {
            id,
            file_name,
            payments,
            csv: exported.csv,
        };
        if payments > 0 {
            deliver(&response, out, self.json)?;
        } else if self.json {
            print_json(&response)?;
        }
        eprintln!("{payments} payments exported");
        Ok(())
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let exports = self.data.with(async |office| {
            let organisation = office.organisation().await?;
            let mut tx = office.database.read().await?;
            ledger::exports(&mut tx, organisation.id, LISTED_MAX).await
        });
        let entries: Vec<ExportEntry> = exports.await?.into_iter().map(Into::into).collect();
        if self.json {
            return print_json(&entries);
        }
        for entry in &entries {
            tell(&format!(
                "{}  {}  {} payments  {}",
                entry.id, entry.file_name, entry.payments, entry.author
            ));
        }
        Ok(())
    }
}

impl Again {
    async fn run(self) -> Result<()> {
        let out = self.out.as_deref().map(OutFile::open).transpose()?;
        let response = self.data.with(async |office| self.read(office).await);
        deliver(&response.await?, out, self.json)
    }

    async fn read(&self, office: &Office) -> Result<ExportResponse> {
        let organisation = office.organisation().await?;
        let mut tx = office.database.read().await?;
        let record = ledger::export(&mut tx, organisation.id, &self.id)
            .await?
            .ok_or_else(|| {
                Error::Usage(format!(
                    "there is no export {}: see `tournee-server export list`",
                    self.id
                ))
            })?;
        let csv = payments_export::again(office, &record)?;
        Ok(ExportResponse {
            csv: String::from_utf8(csv).map_err(|error| Error::corrupt("an export")(&error))?,
            id: record.id,
            file_name: record.file_name,
            payments: record.payments,
        })
    }
}

/// Writes the file, or prints it as it is.
fn deliver(export: &ExportResponse, out: Option<OutFile>, json: bool) -> Result<()> {
    let csv = export.csv.as_bytes();
    let written = match out {
        Some(out) => out.write(csv),
        None if json => Ok(()),
        None => std::io::stdout()
            .write_all(csv)
            .map_err(Error::file("cannot write", Path::new("standard output"))),
    };
    written.map_err(|error| {
        Error::Usage(format!(
            "{error}; the export is kept: `tournee-server export again {}` gives it again",
            export.id
        ))
    })?;
    if json { print_json(export) } else { Ok(()) }
}

/// A file that can be written; what it held is kept until there is something to write, and an empty one is not left behind.
struct OutFile {
    path: PathBuf,
    file: File,
    /// It was not there before.
    made: bool,
}

impl OutFile {
    fn open(path: &Path) -> Result<Self> {
        let made = !path.exists();
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(Error::file("cannot write", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            made,
        })
    }

    fn write(mut self, bytes: &[u8]) -> Result<()> {
        self.made = false;
        let write = || {
            // A pipe has no length and nothing to flush to a disk.
            let regular = self.file.metadata()?.is_file();
            if regular {
                self.file.set_len(0)?;
            }
            (&self.file).write_all(bytes)?;
            if regular {
                self.file.sync_all()
            } else {
                Ok(())
            }
        };
        write().map_err(Error::file("cannot write", &self.path))
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if self.made {
            // An empty file is all that stays if this fails.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
