//! `tournee-server user`: accounts.

use super::{DataOption, print_json, tell};
use crate::database::{Connection, SqliteOffice, users};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{password, random};
use clap::{Args, Subcommand};
use std::io::Read;
use std::process::ExitCode;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{OrganisationId, UserId};
use tournee_sync::enrol::{Role, User as Account};
use tournee_sync::office::OfficeStore;

/// Characters of a password made up here, without those that look alike.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Of 32 signs each: 100 bits.
const MADE_UP_CHARS: usize = 20;

#[derive(Subcommand)]
pub enum User {
    /// Make an account. Without --password-stdin, a password is made up and printed once.
    Add(Add),
    /// All accounts.
    List(List),
    /// Give an account a new password; its sessions end.
    Password(Password),
    /// Give an account other portfolios; its devices take them at their next pull.
    Portfolios(Portfolios),
}

#[derive(Args)]
pub struct Add {
    #[command(flatten)]
    data: DataOption,
    login: String,
    /// As people read it.
    #[arg(long)]
    name: String,
    /// collector, cashier, manager, accountant, administrator or auditor.
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// Collector codes of the ledger that this user sees.
    #[arg(long, value_delimiter = ',')]
    portfolios: Vec<String>,
    /// Agency code in receipt numbers.
    #[arg(long, default_value = "SIE")]
    agency: String,
    #[command(flatten)]
    password: PasswordOption,
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
pub struct Password {
    #[command(flatten)]
    data: DataOption,
    login: String,
    #[command(flatten)]
    password: PasswordOption,
}

#[derive(Args)]
pub struct Portfolios {
    #[command(flatten)]
    data: DataOption,
    login: String,
    /// Collector codes of the ledger that this user sees from now on; none takes all away.
    #[arg(value_delimiter = ',')]
    portfolios: Vec<String>,
}

#[derive(Args)]
struct PasswordOption {
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

fn parse_role(code: &str) -> Result<Role, String> {
    users::role(code).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.into_iter().map(Role::code).collect();
        format!("« {code} » is not one of {}", known.join(", "))
    })
}

impl PasswordOption {
    /// The password, and whether it was made up here.
    fn take(&self) -> Result<(String, bool)> {
        if !self.password_stdin {
            let made_up = random::bytes::<MADE_UP_CHARS>()
                .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
            return Ok((made_up.iter().collect(), true));
        }
        let mut text = String::new();
        std::io::stdin()
            .take(password::PASSWORD_MAX_BYTES as u64 + 2)
            .read_to_string(&mut text)
            .map_err(|error| Error::Usage(format!("cannot read the password: {error}")))?;
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        if text.chars().count() < password::PASSWORD_MIN_CHARS
            || text.len() > password::PASSWORD_MAX_BYTES
        {
            return Err(Error::Usage(format!(
                "a password has {} characters or more, and at most {} bytes",
                password::PASSWORD_MIN_CHARS,
                password::PASSWORD_MAX_BYTES
            )));
        }
        Ok((text, false))
    }
}

impl User {
    /// # Errors
    /// One line that says what is wrong.
    pub async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Add(command) => command.run().await?,
            Self::List(command) => command.run().await?,
            Self::Password(command) => command.run().await?,
            Self::Portfolios(command) => command.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    async fn run(self) -> Result<()> {
        if !is_agency(&self.agency) {
            return Err(Error::Usage(format!(
                "« {} » is no agency code: 2 to 5 capital letters or digits, for they stand in receipt numbers",
                self.agency
            )));
        }
        let (secret, made_up) = self.password.take()?;
        let office = Office::open(&self.data.data).await?;
        let account = Account {
            id: UserId(random::uuid()),
            login: users::fold_login(&self.login),
            name: self.name,
            role: self.role,
            portfolios: codes(&self.portfolios),
            agency: self.agency,
        };
        let organisation = office.organisation().await?;
        let mut tx = office.database.write().await?;
        users::create(&mut tx, organisation.id, &account, &password::hash(&secret)).await?;
        tx.commit().await?;
        if made_up {
            tell(&format!("{}  {secret}", account.login));
        }
        office.database.close().await;
        Ok(())
    }
}

fn codes(portfolios: &[String]) -> Vec<PortfolioCode> {
    portfolios
        .iter()
        .map(|code| PortfolioCode::new(code))
        .collect()
}

fn is_agency(code: &str) -> bool {
    (2..=5).contains(&code.len())
        && code
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl List {
    async fn run(self) -> Result<()> {
        let office = Office::open(&self.data.data).await?;
        let organisation = office.organisation().await?;
        let mut tx = office.database.read().await?;
        let accounts: Vec<Account> = users::all(&mut tx, organisation.id)
            .await?
            .into_iter()
            .map(|record| record.user)
            .collect();
        drop(tx);
        if self.json {
            print_json(&accounts)?;
        } else {
            for account in &accounts {
                let portfolios: Vec<&str> = account
                    .portfolios
                    .iter()
                    .map(PortfolioCode::as_str)
                    .collect();
                tell(&format!(
                    "{:<14} {:<14} {:<4} {:<12} {}",
                    account.login,
                    account.role.code(),
                    account.agency,
                    portfolios.join(","),
                    account.name
                ));
            }
        }
        office.database.close().await;
        Ok(())
    }
}

impl Password {
    async fn run(self) -> Result<()> {
        let (secret, made_up) = self.password.take()?;
        let office = Office::open(&self.data.data).await?;
        let organisation = office.organisation().await?;
        let mut tx = office.database.write().await?;
        let account = account(&mut tx, organisation.id, &self.login).await?;
        users::set_password(
            &mut tx,
            organisation.id,
            account.id,
            &password::hash(&secret),
        )
        .await?;
        tx.commit().await?;
        if made_up {
            tell(&format!("{}  {secret}", account.login));
        }
        office.database.close().await;
        Ok(())
    }
}

impl Portfolios {
    async fn run(self) -> Result<()> {
        let office = Office::open(&self.data.data).await?;
        let mut store = SqliteOffice::new(office.database.write().await?).await?;
        let organisation = store.record().id;
        let account = account(store.connection(), organisation, &self.login).await?;
        let portfolios = codes(&self.portfolios);
        store.set_portfolios(account.id, &portfolios).await?;
        store.commit().await?;
        office.database.close().await;
        Ok(())
    }
}

async fn account(
    connection: &mut Connection,
    organisation: OrganisationId,
    login: &str,
) -> Result<Account> {
    let found = users::by_login(connection, organisation, login).await?;
    let found = found.ok_or_else(|| Error::Usage(format!("nobody has the login « {login} »")))?;
    Ok(found.user)
}
