//! `tournee-server user`: accounts.

use super::{DataOption, print_json, tell};
use crate::database::{Connection, SqliteOffice, users};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{password, random};
use clap::{Args, Subcommand};
use serde::Serialize;
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
    #[arg(value_parser = parse_login)]
    login: String,
    /// As people read it.
    #[arg(long, value_parser = parse_name)]
    name: String,
    /// collector, cashier, manager, accountant, administrator or auditor.
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// Collector codes of the ledger that this user sees.
    #[arg(long, value_delimiter = ',')]
    portfolios: Vec<String>,
    /// Agency code in receipt numbers.
    #[arg(long, default_value = "SIE", value_parser = parse_agency)]
    agency: String,
    #[command(flatten)]
    password: PasswordOption,
    /// For scripts: the account, and its password when it was made up.
    #[arg(long)]
    json: bool,
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
    /// For scripts: the account, and its password when it was made up.
    #[arg(long)]
    json: bool,
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

fn parse_login(text: &str) -> Result<String, String> {
    let login = users::fold_login(text);
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    if (1..=users::LOGIN_MAX_BYTES).contains(&login.len()) && login.chars().all(plain) {
        Ok(login)
    } else {
        Err(format!(
            "a login has 1 to {} letters or signs, no blanks among them",
            users::LOGIN_MAX_BYTES
        ))
    }
}

fn parse_name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("people read the name: it is not empty".to_owned()),
        name => Ok(name.to_owned()),
    }
}

fn parse_agency(code: &str) -> Result<String, String> {
    let signs = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if (2..=5).contains(&code.len()) && code.bytes().all(signs) {
        Ok(code.to_owned())
    } else {
        Err("an agency code has 2 to 5 capital letters or digits, for they stand in receipt numbers".to_owned())
    }
}

/// An account, and the password that was made up for it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    account: &'a Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl Told<'_> {
    fn print(&self, json: bool) -> Result<()> {
        if json {
            return print_json(self);
        }
        if let Some(secret) = self.password {
            tell(&format!("{}  {secret}", self.account.login));
        }
        Ok(())
    }
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
        let (secret, made_up) = self.password.take()?;
        let account = Account {
            id: UserId(random::uuid()),
            login: self.login,
            name: self.name,
            role: self.role,
            portfolios: codes(&self.portfolios),
            agency: self.agency,
        };
        let add = async |office: &Office| {
            let organisation = office.organisation().await?;
            let mut tx = office.database.write().await?;
            users::create(&mut tx, organisation.id, &account, &password::hash(&secret)).await?;
            Ok(tx.commit().await?)
        };
        self.data.with(add).await?;
        if account.role == Role::Collector && account.portfolios.is_empty() {
            eprintln!(
                "{} sees no client: name collector codes with --portfolios",
                account.login
            );
        }
        let told = Told {
            account: &account,
            password: made_up.then_some(&secret),
        };
        told.print(self.json)
    }
}

fn codes(portfolios: &[String]) -> Vec<PortfolioCode> {
    let codes = portfolios.iter().map(|code| code.trim());
    codes
        .filter(|code| !code.is_empty())
        .map(PortfolioCode::new)
        .collect()
}

impl List {
    async fn run(self) -> Result<()> {
        let all = async |office: &Office| {
            let organisation = office.organisation().await?;
            let mut tx = office.database.read().await?;
            users::all(&mut tx, organisation.id).await
        };
        let records = self.data.with(all).await?;
        let accounts: Vec<Account> = records.into_iter().map(|record| record.user).collect();
        if self.json {
            return print_json(&accounts);
        }
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
        Ok(())
    }
}

impl Password {
    async fn run(self) -> Result<()> {
        let (secret, made_up) = self.password.take()?;
        let set = async |office: &Office| {
            let organisation = office.organisation().await?;
            let mut tx = office.database.write().await?;
            let account = account(&mut tx, organisation.id, &self.login).await?;
            let hash = password::hash(&secret);
            users::set_password(&mut tx, organisation.id, account.id, &hash).await?;
            tx.commit().await?;
            Ok(account)
        };
        let account = self.data.with(set).await?;
        let told = Told {
            account: &account,
            password: made_up.then_some(&secret),
        };
        told.print(self.json)
    }
}

impl Portfolios {
    async fn run(self) -> Result<()> {
        let set = async |office: &Office| {
            let mut store = SqliteOffice::new(office.database.write().await?).await?;
            let organisation = store.record().id;
            let account = account(store.connection(), organisation, &self.login).await?;
            let portfolios = codes(&self.portfolios);
            store.set_portfolios(account.id, &portfolios).await?;
            store.commit().await
        };
        self.data.with(set).await
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
