//! `tournee-server import`: a dated statement of the ledger goes in; or a device's emergency file.

use super::import_undo::{List, Undo};
use super::rescue::Rescue;
use super::{DataOption, closing, organisation, print_json, tell};
use crate::config::DataDir;
use crate::database::organisations;
use crate::error::{Error, Result};
use crate::ledger_import::{self, LedgerImportError, Source, SourceFile};
use crate::office::Office;
use crate::{office_fact, random};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tournee_documents::ledger::{
    FILE_BYTES_MAX, FileReport, ImportError, ImportOptions, ImportPreview,
};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Import {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    statement: Statement,
}

/// What else there is to do with imports.
#[derive(Subcommand)]
enum Other {
    /// Take in the emergency file of a device; every fact is told with what became of it.
    Rescue(Rescue),
    /// What went in, newest first.
    List(List),
    /// Make the latest import count as never made; what the field recorded since stays.
    Undo(Undo),
}

impl Import {
    /// # Errors
    /// One line that names the file and what is wrong with it.
    pub async fn run(self) -> Result<ExitCode> {
        match self.other {
            None => self.statement.run().await,
            Some(Other::Rescue(command)) => command.run().await,
            Some(Other::List(command)) => command.run().await,
            Some(Other::Undo(command)) => command.run().await,
        }
    }
}

#[derive(Args)]
struct Statement {
    #[command(flatten)]
    data: DataOption,
    /// Name of the organisation, when the directory holds none yet.
    #[arg(long, default_value = "Ma société")]
    organisation: String,
    /// The ledger's clients.
    #[arg(long)]
    clients: Option<PathBuf>,
    /// The ledger's open items.
    #[arg(long)]
    invoices: Option<PathBuf>,
    /// The day the statement is of, YYYY-MM-DD; without it, the one in the file's name, else the latest invoice's.
    #[arg(long, value_parser = parse_day)]
    statement_date: Option<NaiveDate>,
    /// The file lists every open item: what is missing from it is settled.
    #[arg(long)]
    complete: bool,
    /// What to take instead of what is found, as the API's options: `{"invoices":{"decimal_style":"comma"}}`.
    #[arg(long, value_name = "JSON FILE")]
    options: Option<PathBuf>,
    /// Show what would happen, change nothing.
    #[arg(long)]
    dry_run: bool,
    /// For scripts: bad rows, good counts, derived due dates, open amounts.
    #[arg(long)]
    json: bool,
}

impl Statement {
    async fn run(self) -> Result<ExitCode> {
        let source = Arc::new(Source {
            clients: self.clients.as_deref().map(read).transpose()?,
            invoices: self.invoices.as_deref().map(read).transpose()?,
        });
        let options = self.import_options()?;
        let preview = if has_organisation(&self.data.data).await? {
            self.take_in(&self.data.data, &source, &options, self.dry_run)
                .await?
        } else {
            // Tried elsewhere first: a dry run, or an import that is refused, leaves no organisation behind.
            let scratch = Scratch::new();
            let tried = self.take_in(&scratch.0, &source, &options, true).await?;
            if self.dry_run {
                tried
            } else {
                let preview = self
                    .take_in(&self.data.data, &source, &options, false)
                    .await?;
                eprintln!(
                    "there was no organisation: « {} » was made (Niger, XOF); make accounts with `tournee-server user add`",
                    self.organisation
                );
                preview
            }
        };
        if self.json {
            print_json(&preview)?;
        } else {
            self.summarise(&preview);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The options' file, and what the command line says besides.
    fn import_options(&self) -> Result<ImportOptions> {
        let mut options = match &self.options {
            None => ImportOptions::default(),
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(Error::file("cannot read", path))?;
                let mut json = serde_json::Deserializer::from_str(&text);
                serde_path_to_error::deserialize(&mut json)
                    .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?
            }
        };
        options.statement_date = self.statement_date.or(options.statement_date);
        options.complete |= self.complete;
        Ok(options)
    }

    async fn take_in(
        &self,
        data: &Path,
        source: &Arc<Source>,
        options: &ImportOptions,
        dry_run: bool,
    ) -> Result<ImportPreview> {
        let taken = closing(Office::open(data).await?, async |office| {
            self.organisation_or_new(office).await?;
            let author = office_fact::console(&office.organisation().await?);
            let source = source.clone();
            Ok(if dry_run {
                ledger_import::preview(office, source, options, &author).await
            } else {
                let id = random::uuid().to_string();
                let committed = ledger_import::commit(office, &id, source, options, &author).await;
                committed.map(|committed| committed.preview)
            })
        });
        taken.await?.map_err(|error| match error {
            LedgerImportError::Refused(refusal) => {
                let advice = match refusal {
                    ImportError::File { .. } => "; --options takes choices of columns and styles",
                    _ => "",
                };
                Error::Usage(format!("nothing was imported: {refusal}{advice}"))
            }
            LedgerImportError::Failed(error) => error,
        })
    }

    async fn organisation_or_new(&self, office: &Office) -> Result<()> {
        let mut tx = office.database.write().await?;
        if organisations::only(&mut tx).await?.is_none() {
            let place = organisation::Place::niger();
            organisation::create(office, &mut tx, &place, &self.organisation).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    fn summarise(&self, preview: &ImportPreview) {
        for (table, report) in [
            ("Clients", &preview.files.clients),
            ("Invoices", &preview.files.invoices),
        ] {
            if let Some(report) = report {
                tell(&format!("{table}: {}", described(report)));
            }
        }
        let verb = if self.dry_run { "would be" } else { "were" };
        tell(&format!(
            "Statement of {}: {} clients and {} invoices are good; {} invoices {verb} new, {} changed, {} unchanged; open {}",
            preview.statement_date,
            preview.clients_good,
            preview.invoices_good,
            preview.created,
            preview.updated,
            preview.unchanged,
            preview.open_total
        ));
        if preview.settled_missing > 0 {
            tell(&format!(
                "{} invoices {verb} settled, for the list does not name them",
                preview.settled_missing
            ));
        }
        for row in &preview.bad_client_rows {
            tell(&format!(
                "  clients, line {}: {} ({}): {}",
                row.line,
                row.column,
                row.code,
                word(&row.why)
            ));
        }
        for row in &preview.bad_rows {
            tell(&format!(
                "  invoices, line {}: {} ({}): {}",
                row.line,
                row.column,
                row.piece,
                word(&row.why)
            ));
        }
        for changed in &preview.changed_gross {
            tell(&format!(
                "  {}: its gross amount changes from {} to {}",
                changed.invoice, changed.from, changed.to
            ));
        }
        for invoice in &preview.flagged_possible_double {
            tell(&format!(
                "  {invoice}: the ledger and the field may hold the same money"
            ));
        }
        for portfolio in &preview.unknown_portfolios {
            tell(&format!(
                "  {}: {} clients are under this collector code, which no account carries",
                portfolio.code, portfolio.clients
            ));
        }
    }
}

/// What was found in a file.
fn described(report: &FileReport) -> String {
    let separator = match word(&report.separator).as_str() {
        "\t" => "tab".to_owned(),
        sign => format!("« {sign} »"),
    };
    let mut found = vec![
        format!("{} rows", report.rows),
        report.encoding.to_string(),
        format!("separator {separator}"),
    ];
    if let Some(style) = &report.decimal_style {
        found.push(format!("decimal {}", word(style)));
    }
    if let Some(style) = &report.date_style {
        found.push(format!("dates {}", word(style).replace('_', " ")));
    }
    found.join(", ")
}

/// A value as the JSON has it, without the quotes.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn parse_day(text: &str) -> Result<NaiveDate, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    day.map_err(|_| "not a day of the calendar: write it as 2026-10-31".to_owned())
}

async fn has_organisation(data: &Path) -> Result<bool> {
    if !DataDir::holds_database(data) {
        return Ok(false);
    }
    closing(Office::open(data).await?, async |office| {
        let mut tx = office.database.read().await?;
        Ok(organisations::only(&mut tx).await?.is_some())
    })
    .await
}

/// A data directory that is gone when this is.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("tournee-{}", random::uuid())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed holds nothing of anybody's office.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads one byte more than is allowed at most: pipes and devices say no size.
fn read(path: &Path) -> Result<SourceFile> {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(Error::file("cannot read", path))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Error::Usage(format!(
            "{} is larger than {} MB: split it",
            path.display(),
            FILE_BYTES_MAX / (1024 * 1024)
        )));
    }
    Ok(SourceFile { name, bytes })
}
