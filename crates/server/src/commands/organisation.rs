//! `tournee-server organisation`: the organisation itself.

use super::{DataOption, closing, print_json, tell};
use crate::database::Connection;
use crate::database::organisations::{self, NewOrganisation, OrganisationRecord};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::random;
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use std::process::ExitCode;
use tournee_domain::{Currency, OrganisationId};

#[derive(Subcommand)]
pub enum Organisation {
    /// Make the organisation of this data directory.
    Create(Create),
    /// Its settings.
    Show(Show),
}

#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    data: DataOption,
    /// As it stands on receipts.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    place: Place,
    /// For scripts: its settings.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    data: DataOption,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Where it is, and what stands on receipts.
#[derive(Args)]
pub struct Place {
    /// ISO 3166 code of the country.
    #[arg(long, default_value = "NE")]
    country: String,
    /// ISO 4217 code.
    #[arg(long, default_value = "XOF")]
    currency: Currency,
    /// IANA zone of business dates.
    #[arg(long, default_value = "Africa/Niamey")]
    time_zone: Tz,
    #[arg(long, default_value = "")]
    address: String,
    /// NIF or its equivalent.
    #[arg(long, default_value = "")]
    tax_id: String,
    /// RCCM or its equivalent.
    #[arg(long, default_value = "")]
    trade_register: String,
}

impl Place {
    /// What a ledger without more words is taken for.
    pub fn niger() -> Self {
        Self {
            country: "NE".to_owned(),
            currency: Currency::XOF,
            time_zone: chrono_tz::Africa::Niamey,
            address: String::new(),
            tax_id: String::new(),
            trade_register: String::new(),
        }
    }
}

/// Makes the organisation and the office's own device.
///
/// # Errors
/// When the data directory holds one already.
pub async fn create(
    office: &Office,
    connection: &mut Connection,
    place: &Place,
    name: &str,
) -> Result<OrganisationRecord> {
    let log_id = organisations::new_log_id();
    let new = NewOrganisation {
        id: OrganisationId(random::uuid()),
        name,
        address: &place.address,
        tax_id: &place.tax_id,
        trade_register: &place.trade_register,
        country: &place.country,
        currency: place.currency,
        zone: place.time_zone,
        log_id: &log_id,
        demo: false,
    };
    office.create_organisation(connection, &new).await
}

impl Organisation {
    /// # Errors
    /// One line that says what is wrong.
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Create(command) => command.run().await?,
            Self::Show(command) => command.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(Error::Usage(
                "--name is empty: it stands on receipts".to_owned(),
            ));
        }
        let office = Office::open(&self.data.data).await?;
        let made = closing(office, async |office| {
            let mut tx = office.database.write().await?;
            let made = create(office, &mut tx, &self.place, self.name.trim()).await?;
            tx.commit().await?;
            Ok(made)
        })
        .await?;
        if self.json {
            return print_json(&made.settings());
        }
        tell(&format!(
            "« {} » was made; make accounts with `tournee-server user add`",
            made.name
        ));
        Ok(())
    }
}

impl Show {
    async fn run(self) -> Result<()> {
        let settings = self
            .data
            .with(async |office| Ok(office.organisation().await?.settings()))
            .await?;
        if self.json {
            print_json(&settings)?;
        } else {
            tell(&format!(
                "{}, {}, {}, {}",
                settings.name, settings.country, settings.currency, settings.time_zone
            ));
        }
        Ok(())
    }
}
