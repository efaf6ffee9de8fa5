//! SQLite behind one writer and several readers. A file a family of tables.
//!
//! Functions take a connection, so that one transaction can span several of them; every row is found by its
//! organisation first.

pub mod blobs;
pub mod buckets;
pub mod devices;
pub mod facts;
pub mod gaps;
pub mod ledger;
pub mod organisations;
pub mod quarantine;
pub mod records;
pub mod releases;
pub mod sessions;
mod store;
pub mod tombstones;
pub mod users;

pub use store::SqliteOffice;

use crate::error::{Error, Result};
use sqlx::query_builder::Separated;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, QueryBuilder, Sqlite, Transaction};
use std::path::Path;
use std::time::Duration;

pub type Connection = sqlx::SqliteConnection;
pub type Tx = Transaction<'static, Sqlite>;

/// Rows written by one statement: each statement is a way to SQLite's thread and back, which costs more than a row. SQLite
/// binds at most 32,766 values, and no table here has as many as 32 columns.
const ROWS_MAX: usize = 1_000;

/// What the writer keeps of the file in memory, in KiB with SQLite's sign for it: a push touches pages all over it.
const CACHE: &str = "-32768";
/// Reads at once; SQLite's readers do not wait for the writer.
const READERS_MAX: u32 = 8;
/// How long a request waits for its turn before it fails and is tried again by its sender.
const TURN_MAX: Duration = Duration::from_secs(60);

/// An acknowledged fact survives a power cut: NORMAL could lose it (SYNC 17). Builds for tests can be told to be so careless,
/// to show that the tests of power cuts notice.
fn synchronous() -> SqliteSynchronous {
    let careless = cfg!(debug_assertions)
        && std::env::var("TOURNEE_TEST_SYNCHRONOUS").is_ok_and(|word| word == "NORMAL");
    if careless {
        SqliteSynchronous::Normal
    } else {
        SqliteSynchronous::Full
    }
}

/// Connections to a file of this machine do not age, so none is looked at for its age: sqlx's round of looking (0.9.0) counts
/// the idle ones, and a count taken between a release and its noting is below zero, which is without end. A server was
/// seen in it, its one thread busy for ever.
fn pool(connections_max: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(TURN_MAX)
        .idle_timeout(None)
        .max_lifetime(None)
}

#[derive(Clone)]
pub struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Opens the file, creates it when missing, and brings its schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or was written by a later version.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous())
            .foreign_keys(true)
            .busy_timeout(TURN_MAX);
        // One connection: writers queue here, in order, and never meet SQLITE_BUSY.
        let writer = pool(1)
            // When the disk is full SQLite rolls back by itself, which sqlx does not notice: whoever came next would find a
            // transaction that is none. Such a connection is replaced.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone().pragma("cache_size", CACHE))
            .await?;
        sqlx::migrate!().run(&writer).await?;
        let readers = pool(READERS_MAX)
            .connect_with(options.read_only(true))
            .await?;
        let database = Self { writer, readers };
        let mut tx = database.write().await?;
        buckets::begin(&mut tx).await?;
        tx.commit().await?;
        Ok(database)
    }

    /// The one write transaction; it holds the write lock from its beginning.
    ///
    /// # Errors
    /// When the turn does not come in time.
    pub async fn write(&self) -> Result<Tx> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A read transaction: everything read in it is of one moment.
    ///
    /// # Errors
    /// When the turn does not come in time.
    pub async fn read(&self) -> Result<Tx> {
        Ok(self.readers.begin().await?)
    }

    /// Writes the database as of one moment into a new file, durably, while others read and write.
    ///
    /// # Errors
    /// When the file exists, or the disk fails.
    pub async fn copy_into(&self, path: &Path) -> Result<()> {
        sqlx::query("VACUUM INTO ?")
            .bind(path.to_string_lossy())
            .execute(&self.writer)
            .await?;
        std::fs::File::open(path)
            .and_then(|file| file.sync_all())
            .map_err(Error::file("cannot write", path))
    }

    /// Finishes: what the write-ahead log still holds goes into the file.
    pub async fn close(self) {
        self.readers.close().await;
        let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
        if let Err(error) = checkpoint.execute(&self.writer).await {
            tracing::warn!(%error, "checkpoint at shutdown");
        }
        self.writer.close().await;
    }
}

/// Writes rows, many by one statement: `sql` up to its `VALUES`, what binds a row's values, and what follows them.
async fn write_rows<T>(
    connection: &mut Connection,
    (sql, after): (&'static str, &'static str),
    rows: Vec<T>,
    bind: impl Fn(&mut Separated<'_, Sqlite, &'static str>, T),
) -> Result<()> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut insert = QueryBuilder::new(sql);
        insert.push_values(rows.by_ref().take(ROWS_MAX), |mut row, value| {
            bind(&mut row, value);
        });
        insert.push(after);
        // Another number of rows is another statement: none is worth keeping.
        let query = insert.build().persistent(false);
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
