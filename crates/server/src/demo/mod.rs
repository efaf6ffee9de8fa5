//! An organisation to try (PRODUCT P4): an equipment dealer in Niger, generated, the same each time but for its dates,
//! which end yesterday.

mod field;
mod ledger;
mod names;

use crate::clock;
use crate::database::organisations::{self, NewOrganisation};
use crate::database::users;
use crate::error::{Error, Result};
use crate::ledger_import::{self, LedgerImportError, Source, SourceFile};
use crate::office::Office;
use crate::{office_fact, password, random};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use tournee_documents::ledger::ImportOptions;
use tournee_domain::id::PortfolioCode;
use tournee_domain::{Currency, OrganisationId, UserId};
use tournee_sync::enrol::{Role, User};

/// Clients of the demo; each has ten invoices or so.
pub const CLIENTS: u32 = 400;
/// Codes of the ledger have five digits.
pub const CLIENTS_MAX: u32 = 20_000;
pub const PASSWORD: &str = "tournee-demo";
const NAME: &str = "Sahel Équipements SA";

struct Account {
    login: &'static str,
    name: &'static str,
    role: Role,
    portfolio: Option<&'static str>,
    agency: &'static str,
}

const fn account(
    login: &'static str,
    name: &'static str,
    role: Role,
    portfolio: Option<&'static str>,
    agency: &'static str,
) -> Account {
    Account {
        login,
        name,
        role,
        portfolio,
        agency,
    }
}

const ACCOUNTS: [Account; 9] = [
    account(
        "mariama",
        "Mariama Issoufou",
        Role::Collector,
        Some("REC01"),
        "NIA",
    ),
    account(
        "ibrahim",
        "Ibrahim Souley",
        Role::Collector,
        Some("REC02"),
        "NIA",
    ),
    account(
        "aichatou",
        "Aïchatou Garba",
        Role::Collector,
        Some("REC03"),
        "NIA",
    ),
    account(
        "moussa",
        "Moussa Aghali",
        Role::Collector,
        Some("REC04"),
        "ARL",
    ),
    account("caisse", "Hadiza Maman", Role::Cashier, None, "NIA"),
    account("direction", "Abdoulaye Diallo", Role::Manager, None, "NIA"),
    account("compta", "Fati Oumarou", Role::Accountant, None, "NIA"),
    account("admin", "Salissou Adamou", Role::Administrator, None, "NIA"),
    account("audit", "Ramatou Boubacar", Role::Auditor, None, "NIA"),
];

/// What to tell who asked for the demo.
#[derive(Debug, Serialize)]
pub struct Told {
    pub organisation: String,
    /// False when it was there already.
    pub created: bool,
    pub password: &'static str,
    pub accounts: Vec<ToldAccount>,
}

#[derive(Debug, Serialize)]
pub struct ToldAccount {
    pub login: String,
    pub name: String,
    pub role: &'static str,
    pub portfolios: Vec<PortfolioCode>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.created {
            "created"
        } else {
            "already there"
        };
        writeln!(f, "Demo organisation « {} »: {state}.", self.organisation)?;
        writeln!(f, "Accounts (password {}):", self.password)?;
        for account in &self.accounts {
            let portfolios: Vec<&str> = account
                .portfolios
                .iter()
                .map(PortfolioCode::as_str)
                .collect();
            let line = format!(
                "  {:<10} {:<14} {}",
                account.login,
                account.role,
                portfolios.join(",")
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Makes the demo organisation with its accounts and its ledger; where it is already, only tells of it.
///
/// # Errors
/// When the data directory holds another organisation.
pub async fn create(office: &Office, clients: u32) -> Result<Told> {
    if !(1..=CLIENTS_MAX).contains(&clients) {
        return Err(Error::Usage(format!("--clients is 1 to {CLIENTS_MAX}")));
    }
    let mut tx = office.database.write().await?;
    let existing = organisations::only(&mut tx).await?;
    let created = existing.is_none();
    let organisation = match existing {
        Some(existing) if existing.demo => existing,
        Some(other) => {
            return Err(Error::Usage(format!(
                "this data directory already holds « {} »: choose another with --data",
                other.name
            )));
        }
        None => {
            let log_id = organisations::new_log_id();
            let new = NewOrganisation {
                id: OrganisationId(random::uuid()),
                name: NAME,
                address: "Boulevard de l’Indépendance, BP 10457, Niamey, Niger",
                tax_id: "NIF 28417/R",
                trade_register: "RCCM NI-NIA-2009-B-1187",
                country: "NE",
                currency: Currency::XOF,
                zone: chrono_tz::Africa::Niamey,
                log_id: &log_id,
                demo: true,
            };
            let organisation = office.create_organisation(&mut tx, &new).await?;
            // One hash for all: they are demo accounts, and hashing is slow on purpose.
            let hash = password::hash(PASSWORD);
            for account in &ACCOUNTS {
                users::create(&mut tx, organisation.id, &account.user(), &hash).await?;
            }
            organisation
        }
    };
    tx.commit().await?;
    if organisation.clock == 0 {
        let yesterday =
            clock::business_date(organisation.zone, clock::now()) - chrono::Days::new(1);
        import(office, ledger::generate(clients, yesterday), yesterday).await?;
        field::tell(office, &organisation, yesterday).await?;
    }
    let mut tx = office.database.read().await?;
    let accounts = users::all(&mut tx, organisation.id).await?;
    Ok(Told {
        organisation: organisation.name,
        created,
        password: PASSWORD,
        accounts: accounts
            .into_iter()
            .map(|record| record.user.into())
            .collect(),
    })
}

/// The ledger goes in as any ledger does.
async fn import(office: &Office, ledger: ledger::Ledger, date: chrono::NaiveDate) -> Result<()> {
    let file = |name: &str, text: String| {
        Some(SourceFile {
            name: name.to_owned(),
            bytes: text.into_bytes(),
        })
    };
    let source = Arc::new(Source {
        clients: file("clients.csv", ledger.clients),
        invoices: file("factures.csv", ledger.invoices),
    });
    let options = ImportOptions {
        statement_date: Some(date),
        ..ImportOptions::default()
    };
    let author = office_fact::console(&office.organisation().await?);
    ledger_import::commit(office, "demo", source, &options, &author)
        .await
        .map(|_| ())
        .map_err(|error| match error {
            LedgerImportError::Failed(error) => error,
            LedgerImportError::Refused(refusal) => {
                Error::Corrupt(format!("the demo ledger: {refusal}"))
            }
        })
}

impl Account {
    fn user(&self) -> User {
        User {
            id: UserId(random::uuid()),
            login: self.login.to_owned(),
            name: self.name.to_owned(),
            role: self.role,
            portfolios: self.portfolio.into_iter().map(PortfolioCode::new).collect(),
            agency: self.agency.to_owned(),
        }
    }
}

impl From<User> for ToldAccount {
    fn from(user: User) -> Self {
        Self {
            login: user.login,
            name: user.name,
            role: user.role.code(),
            portfolios: user.portfolios,
        }
    }
}
