//! `tournee-server backup`: a copy that can be served in the original's place.

use super::{DataOption, print_json, tell};
use crate::backup;
use crate::error::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    data: DataOption,
    /// Directory to make; it must not exist yet.
    #[arg(long)]
    to: PathBuf,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// # Errors
    /// When the copy cannot be made, or is not what the facts give.
    pub async fn run(self) -> Result<ExitCode> {
        let copy = async |office: &_| backup::make(office, &self.to).await;
        let told = self.data.with(copy).await?;
        if self.json {
            print_json(&told)?;
        } else {
            tell(&format!(
                "{}: {} facts, {} records, {} photos and files; it holds the office's key: keep it out of anybody's reach",
                self.to.display(),
                told.facts,
                told.records,
                told.files
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}
