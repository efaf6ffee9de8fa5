//! `tournee-server device`: who carries what, and taking it back (SYNC 14, 37, 39).

use super::{DataOption, print_json, tell};
use crate::clock;
use crate::database::devices;
use crate::error::{Error, Result};
use crate::office::Office;
use crate::revocation::{self, RevocationRefused};
use chrono::{DateTime, SecondsFormat};
use clap::{Args, Subcommand};
use std::process::ExitCode;
use tournee_sync::office::{DeviceReport, GapKind};

#[derive(Subcommand)]
pub enum Device {
    /// Every enrolled device: whose, when it was last heard of, whether it is frozen or revoked.
    List(List),
    /// Give a device no more records and set aside what it still sends; its user has to sign in again everywhere.
    Revoke(Change),
    /// Take a revocation back. A frozen device needs no release: it comes back by enrolling again.
    Release(Change),
}

#[derive(Args)]
pub struct List {
    #[command(flatten)]
    data: DataOption,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Change {
    #[command(flatten)]
    data: DataOption,
    /// As it stands in receipt numbers, D03.
    label: String,
    /// Why, for whoever looks at the list later.
    #[arg(long, default_value = "")]
    reason: String,
    /// For scripts: the device as it then is.
    #[arg(long)]
    json: bool,
}

impl Device {
    /// # Errors
    /// One line that says what is wrong.
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::List(command) => command.run().await?,
            Self::Revoke(command) => command.run(true).await?,
            Self::Release(command) => command.run(false).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let all = async |office: &Office| {
            let organisation = office.organisation().await?;
            let mut tx = office.database.read().await?;
            devices::reports(&mut tx, organisation.id, clock::now_ms()).await
        };
        let reports = self.data.with(all).await?;
        if self.json {
            print_json(&reports)?;
        } else {
            reports.iter().for_each(told);
        }
        Ok(())
    }
}

impl Change {
    async fn run(self, revoke: bool) -> Result<()> {
        let change = async |office: &Office| self.change(office, revoke).await;
        let report = self.data.with(change).await?;
        if self.json {
            print_json(&report)
        } else {
            told(&report);
            Ok(())
        }
    }

    async fn change(&self, office: &Office, revoke: bool) -> Result<DeviceReport> {
        let organisation = office.organisation().await?;
        let change = revocation::Change {
            device: &self.label,
            revoke,
            author: &organisation.name,
            reason: &self.reason,
        };
        let changed = revocation::change(office, change).await;
        changed.map_err(|refused| match refused {
            RevocationRefused::Failed(error) => error,
            refused => Error::Usage(refused.to_string()),
        })
    }
}

fn told(device: &DeviceReport) {
    let state = [
        (device.revoked_at_ms.is_some(), "revoked"),
        (device.frozen, "frozen"),
        (device.silent_since_ms.is_some(), "silent"),
    ];
    let state: Vec<&str> = state
        .into_iter()
        .filter_map(|(holds, word)| holds.then_some(word))
        .collect();
    tell(&format!(
        "{:<6} E{:<4} {:<14} last seen {:<20}  {} of {} facts here  {}",
        device.label,
        device.epoch,
        device.login,
        device.last_seen_ms.map_or_else(|| "never".to_owned(), utc),
        device.received_through,
        device.recorded_through,
        state.join(", ")
    ));
    for gap in &device.gaps {
        let what = match gap.kind {
            GapKind::Lost => "facts were recorded and never came",
            GapKind::Missing => "facts are missing; later ones wait for them",
            GapKind::Receipts => "receipts are on no fact",
        };
        tell(&format!(
            "       E{} {}–{}: {what}",
            gap.epoch, gap.first, gap.last
        ));
    }
}

fn utc(ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
