//! `tournee-server serve`.

use super::{DataOption, tell};
use crate::clock;
use crate::config::DataDir;
use crate::database::{SqliteOffice, organisations};
use crate::error::{Error, Result};
use crate::files;
use crate::http::{self, App, Assets};
use crate::office::Office;
use crate::packs::{self, Packs};
use crate::staging::{self, STAGED_IMPORTS_MAX};
use crate::uploads;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tournee_sync::office::{OfficeStore, TOMBSTONES_KEPT_MS};

/// How long running requests may take to finish once the server is asked to stop.
const FINISH_MAX: Duration = Duration::from_secs(10);
/// How often what is too old to keep is dropped.
const PURGE_EVERY: Duration = Duration::from_secs(24 * 3600);

/// How soon those who listen hear of what a command wrote.
const COMMANDS_POLL: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    data: DataOption,
    /// Folder of the built app; without it, only the API is served.
    #[arg(long, env = "TOURNEE_ASSETS")]
    assets: Option<PathBuf>,
    /// Address and port; port 0 takes a free one.
    #[arg(long, env = "TOURNEE_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// The country's rules: NE, FR or OHADA, or a file; without it, those of the organisation's country.
    #[arg(long, env = "TOURNEE_PACK", value_name = "CODE_OR_FILE")]
    pack: Option<String>,
    /// A proxy in front speaks TLS and sets X-Forwarded-For.
    #[arg(long, env = "TOURNEE_BEHIND_PROXY")]
    behind_proxy: bool,
    /// For scripts: where it listens, as JSON.
    #[arg(long)]
    json: bool,
}

impl Serve {
    /// # Errors
    /// One line that says why the server cannot start.
    pub async fn run(self) -> Result<ExitCode> {
        let assets = match &self.assets {
            Some(folder) => Assets::in_folder(folder)?,
            None => Assets::default(),
        };
        let packs = Packs::read(self.pack.as_deref())?;
        let failed = |source| Error::Listen {
            address: self.listen.clone(),
            source,
        };
        let listener = TcpListener::bind(&self.listen).await.map_err(failed)?;
        let _alone = DataDir::open(&self.data.data)?.serve_alone()?;
        let office = Office::open(&self.data.data).await?;
        files::sweep(&office.data)?;
        staging::sweep(&office.data, STAGED_IMPORTS_MAX)?;
        uploads::sweep(&office.data)?;
        {
            let mut tx = office.database.read().await?;
            match organisations::only(&mut tx).await? {
                Some(organisation) => {
                    office.announce(organisation.clock);
                    drop(tx);
                    packs::tell(&office.database, &packs, &organisation).await?;
                    purge_tombstones(&office).await?;
                }
                None => tracing::warn!("there is no organisation yet: nobody can sign in"),
            }
        }
        let (stop, stopping) = watch::channel(false);
        let app = App::new(office.clone(), assets, self.behind_proxy, stopping);
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!(%address, "listening");
        // For scripts that asked for a free port.
        if self.json {
            tell(&format!("{{\"listening\":\"http://{address}\"}}"));
        } else {
            tell(&format!("listening on http://{address}"));
        }

        let mut told = stop.subscribe();
        let serving = axum::serve(listener, http::router(app)).with_graceful_shutdown(async move {
            let _ = told.wait_for(|stop| *stop).await;
        });
        let serving = tokio::spawn(async move { serving.await });
        let purging = tokio::spawn(purge_daily(office.clone()));
        tokio::select! {
            stopped = asked_to_stop() => stopped?,
            () = hear_of_commands(&office) => {}
        }
        purging.abort();
        tracing::info!("stopping");
        stop.send_replace(true);
        if tokio::time::timeout(FINISH_MAX, serving).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
        office.database.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

async fn purge_daily(office: Office) {
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
        if let Err(error) = purge_tombstones(&office).await {
            tracing::warn!(%error, "old tombstones stay for another day");
        }
        if let Err(error) = uploads::sweep(&office.data) {
            tracing::warn!(%error, "abandoned uploads stay for another day");
        }
    }
}

/// Commands that run beside the server write the same database: those who listen hear of it too. Never ends.
async fn hear_of_commands(office: &Office) {
    loop {
        tokio::time::sleep(COMMANDS_POLL).await;
        let clock = async {
            let mut tx = office.database.read().await?;
            organisations::only(&mut tx).await
        };
        match clock.await {
            Ok(Some(organisation)) => office.announce(organisation.clock),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "looking for changes"),
        }
    }
}

/// Whoever was away for longer takes a new snapshot (SYNC 23).
async fn purge_tombstones(office: &Office) -> Result<()> {
    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let before_ms = clock::now_ms() - TOMBSTONES_KEPT_MS;
    store.purge_tombstones(before_ms).await?;
    store.commit().await
}

async fn asked_to_stop() -> Result<()> {
    let cannot = |error| Error::Usage(format!("cannot listen for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
