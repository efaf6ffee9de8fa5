//! The office's database in a simulated world: in memory, or the server's real schema on SQLite.

use crate::ledger::{Entry, News, Record, Since};
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::{Builder, Runtime};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{BlobHash, ClientCode, DeviceId, Dossier, UserId};
use tournee_server::database::organisations::{self, NewOrganisation};
use tournee_server::database::{Database, SqliteOffice, devices, users};
use tournee_sync::certificate::Certificate;
use tournee_sync::encoding::Bytes;
use tournee_sync::enrol::{EnrolledDevice, Organisation, User};
use tournee_sync::envelope::SealedFact;
use tournee_sync::key::{KeyId, PublicKey};
use tournee_sync::office::memory::MemoryOffice;
use tournee_sync::office::{
    DeviceEpoch, Enrolment, Lookups, Names, OfficeStore, OfficeUser, OrganisationState, Outcome,
    Scope, Span,
};
use tournee_sync::pull::{BucketSum, Record as PulledRecord};
use tournee_sync::push::Heartbeat;

/// Where files of worlds lie: in memory where the system has such a place, for their durability is not what is tested.
const PLACES: [&str; 2] = ["/dev/shm", "/tmp"];

/// Folders made so far: each has a name of its own.
static FOLDERS: AtomicU64 = AtomicU64::new(0);

/// Why the database failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct VaultError(String);

fn failed(error: impl std::error::Error) -> VaultError {
    VaultError(error.to_string())
}

/// What is durable at an office.
pub enum Vault {
    Memory(Box<MemoryOffice>),
    Sqlite(File),
}

/// One open transaction.
pub enum Transaction {
    Memory(Box<MemoryOffice>),
    Sqlite(Box<SqliteOffice>),
}

/// One database file.
pub struct File {
    folder: Rc<Folder>,
    database: Database,
}

/// The files of one world; they go when it ends.
pub struct Folder {
    path: PathBuf,
    files: Cell<u32>,
    runtime: Runtime,
}

impl Folder {
    /// # Panics
    /// When this machine gives neither memory nor a thread.
    pub fn new(seed: u64) -> Rc<Self> {
        let place = PLACES
            .iter()
            .find(|place| std::path::Path::new(place).is_dir());
        let place = PathBuf::from(place.expect("a place for files"));
        let runtime = Builder::new_current_thread().enable_all().build();
        // A seed may be told twice.
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = place.join(format!(
            "tournee-world-{}-{seed}-{number}",
            std::process::id()
        ));
        std::fs::create_dir_all(&path).expect("a folder");
        Rc::new(Self {
            path,
            files: Cell::new(0),
            runtime: runtime.expect("a runtime"),
        })
    }

    fn next_file(&self) -> PathBuf {
        self.files.set(self.files.get() + 1);
        self.path.join(format!("{}.sqlite", self.files.get()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays does no harm.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// What a new office begins with.
pub struct Beginning<'a> {
    pub settings: &'a Organisation,
    pub own_device: DeviceId,
    pub own_key: &'a PublicKey,
    pub users: &'a [User],
}

const FIRST_LOG: &str = "log 0";

impl Vault {
    pub fn in_memory(beginning: &Beginning<'_>) -> Self {
        let mut office = MemoryOffice::new(
            beginning.settings.clone(),
            FIRST_LOG,
            beginning.own_device,
            beginning.own_key.clone(),
        );
        for user in beginning.users {
            office.add_user(user.clone());
        }
        Self::Memory(Box::new(office))
    }

    /// # Panics
    /// When the schema does not take it.
    pub fn on_sqlite(seed: u64, beginning: &Beginning<'_>) -> Self {
        let folder = Folder::new(seed);
        let settings = beginning.settings;
        let opened = folder.runtime.block_on(async {
            let database = Database::open(&folder.next_file()).await?;
            let mut tx = database.write().await?;
            let new = NewOrganisation {
                id: settings.id,
                name: &settings.name,
                address: &settings.address,
                tax_id: &settings.tax_id,
                trade_register: &settings.trade_register,
                country: &settings.country,
                currency: settings.currency,
                zone: settings.time_zone.parse().expect("a zone"),
                log_id: FIRST_LOG,
                demo: false,
            };
            organisations::create(&mut tx, &new).await?;
            let (device, key) = (beginning.own_device, beginning.own_key);
            devices::create_office(&mut tx, settings.id, device, key, 0).await?;
            for user in beginning.users {
                users::create(&mut tx, settings.id, user, "").await?;
            }
            tx.commit().await?;
            Ok::<_, tournee_server::error::Error>(database)
        });
        let database = opened.expect("the real schema takes a new office");
        Self::Sqlite(File { folder, database })
    }

    /// Runs to its end whatever a transaction of this database does.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        match self {
            Self::Memory(_) => crate::office::now(work),
            Self::Sqlite(file) => file.folder.runtime.block_on(work),
        }
    }

    /// # Panics
    /// When the database fails.
    pub fn begin(&self) -> Transaction {
        match self {
            Self::Memory(db) => Transaction::Memory(db.clone()),
            Self::Sqlite(file) => {
                let begun =
                    self.run(async { SqliteOffice::new(file.database.write().await?).await });
                Transaction::Sqlite(Box::new(begun.expect("a transaction opens")))
            }
        }
    }

    /// # Panics
    /// When the database fails.
    pub fn commit(&mut self, transaction: Transaction) {
        match (&mut *self, transaction) {
            (Self::Memory(db), Transaction::Memory(new)) => *db = new,
            (_, Transaction::Sqlite(store)) => {
                self.run(store.commit()).expect("a transaction commits");
            }
            (Self::Sqlite(_), Transaction::Memory(_)) => unreachable!("one world, one database"),
        }
    }

    /// Nothing of the transaction ever was.
    pub fn abandon(&self, transaction: Transaction) {
        // Given back inside the runtime, which rolls back.
        self.run(async { drop(transaction) });
    }

    /// A copy that can be served in this one's place, under another log.
    ///
    /// # Panics
    /// When the database fails.
    pub fn copy(&self, log_id: &str) -> Self {
        let mut copy = match self {
            Self::Memory(db) => Self::Memory(db.clone()),
            Self::Sqlite(file) => {
                let path = file.folder.next_file();
                let copied = self.run(async {
                    file.database.copy_into(&path).await?;
                    Database::open(&path).await
                });
                Self::Sqlite(File {
                    folder: file.folder.clone(),
                    database: copied.expect("a backup is made"),
                })
            }
        };
        let mut transaction = copy.begin();
        let begun = copy.run(transaction.begin_log(log_id));
        begun.expect("a log begins");
        copy.commit(transaction);
        copy
    }

    /// What is new here.
    ///
    /// # Panics
    /// When the database fails.
    pub fn news(&self, since: &Since) -> News {
        match self {
            Self::Memory(db) => News::of(db, since),
            Self::Sqlite(_) => {
                let Transaction::Sqlite(mut store) = self.begin() else {
                    unreachable!("one world, one database")
                };
                self.run(async {
                    let news = read_news(&mut store, since).await;
                    drop(store);
                    news.expect("the office can be read")
                })
            }
        }
    }

    /// How many bytes a fact here says that a photo has; `None` while none names it.
    ///
    /// # Panics
    /// When the database fails.
    pub fn named_bytes(&self, hash: &BlobHash) -> Option<u64> {
        match self {
            Self::Memory(db) => db.named_bytes(hash),
            Self::Sqlite(file) => self.run(async {
                let mut tx = file.database.read().await.expect("a read begins");
                let named = sqlx::query_scalar("SELECT size_bytes FROM attachments WHERE hash = ?")
                    .bind(hash.as_str())
                    .fetch_optional(&mut *tx)
                    .await;
                let named: Option<i64> = named.expect("the office can be read");
                named.map(i64::unsigned_abs)
            }),
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let database = self.database.clone();
        self.folder.runtime.block_on(database.close());
    }
}

#[derive(sqlx::FromRow)]
struct FactRow {
    server_seq: i64,
    device: String,
    epoch: u32,
    seq: i64,
    fact_id: Option<String>,
    projected: bool,
    flags: String,
    author: String,
    previous: String,
    hash: String,
    signature: Vec<u8>,
    key_id: String,
    text: String,
}

impl FactRow {
    fn read(self) -> (u64, Entry) {
        let sealed = SealedFact {
            text: self.text,
            previous: self.previous.parse().expect("a hash"),
            hash: self.hash.parse().expect("a hash"),
            signature: Bytes(self.signature),
            key: KeyId(self.key_id),
        };
        let entry = Entry {
            device: self.device.parse().expect("a device"),
            epoch: self.epoch,
            seq: self.seq.unsigned_abs(),
            author: self.author,
            fact_id: self.fact_id.map(|id| id.parse().expect("an id")),
            projected: self.projected,
            flags: serde_json::from_str(&self.flags).expect("flags"),
            sealed,
        };
        (self.server_seq.unsigned_abs(), entry)
    }
}

async fn read_news(store: &mut SqliteOffice, since: &Since) -> Result<News, sqlx::Error> {
    let state = store.organisation().clone();
    let since = since.in_log(&state.log_id);
    let clock = i64::try_from(since.clock).unwrap_or(i64::MAX);
    let connection = store.connection();
    let facts: Vec<FactRow> = sqlx::query_as("SELECT * FROM facts WHERE server_seq > ?")
        .bind(clock)
        .fetch_all(&mut *connection)
        .await?;
    let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM records WHERE server_seq > ?")
        .bind(clock)
        .fetch_all(&mut *connection)
        .await?;
    let clients: Vec<String> = sqlx::query_scalar("SELECT id FROM records")
        .fetch_all(&mut *connection)
        .await?;
    let aside: Vec<Option<String>> =
        sqlx::query_scalar("SELECT fact_id FROM quarantine ORDER BY id LIMIT -1 OFFSET ?")
            .bind(i64::try_from(since.aside).unwrap_or(i64::MAX))
            .fetch_all(&mut *connection)
            .await?;
    let staged: Vec<String> = sqlx::query_scalar("SELECT sealed FROM staged")
        .fetch_all(&mut *connection)
        .await?;
    let devices: Vec<(String, String, bool)> =
        sqlx::query_as("SELECT device, label, revoked_at_ms IS NOT NULL FROM devices")
            .fetch_all(&mut *connection)
            .await?;
    let ids: Vec<String> = sqlx::query_scalar("SELECT user FROM users")
        .fetch_all(&mut *connection)
        .await?;
    let mut users = Vec::new();
    for id in ids {
        let known = store.user(id.parse().expect("a user")).await;
        users.extend(known.expect("the office can be read"));
    }
    let record = |body: String| {
        let dossier: Dossier = serde_json::from_str(&body).expect("a dossier");
        Record {
            dossier: Rc::new(dossier),
            body: body.into(),
        }
    };
    Ok(News {
        log_id: state.log_id,
        clock: state.clock,
        facts: facts.into_iter().map(FactRow::read).collect(),
        records: bodies.into_iter().map(record).collect(),
        clients: clients.iter().map(|code| ClientCode::new(code)).collect(),
        aside_read: since.aside + aside.len(),
        aside: aside
            .into_iter()
            .flatten()
            .map(|id| id.parse().expect("an id"))
            .collect(),
        staged: staged
            .iter()
            .map(|sealed| serde_json::from_str(sealed).expect("a sealed fact"))
            .collect(),
        devices: devices
            .into_iter()
            .map(|(id, label, revoked)| (id.parse().expect("a device"), label, revoked))
            .collect(),
        users,
    })
}

/// The same call on whichever database it is.
macro_rules! either {
    ($transaction:expr, $db:ident => $call:expr) => {
        match $transaction {
            Transaction::Memory($db) => $call.await.map_err(failed),
            Transaction::Sqlite($db) => $call.await.map_err(failed),
        }
    };
}

impl OfficeStore for Transaction {
    type Error = VaultError;

    fn organisation(&self) -> &OrganisationState {
        match self {
            Self::Memory(db) => db.organisation(),
            Self::Sqlite(db) => db.organisation(),
        }
    }

    async fn user(&mut self, user: UserId) -> Result<Option<OfficeUser>, VaultError> {
        either!(self, db => db.user(user))
    }

    async fn set_portfolios(
        &mut self,
        user: UserId,
        portfolios: &[PortfolioCode],
    ) -> Result<(), VaultError> {
        either!(self, db => db.set_portfolios(user, portfolios))
    }

    async fn epoch(
        &mut self,
        device: DeviceId,
        epoch: u32,
    ) -> Result<Option<DeviceEpoch>, VaultError> {
        either!(self, db => db.epoch(device, epoch))
    }

    async fn own_epoch(&mut self) -> Result<DeviceEpoch, VaultError> {
        either!(self, db => db.own_epoch())
    }

    async fn enrol(
        &mut self,
        enrolment: &Enrolment<'_>,
    ) -> Result<Option<EnrolledDevice>, VaultError> {
        either!(self, db => db.enrol(enrolment))
    }

    async fn reinstate(&mut self, certificate: &Certificate) -> Result<bool, VaultError> {
        either!(self, db => db.reinstate(certificate))
    }

    async fn seen(
        &mut self,
        device: DeviceId,
        build: &str,
        heartbeat: Option<&Heartbeat>,
        now_ms: i64,
    ) -> Result<(), VaultError> {
        either!(self, db => db.seen(device, build, heartbeat, now_ms))
    }

    async fn revoke(&mut self, device: DeviceId, at_ms: Option<i64>) -> Result<(), VaultError> {
        either!(self, db => db.revoke(device, at_ms))
    }

    async fn look_up(
        &mut self,
        chain: (DeviceId, u32),
        places: (u64, u64),
        names: &Names,
    ) -> Result<Lookups, VaultError> {
        either!(self, db => db.look_up(chain, places, names))
    }

    async fn staged(
        &mut self,
        chain: (DeviceId, u32),
    ) -> Result<Vec<(u64, SealedFact)>, VaultError> {
        either!(self, db => db.staged(chain))
    }

    async fn write(&mut self, outcome: &Outcome) -> Result<(), VaultError> {
        either!(self, db => db.write(outcome))
    }

    async fn page(&mut self, scope: &Scope, span: Span) -> Result<Vec<PulledRecord>, VaultError> {
        either!(self, db => db.page(scope, span))
    }

    async fn count(&mut self, scope: &Scope, span: Span) -> Result<u32, VaultError> {
        either!(self, db => db.count(scope, span))
    }

    async fn sums(&mut self, scope: &Scope) -> Result<Vec<BucketSum>, VaultError> {
        either!(self, db => db.sums(scope))
    }

    async fn applied_through(
        &mut self,
        chain: (DeviceId, u32),
        until: u64,
    ) -> Result<u64, VaultError> {
        either!(self, db => db.applied_through(chain, until))
    }

    async fn purge_tombstones(&mut self, before_ms: i64) -> Result<(), VaultError> {
        either!(self, db => db.purge_tombstones(before_ms))
    }

    async fn begin_log(&mut self, log_id: &str) -> Result<(), VaultError> {
        either!(self, db => db.begin_log(log_id))
    }
}
