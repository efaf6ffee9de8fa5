//! The organisation and its clock.

use super::Connection;
use crate::clock;
use crate::error::{Error, Result};
use chrono_tz::Tz;
use sqlx::FromRow;
use tournee_domain::pack::OfficeRules;
use tournee_domain::{Currency, OrganisationId};
use tournee_sync::encoding::Bytes;
use tournee_sync::enrol::Organisation;
use tournee_sync::office::OrganisationState;
use uuid::Uuid;

/// An organisation as stored.
#[derive(Clone, Debug)]
pub struct OrganisationRecord {
    pub id: OrganisationId,
    pub name: String,
    pub address: String,
    pub tax_id: String,
    pub trade_register: String,
    pub country: String,
    pub currency: Currency,
    pub zone: Tz,
    /// The last `server_seq` given out when this was read.
    pub clock: u64,
    pub log_id: String,
    /// Tombstones through this number may be gone (SYNC 23).
    pub purged_through: u64,
    /// Holds test data only.
    pub demo: bool,
    /// Public half of the key that opens emergency files (SYNC 40).
    pub rescue_key: Option<Bytes>,
    /// Of the country's pack, as of the server's last start.
    pub rules: Option<OfficeRules>,
}

/// What a new organisation is called and where it is.
#[derive(Clone, Debug)]
pub struct NewOrganisation<'a> {
    pub id: OrganisationId,
    pub name: &'a str,
    pub address: &'a str,
    pub tax_id: &'a str,
    pub trade_register: &'a str,
    pub country: &'a str,
    pub currency: Currency,
    pub zone: Tz,
    pub log_id: &'a str,
    pub demo: bool,
}

#[derive(FromRow)]
struct Row {
    organisation: String,
    name: String,
    address: String,
    tax_id: String,
    trade_register: String,
    country: String,
    currency: String,
    time_zone: String,
    clock: i64,
    log_id: String,
    tombstones_purged_through: i64,
    demo: bool,
    rescue_key: Option<Vec<u8>>,
    rules: Option<String>,
}

impl TryFrom<Row> for OrganisationRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrupt = Error::corrupt("the organisation");
        let rules = row.rules.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: row.organisation.parse().map_err(|error| corrupt(&error))?,
            currency: row.currency.parse().map_err(|error| corrupt(&error))?,
            zone: row.time_zone.parse().map_err(|error| corrupt(&error))?,
            name: row.name,
            address: row.address,
            tax_id: row.tax_id,
            trade_register: row.trade_register,
            country: row.country,
            clock: row.clock.unsigned_abs(),
            log_id: row.log_id,
            purged_through: row.tombstones_purged_through.unsigned_abs(),
            demo: row.demo,
            rescue_key: row.rescue_key.map(Bytes),
            rules: rules.map_err(|error| corrupt(&error))?,
        })
    }
}

impl OrganisationRecord {
    /// What the office's machine needs of it.
    pub fn state(&self) -> OrganisationState {
        OrganisationState {
            settings: self.settings(),
            clock: self.clock,
            log_id: self.log_id.clone(),
            purged_through: self.purged_through,
        }
    }

    /// The settings a device needs, with the zone's offset of now.
    pub fn settings(&self) -> Organisation {
        Organisation {
            id: self.id,
            name: self.name.clone(),
            address: self.address.clone(),
            tax_id: self.tax_id.clone(),
            trade_register: self.trade_register.clone(),
            country: self.country.clone(),
            currency: self.currency,
            time_zone: self.zone.name().to_owned(),
            utc_offset_minutes: clock::offset_minutes(self.zone, clock::now()),
            rescue_key: self.rescue_key.clone(),
            rules: self.rules.clone(),
        }
    }
}

/// The organisation of this data directory, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn only(connection: &mut Connection) -> Result<Option<OrganisationRecord>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM organisations LIMIT 1")
        .fetch_optional(connection)
        .await?;
    row.map(OrganisationRecord::try_from).transpose()
}

/// The same, where nothing can be done without one.
///
/// # Errors
/// Says how to make one.
pub async fn required(connection: &mut Connection) -> Result<OrganisationRecord> {
    only(connection).await?.ok_or_else(|| {
        Error::Usage(
            "there is no organisation here yet: `tournee-server demo` makes one to try, `tournee-server import` one from a ledger"
                .to_owned(),
        )
    })
}

/// # Errors
/// When there is one already: a data directory holds one organisation.
pub async fn create(connection: &mut Connection, new: &NewOrganisation<'_>) -> Result<()> {
    if let Some(existing) = only(connection).await? {
        return Err(Error::Usage(format!(
            "this data directory already holds « {} »: choose another with --data",
            existing.name
        )));
    }
    sqlx::query(
        "INSERT INTO organisations (organisation, name, address, tax_id, trade_register, country, currency, time_zone, log_id, demo, created_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.id.to_string())
    .bind(new.name)
    .bind(new.address)
    .bind(new.tax_id)
    .bind(new.trade_register)
    .bind(new.country)
    .bind(new.currency.code())
    .bind(new.zone.name())
    .bind(new.log_id)
    .bind(new.demo)
    .bind(clock::now_ms())
    .execute(connection)
    .await?;
    Ok(())
}

/// Tells devices, from their next pull on, which key to seal emergency files to.
///
/// # Errors
/// When the database fails.
pub async fn set_rescue_key(connection: &mut Connection, key: &Bytes) -> Result<()> {
    sqlx::query("UPDATE organisations SET rescue_key = ?")
        .bind(&key.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Tells devices, from their next pull on, which rules of the country hold.
///
/// # Errors
/// When the database fails.
pub async fn set_rules(connection: &mut Connection, rules: Option<&OfficeRules>) -> Result<()> {
    let text = rules.map(serde_json::to_string).transpose();
    let text = text.map_err(|error| Error::corrupt("the country's rules")(&error))?;
    sqlx::query("UPDATE organisations SET rules = ?")
        .bind(text)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes `count` numbers of the organisation's clock and returns the first. In the same transaction as the rows they
/// number, so that the order of numbers is the order of commits (SYNC 19).
///
/// # Errors
/// When the database fails.
pub async fn take_numbers(
    connection: &mut Connection,
    organisation: OrganisationId,
    count: usize,
) -> Result<u64> {
    let count = i64::try_from(count).map_err(|error| Error::corrupt("a count")(&error))?;
    let last: i64 = sqlx::query_scalar(
        "UPDATE organisations SET clock = clock + ? WHERE organisation = ? RETURNING clock",
    )
    .bind(count)
    .bind(organisation.to_string())
    .fetch_one(connection)
    .await?;
    Ok((last - count + 1).unsigned_abs())
}

/// Numbers are issued again after a restore: every cursor of the former log is void (SYNC 20).
///
/// # Errors
/// When the database fails.
pub async fn begin_log(
    connection: &mut Connection,
    organisation: OrganisationId,
    log_id: &str,
) -> Result<()> {
    sqlx::query("UPDATE organisations SET log_id = ? WHERE organisation = ?")
        .bind(log_id)
        .bind(organisation.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// A new name for a log of numbers (SYNC 20).
pub fn new_log_id() -> String {
    Uuid::from_bytes(crate::random::bytes())
        .simple()
        .to_string()
}
