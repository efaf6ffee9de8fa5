//! `tournee-server export`: what the accounting package does not have yet, and the whole journal.

use super::{DataOption, print_json, tell};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{journal, office_fact, payments_export};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use tournee_domain::format::Language;
use tournee_sync::office::ExportResponse;

#[derive(Subcommand)]
pub enum Export {
    /// Payments not exported yet, as CSV; they are marked as exported.
    Payments(Payments),
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
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Journal {
    async fn run(self) -> Result<()> {
        let office = Office::open(&self.data.data).await?;
        let exported = journal::export(&office, &self.out).await?;
        office.database.close().await;
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
        let office = Office::open(&self.data.data).await?;
        let author = office_fact::console(&office.organisation().await?);
        let language = match self.language {
            Headings::Fr => Language::Fr,
            Headings::En => Language::En,
        };
        let exported = payments_export::export(&office, &author, language).await?;
        office.database.close().await;
        let response = match exported.record {
            Some(record) => ExportResponse {
                id: record.id,
                file_name: record.file_name,
                payments: record.payments,
                csv: exported.csv,
            },
            None => ExportResponse {
                id: String::new(),
                file_name: String::new(),
                payments: 0,
                csv: String::new(),
            },
        };
        if let Some(path) = &self.out
            && response.payments > 0
        {
            std::fs::write(path, &response.csv).map_err(Error::file("cannot write", path))?;
        }
        if self.json {
            print_json(&response)?;
        } else if self.out.is_none() {
            tell(&response.csv);
        }
        eprintln!("{} payments exported", response.payments);
        Ok(())
    }
}
