//! Data of one test, removed at its end.

use super::PASSWORD;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{Currency, OrganisationId, UserId};
use tournee_server::database::organisations::{self, NewOrganisation};
use tournee_server::database::users;
use tournee_server::office::Office;
use tournee_server::{password, random};
use tournee_sync::enrol::{Role, User};

pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn empty() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tournee-office-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// An organisation with one account for every role, and two collectors: `one` sees REC01, `two` REC02.
    pub fn with_people() -> Self {
        let folder = Self::empty();
        let accounts = [
            ("one", Role::Collector, Some("REC01")),
            ("two", Role::Collector, Some("REC02")),
            ("cashier", Role::Cashier, None),
            ("manager", Role::Manager, None),
            ("accountant", Role::Accountant, None),
            ("administrator", Role::Administrator, None),
            ("auditor", Role::Auditor, None),
        ];
        folder.prepare(&accounts);
        folder
    }

    /// The same with the small ledger of [`super::small_ledger`] in it.
    pub fn with_ledger() -> Self {
        let folder = Self::with_people();
        folder.import(&super::small_ledger());
        folder
    }

    /// The people, and a ledger of [`super::wide_ledger`] in it.
    pub fn with_clients(clients: u32) -> Self {
        let folder = Self::with_people();
        folder.import(&super::wide_ledger(clients));
        folder
    }

    fn import(&self, (clients, invoices): &(String, String)) {
        std::fs::write(self.path.join("clients.csv"), clients).unwrap();
        std::fs::write(self.path.join("factures.csv"), invoices).unwrap();
        let path = |name: &str| self.path.join(name).to_str().unwrap().to_owned();
        self.run(&[
            "import",
            "--clients",
            &path("clients.csv"),
            "--invoices",
            &path("factures.csv"),
            "--statement-date",
            "2026-10-31",
        ]);
    }

    /// One value of the database.
    pub fn value(&self, sql: &'static str) -> i64 {
        self.with_office(async |office| {
            let mut tx = office.database.read().await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut *tx).await.unwrap()
        })
    }

    /// Changes the database by hand, as no user can.
    pub fn tamper(&self, sql: &'static str) {
        self.with_office(async |office| {
            let mut tx = office.database.write().await.unwrap();
            sqlx::query(sql).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        });
    }

    fn prepare(&self, accounts: &[(&str, Role, Option<&str>)]) {
        static HASH: LazyLock<String> = LazyLock::new(|| password::hash(PASSWORD));
        self.with_office(async |office| {
            let mut tx = office.database.write().await.unwrap();
            let log_id = organisations::new_log_id();
            let new = NewOrganisation {
                id: OrganisationId(random::uuid()),
                name: "Sahel Équipements SA",
                address: "",
                tax_id: "",
                trade_register: "",
                country: "NE",
                currency: Currency::XOF,
                zone: "Africa/Niamey".parse().unwrap(),
                log_id: &log_id,
                demo: false,
            };
            let organisation = office.create_organisation(&mut tx, &new).await.unwrap();
            for (login, role, portfolio) in accounts {
                let user = User {
                    id: UserId(random::uuid()),
                    login: (*login).to_owned(),
                    name: format!("Name of {login}"),
                    role: *role,
                    portfolios: portfolio
                        .iter()
                        .map(|code| PortfolioCode::new(code))
                        .collect(),
                    agency: "NIA".to_owned(),
                };
                users::create(&mut tx, organisation.id, &user, &HASH)
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
        });
    }

    /// Runs something on this data, as the server does it.
    pub fn with_office<T>(&self, work: impl AsyncFnOnce(&Office) -> T) -> T {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let office = Office::open(&self.data()).await.unwrap();
            let result = work(&office).await;
            office.database.close().await;
            result
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
