//! `tournee-server verify-journal`: whether an exported journal is whole and untouched.

use super::{print_json, tell};
use crate::error::Result;
use crate::journal::{self, Broken, Unusable, Verified};
use clap::Args;
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;

/// Nothing can be said of the file.
const UNUSABLE: u8 = 2;

#[derive(Args)]
pub struct VerifyJournal {
    /// As `export journal` wrote it.
    file: PathBuf,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

impl VerifyJournal {
    /// # Errors
    /// Never: what is wrong with the file is told, and said by the exit code.
    pub fn run(self) -> Result<ExitCode> {
        let file = File::open(&self.file).map_err(Unusable::Unreadable);
        let found = file.and_then(|file| journal::verify(BufReader::new(file)));
        let (code, report) = match &found {
            Ok(Ok(verified)) => (
                ExitCode::SUCCESS,
                json!({"good": true, "journal": verified}),
            ),
            Ok(Err(broken)) => (ExitCode::FAILURE, json!({"good": false, "broken": broken})),
            Err(unusable) => (
                ExitCode::from(UNUSABLE),
                json!({"good": false, "unusable": unusable.to_string()}),
            ),
        };
        match found {
            _ if self.json => print_json(&report)?,
            Ok(Ok(verified)) => tell_verified(&verified),
            Ok(Err(Broken { line, why, .. })) => tell(&format!("line {line}: {why}")),
            Err(unusable) => eprintln!("tournee-server: {}: {unusable}", self.file.display()),
        }
        Ok(code)
    }
}

fn tell_verified(verified: &Verified) {
    tell(&format!(
        "{}: {} facts, every chain whole; the office's key is {}",
        verified.organisation, verified.facts, verified.office_key_sha256
    ));
    for total in &verified.totals {
        tell(&format!(
            "  {:<6} {:>6} payments  {} {}",
            total.device, total.payments, total.amount, total.currency
        ));
    }
    for gap in &verified.receipt_gaps {
        tell(&format!(
            "  receipts {} to {} of {} epoch {} are on nothing that counts (line {})",
            gap.first, gap.last, gap.device, gap.epoch, gap.line
        ));
    }
    for line in &verified.closings_flagged {
        tell(&format!(
            "  the daily closing of line {line} does not say what its chain says; the office was told"
        ));
    }
    if !verified.set_aside.is_empty() {
        tell(&format!(
            "  {} facts were set aside and count for nothing",
            verified.set_aside.len()
        ));
    }
}
