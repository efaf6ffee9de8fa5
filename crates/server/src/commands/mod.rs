//! The command line.

mod backup;
mod check;
mod demo;
mod device;
mod export;
mod import;
mod import_undo;
mod organisation;
mod rescue;
mod serve;
mod user;
mod verify_journal;

use crate::config::DataDir;
use crate::error::{Error, Result};
use crate::office::Office;
use clap::{Args, Parser, Subcommand};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// The office of Tournée: takes facts from devices, keeps the ledger's statements, serves the app.
#[derive(Parser)]
#[command(name = "tournee-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app and the API.
    Serve(serve::Serve),
    /// Make the demo organisation, or print its accounts.
    Demo(demo::Demo),
    /// Take in a dated statement of the ledger, or a device's emergency file.
    Import(import::Import),
    /// Give out what the accounting package does not have yet, or the whole journal.
    #[command(subcommand)]
    Export(export::Export),
    /// The organisation itself.
    #[command(subcommand)]
    Organisation(organisation::Organisation),
    /// Accounts.
    #[command(subcommand)]
    User(user::User),
    /// Devices: whose they are, when they were last heard of; revoking one.
    #[command(subcommand)]
    Device(device::Device),
    /// Check an exported journal; needs no database. Exit 0: whole; 1: the first broken line is named; 2: no journal.
    VerifyJournal(verify_journal::VerifyJournal),
    /// Copy everything into a new directory that can be served in this one's place; also beside a running server.
    Backup(backup::Backup),
    /// Compute the records anew from the facts, follow every chain, and compare.
    Check(check::Check),
}

/// Where the office's data lie.
#[derive(Args)]
struct DataOption {
    /// Directory that holds everything of this office.
    #[arg(long, env = "TOURNEE_DATA", default_value = "data")]
    data: PathBuf,
}

impl DataOption {
    /// The office of a directory that holds one already: a mistyped directory is not filled.
    ///
    /// # Errors
    /// When there is none.
    async fn existing(&self) -> Result<Office> {
        if DataDir::holds_database(&self.data) {
            return Office::open(&self.data).await;
        }
        Err(Error::Usage(format!(
            "there is no organisation in {}: `tournee-server demo` makes one to try, `tournee-server import` one from a ledger; --data names another directory",
            self.data.display()
        )))
    }

    /// Works on the office of such a directory, and closes it well whatever comes of it.
    async fn with<T>(&self, work: impl AsyncFnOnce(&Office) -> Result<T>) -> Result<T> {
        closing(self.existing().await?, work).await
    }
}

/// Works on an office, and closes it well whatever comes of it.
async fn closing<T>(office: Office, work: impl AsyncFnOnce(&Office) -> Result<T>) -> Result<T> {
    let result = work(&office).await;
    office.database.close().await;
    result
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    log(matches!(cli.command, Command::Serve(_)));
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Error::Usage(format!("cannot start: {error}"))),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => command.run().await,
            Command::Demo(command) => command.run().await,
            Command::Import(command) => command.run().await,
            Command::Export(command) => command.run().await,
            Command::Organisation(command) => command.run().await,
            Command::User(command) => command.run().await,
            Command::Device(command) => command.run().await,
            Command::VerifyJournal(command) => command.run(),
            Command::Backup(command) => command.run().await,
            Command::Check(command) => command.run().await,
        }
    });
    match result {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

fn failed(error: &Error) -> ExitCode {
    eprintln!("tournee-server: {error}");
    ExitCode::FAILURE
}

/// Logs go to standard error: standard output is for `--json`. `TOURNEE_LOG` filters, `TOURNEE_LOG_FORMAT=json` for machines.
fn log(serving: bool) {
    let default = if serving { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("TOURNEE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if std::env::var("TOURNEE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        subscriber.json().init();
    } else {
        subscriber.init();
    }
}

/// Prints a value for scripts.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| Error::corrupt("an answer")(&error))?;
    tell(&text);
    Ok(())
}

/// Prints for people or scripts; who stopped listening misses the rest.
fn tell(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
}
