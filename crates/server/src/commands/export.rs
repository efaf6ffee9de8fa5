//! `tournee-server export`: what the accounting package does not have yet.

use crate::error::Result;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Export {}

impl Export {
    /// # Errors
    /// One line that says what is wrong.
    pub async fn run(self) -> Result<ExitCode> {
        match self {}
    }
}
