//! `tournee-server import rescue`: an emergency file comes in (SYNC 40).

use super::import::word;
use super::{DataOption, print_json, tell};
use crate::error::{Error, Result};
use crate::rescue::{self, RescueRefused};
use clap::Args;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use tournee_sync::push::FactStatus;
use tournee_sync::rescue::{RESCUE_FILE_MAX_BYTES, RescueReport, RescuedPayment, RescuedResult};

#[derive(Args)]
pub struct Rescue {
    #[command(flatten)]
    data: DataOption,
    /// As the device wrote it.
    file: PathBuf,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

impl Rescue {
    /// # Errors
    /// One line that says what is wrong with the file.
    pub async fn run(self) -> Result<ExitCode> {
        let bytes = self.read()?;
        let taken = self
            .data
            .with(async |office| Ok(rescue::import(office, &bytes).await));
        let report = taken.await?.map_err(|refused| match refused {
            RescueRefused::Failed(error) => error,
            refused => Error::Usage(format!("{}: {refused}", self.file.display())),
        })?;
        if self.json {
            print_json(&report)?;
        } else {
            told(&report);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = RESCUE_FILE_MAX_BYTES as u64;
        std::fs::File::open(&self.file)
            .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
            .map_err(Error::file("cannot read", &self.file))?;
        if bytes.len() > RESCUE_FILE_MAX_BYTES {
            let text = format!("{} is larger than {most} bytes", self.file.display());
            return Err(Error::Usage(text));
        }
        Ok(bytes)
    }
}

fn told(report: &RescueReport) {
    let head = &report.head;
    tell(&format!(
        "device {} wrote this file at {}: {} facts, {} photos and signatures that were missing; {} did not fit into it",
        head.label,
        head.made_at,
        report.facts.len(),
        report.blobs,
        report.blobs_left_out
    ));
    report.facts.iter().map(line).for_each(|line| tell(&line));
}

fn line(told: &RescuedResult) -> String {
    let result = &told.result;
    let status = match result.status {
        FactStatus::Accepted => "accepted".to_owned(),
        FactStatus::Duplicate => "was here before".to_owned(),
        FactStatus::Flagged => {
            let flags: Vec<String> = result.flags.iter().map(word).collect();
            format!("accepted, flagged {}", flags.join(", "))
        }
        FactStatus::Staged => "kept; earlier facts are missing".to_owned(),
        FactStatus::Quarantined => format!("set aside: {}", result.detail),
    };
    let id = result.fact_id.map(|id| id.to_string());
    let id = id.unwrap_or_default();
    let payment = told.payment.as_ref().map(|payment| {
        let RescuedPayment {
            receipt,
            currency,
            amount,
        } = payment;
        format!(": {receipt}, {amount} {currency}")
    });
    let payment = payment.unwrap_or_default();
    format!(
        "  E{} {:>6}  {id:36}  {status}{payment}",
        told.epoch, result.seq
    )
}
