//! `tournee-server check`: the records, computed anew, must be the stored ones.

use super::{DataOption, print_json, tell};
use crate::error::Result;
use crate::recompute;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    data: DataOption,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// # Errors
    /// When the data cannot be read.
    pub async fn run(self) -> Result<ExitCode> {
        let report = self
            .data
            .with(async |office| recompute::check(office).await)
            .await?;
        if self.json {
            print_json(&report)?;
        } else {
            tell(&format!(
                "{} facts, {} records",
                report.facts, report.records
            ));
            for code in &report.different {
                tell(&format!("the record of {code} is not what the facts give"));
            }
            for bucket in &report.wrong_sums {
                tell(&format!(
                    "the sum of portfolio « {bucket} » is not what its records give: its devices take it again each day"
                ));
            }
            for server_seq in &report.broken_chains {
                tell(&format!("fact {server_seq} does not continue its chain"));
            }
        }
        Ok(if report.is_good() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
