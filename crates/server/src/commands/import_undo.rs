//! `tournee-server import list` and `import undo`: what went in, and taking the latest back (SYNC 35).

use super::{DataOption, print_json, tell};
use crate::error::{Error, Result};
use crate::import_undo::{self, UndoRefused};
use crate::office_fact;
use clap::Args;
use std::process::ExitCode;
use tournee_sync::office::{ImportEntry, UndoReport};

/// Lines of the list.
const LISTED_MAX: u32 = 200;

#[derive(Args)]
pub struct List {
    #[command(flatten)]
    data: DataOption,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Undo {
    #[command(flatten)]
    data: DataOption,
    /// As `import list` names it.
    id: String,
    /// Why, for whoever looks at the list later.
    #[arg(long)]
    reason: String,
    /// For scripts: how many clients changed, and which payments have no invoice now.
    #[arg(long)]
    json: bool,
}

impl List {
    /// # Errors
    /// When the database fails.
    pub async fn run(self) -> Result<ExitCode> {
        let all = async |office: &_| import_undo::list(office, LISTED_MAX).await;
        let entries = self.data.with(all).await?;
        if self.json {
            print_json(&entries)?;
        } else {
            entries.iter().for_each(listed);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Undo {
    /// # Errors
    /// One line that says why it cannot be undone.
    pub async fn run(self) -> Result<ExitCode> {
        let undone = self.data.with(async |office| {
            let author = office_fact::console(&office.organisation().await?);
            Ok(import_undo::undo(office, &self.id, &author, &self.reason).await)
        });
        let report = undone.await?.map_err(|refused| match refused {
            UndoRefused::Failed(error) => error,
            refused => Error::Usage(format!("nothing was undone: {refused}")),
        })?;
        if self.json {
            print_json(&report)?;
        } else {
            told(&report);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn listed(entry: &ImportEntry) {
    let undone = entry.undone.as_ref();
    let undone = undone.map_or_else(String::new, |undo| {
        format!("  undone by {}: {}", undo.author, undo.reason)
    });
    tell(&format!(
        "{}  statement of {}  {} clients, {} invoices  {}  by {}{undone}",
        entry.id,
        entry.statement_date,
        entry.clients,
        entry.invoices,
        entry.files.join(", "),
        entry.author,
    ));
}

fn told(report: &UndoReport) {
    tell(&format!(
        "The statement of {} counts as never imported: {} clients are as without it, {} are gone",
        report.statement_date, report.restored, report.erased
    ));
    for payment in &report.unplaced {
        tell(&format!(
            "  {} ({}): {} {} of receipt {} are on account, their invoices are not known",
            payment.client, payment.client_name, payment.amount, payment.currency, payment.receipt
        ));
    }
}
