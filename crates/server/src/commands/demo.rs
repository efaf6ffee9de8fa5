//! `tournee-server demo`: an organisation to try.

use super::{DataOption, closing, print_json, tell};
use crate::demo;
use crate::error::Result;
use crate::office::Office;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Demo {
    #[command(flatten)]
    data: DataOption,
    /// How many clients; each has ten invoices or so.
    #[arg(long, default_value_t = demo::CLIENTS)]
    clients: u32,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

impl Demo {
    /// # Errors
    /// When the directory holds another organisation, or cannot be written.
    pub async fn run(self) -> Result<ExitCode> {
        let office = Office::open(&self.data.data).await?;
        let told = closing(office, async |office| {
            demo::create(office, self.clients).await
        })
        .await?;
        if self.json {
            print_json(&told)?;
        } else {
            tell(&told.to_string());
        }
        Ok(ExitCode::SUCCESS)
    }
}
