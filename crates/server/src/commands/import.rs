//! `tournee-server import`: a dated statement of the ledger goes in.

use super::{DataOption, organisation, print_json, tell};
use crate::database::organisations;
use crate::error::{Error, Result};
use crate::ledger_import::{self, LedgerImportError, Source, SourceFile};
use crate::office::Office;
use crate::{office_fact, random};
use chrono::NaiveDate;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tournee_documents::ledger::{FILE_BYTES_MAX, ImportOptions, ImportPreview};

#[derive(Args)]
pub struct Import {
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
    /// The day the statement is of, YYYY-MM-DD.
    #[arg(long)]
    statement_date: Option<NaiveDate>,
    /// The file lists every open item: what is missing from it is settled.
    #[arg(long)]
    complete: bool,
    /// Show what would happen, change nothing.
    #[arg(long)]
    dry_run: bool,
    /// For scripts: bad rows, good counts, derived due dates, open amounts.
    #[arg(long)]
    json: bool,
}

impl Import {
    /// # Errors
    /// One line that names the file and what is wrong with it.
    pub async fn run(self) -> Result<ExitCode> {
        let source = Arc::new(Source {
            clients: self.clients.as_deref().map(read).transpose()?,
            invoices: self.invoices.as_deref().map(read).transpose()?,
        });
        let options = ImportOptions {
            statement_date: self.statement_date,
            complete: self.complete,
            ..ImportOptions::default()
        };
        let office = Office::open(&self.data.data).await?;
        self.organisation_or_new(&office).await?;
        let author = office_fact::console(&office.organisation().await?);
        let preview = if self.dry_run {
            ledger_import::preview(&office, source, &options, &author).await
        } else {
            let id = random::uuid().to_string();
            let committed = ledger_import::commit(&office, &id, source, &options, &author).await;
            committed.map(|committed| committed.preview)
        };
        office.database.close().await;
        let preview = preview.map_err(|error| match error {
            LedgerImportError::Refused(refusal) => {
                Error::Usage(format!("nothing was imported: {refusal}"))
            }
            LedgerImportError::Failed(error) => error,
        })?;
        if self.json {
            print_json(&preview)?;
        } else {
            self.summarise(&preview);
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn organisation_or_new(&self, office: &Office) -> Result<()> {
        let mut tx = office.database.write().await?;
        if organisations::only(&mut tx).await?.is_some() {
            return Ok(());
        }
        organisation::create(
            office,
            &mut tx,
            &organisation::Place::niger(),
            &self.organisation,
        )
        .await?;
        tx.commit().await?;
        eprintln!(
            "there was no organisation: « {} » was made (Niger, XOF); make accounts with `tournee-server user add`",
            self.organisation
        );
        Ok(())
    }

    fn summarise(&self, preview: &ImportPreview) {
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
        let why =
            |why| serde_json::to_value(why).map_or_else(|_| String::new(), |text| text.to_string());
        for row in &preview.bad_client_rows {
            tell(&format!(
                "  clients, line {}: {} ({}): {}",
                row.line,
                row.column,
                row.code,
                why(row.why)
            ));
        }
        for row in &preview.bad_rows {
            tell(&format!(
                "  invoices, line {}: {} ({}): {}",
                row.line,
                row.column,
                row.piece,
                why(row.why)
            ));
        }
        for invoice in &preview.flagged_possible_double {
            tell(&format!(
                "  {invoice}: the ledger and the field may hold the same money"
            ));
        }
    }
}

fn read(path: &Path) -> Result<SourceFile> {
    let size = std::fs::metadata(path)
        .map_err(Error::file("cannot read", path))?
        .len();
    if size > FILE_BYTES_MAX as u64 {
        return Err(Error::Usage(format!(
            "{} is larger than {} MB: split it",
            path.display(),
            FILE_BYTES_MAX / (1024 * 1024)
        )));
    }
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let bytes = std::fs::read(path).map_err(Error::file("cannot read", path))?;
    Ok(SourceFile { name, bytes })
}
