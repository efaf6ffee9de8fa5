//! `tournee-server device`: who carries what, and taking it back (SYNC 14, 37, 39).

use super::{DataOption, print_json, tell};
use crate::clock;
use crate::database::devices::{self, DeviceRecord};
use crate::database::{SqliteOffice, sessions, users};
use crate::error::{Error, Result};
use crate::office::Office;
use chrono::{DateTime, SecondsFormat};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::process::ExitCode;
use tournee_domain::DeviceId;
use tournee_sync::office::OfficeStore;

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
    /// For scripts: the device as it then is.
    #[arg(long)]
    json: bool,
}

/// A line of the list.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    device: DeviceRecord,
    /// Since when nothing was heard of it, when that is long ago.
    silent_since_ms: Option<i64>,
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
            devices::all(&mut tx, organisation.id).await
        };
        let found = self.data.with(all).await?;
        let entries: Vec<Entry> = found.into_iter().map(Entry::from).collect();
        if self.json {
            print_json(&entries)?;
        } else {
            entries.iter().for_each(Entry::tell);
        }
        Ok(())
    }
}

impl Change {
    async fn run(self, revoke: bool) -> Result<()> {
        let change = async |office: &Office| self.change(office, revoke).await;
        let entry = self.data.with(change).await?;
        if self.json {
            print_json(&entry)
        } else {
            entry.tell();
            Ok(())
        }
    }

    async fn change(&self, office: &Office, revoke: bool) -> Result<Entry> {
        let mut store = SqliteOffice::new(office.database.write().await?).await?;
        let device = find(&mut store, &self.label).await?;
        if device.revoked_at_ms.is_none() != revoke {
            let state = if revoke { "already" } else { "not" };
            let text = format!("device {} is {state} revoked", device.label);
            return Err(Error::Usage(text));
        }
        let id: DeviceId = device
            .id
            .parse()
            .map_err(|error| Error::corrupt("a device")(&error))?;
        let at_ms = revoke.then(clock::now_ms);
        store.revoke(id, at_ms).await?;
        if revoke {
            // Whoever holds the device also holds its session: with it, another installation could enrol.
            let organisation = store.record().id;
            let user = users::by_login(store.connection(), organisation, &device.login).await?;
            if let Some(user) = user {
                sessions::end_all(store.connection(), organisation, user.user.id).await?;
            }
        }
        let entry = Entry::from(find(&mut store, &self.label).await?);
        store.commit().await?;
        Ok(entry)
    }
}

async fn find(store: &mut SqliteOffice, label: &str) -> Result<DeviceRecord> {
    let organisation = store.record().id;
    let devices = devices::all(store.connection(), organisation).await?;
    let mut devices = devices.into_iter();
    let found = devices.find(|device| device.label.eq_ignore_ascii_case(label));
    found.ok_or_else(|| {
        Error::Usage(format!(
            "no device is labelled « {label} »: `tournee-server device list` names them"
        ))
    })
}

impl From<DeviceRecord> for Entry {
    fn from(device: DeviceRecord) -> Self {
        Self {
            silent_since_ms: device.silent_since_ms(clock::now_ms()),
            device,
        }
    }
}

impl Entry {
    fn tell(&self) {
        let device = &self.device;
        let state = [
            (device.revoked_at_ms.is_some(), "revoked"),
            (device.frozen, "frozen"),
            (self.silent_since_ms.is_some(), "silent"),
        ];
        let state: Vec<&str> = state
            .into_iter()
            .filter_map(|(holds, word)| holds.then_some(word))
            .collect();
        tell(&format!(
            "{:<6} E{:<4} {:<14} last seen {:<20}  {}",
            device.label,
            device.epoch,
            device.login,
            device.last_seen_ms.map_or_else(|| "never".to_owned(), utc),
            state.join(", ")
        ));
    }
}

fn utc(ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
