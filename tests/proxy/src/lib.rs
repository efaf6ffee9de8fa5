#![doc = include_str!("../README.md")]

use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// Bytes read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// Both directions of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weather {
    /// From the device to the office.
    pub up: Flow,
    /// From the office to the device.
    pub down: Flow,
}

/// What happens to one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Flow {
    /// Bytes that pass; what comes after them is lost.
    pub cut_after: Option<u64>,
    /// How the line ends there.
    pub end: End,
    /// Before each piece.
    pub delay_ms: u64,
    /// Bytes of a piece, at most.
    pub slice: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Both ends see an end.
    #[default]
    Close,
    /// Both ends see an error.
    Reset,
    /// Nothing more comes, and nobody says so.
    Hang,
}

impl Flow {
    /// A line that is cut after so many bytes.
    pub fn cut_after(bytes: u64) -> Self {
        Self {
            cut_after: Some(bytes),
            ..Self::default()
        }
    }
}

/// A proxy with a thread of its own; it ends when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
    /// Its end ends all connections.
    _runtime: Runtime,
}

struct Line {
    to: Mutex<SocketAddr>,
    weather: Mutex<Weather>,
    connections: AtomicUsize,
}

impl Proxy {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port, or no thread.
    pub fn start(to: SocketAddr) -> io::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), to)
    }

    /// # Errors
    /// When the address is taken, or there is no thread.
    pub fn start_on(listen: SocketAddr, to: SocketAddr) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind(listen))?;
        let line = Arc::new(Line {
            to: Mutex::new(to),
            weather: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let address = listener.local_addr()?;
        let carrying = line.clone();
        runtime.spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                carrying.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(carry(device, held(&carrying.to), held(&carrying.weather)));
            }
        });
        Ok(Self {
            address,
            line,
            _runtime: runtime,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The weather of the connections made from now on.
    pub fn set(&self, weather: Weather) {
        *self
            .line
            .weather
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = weather;
    }

    /// The office moved.
    pub fn lead_to(&self, to: SocketAddr) {
        *self.line.to.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Connections made so far.
    pub fn connections(&self) -> usize {
        self.line.connections.load(Ordering::Relaxed)
    }
}

fn held<T: Copy>(value: &Mutex<T>) -> T {
    *value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries one connection until both its ends are done, or the weather ends it.
async fn carry(mut device: TcpStream, to: SocketAddr, weather: Weather) {
    let Ok(mut office) = TcpStream::connect(to).await else {
        return;
    };
    // Pieces leave as they are; where that cannot be had, the line is merely less bad.
    let _ = device.set_nodelay(true).and(office.set_nodelay(true));
    let (from_device, to_device) = device.split();
    let (from_office, to_office) = office.split();
    let up = flow(from_device, to_office, weather.up);
    let down = flow(from_office, to_device, weather.down);
    if tokio::try_join!(up, down) == Err(End::Reset) {
        let _ = device.set_zero_linger().and(office.set_zero_linger());
    }
}

/// Carries one direction to its end.
///
/// # Errors
/// How the weather ended the line.
async fn flow(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, flow: Flow) -> Result<(), End> {
    let mut left = flow.cut_after.unwrap_or(u64::MAX);
    let mut piece = vec![0; flow.slice.unwrap_or(PIECE_BYTES).clamp(1, PIECE_BYTES)];
    loop {
        let read = from.read(&mut piece).await.unwrap_or(0);
        if read == 0 {
            // The other direction goes on: an answer may still be on its way.
            let _ = to.shutdown().await;
            return Ok(());
        }
        if flow.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(flow.delay_ms)).await;
        }
        let passes = usize::try_from(left).map_or(read, |left| left.min(read));
        left -= passes as u64;
        if to.write_all(&piece[..passes]).await.is_err() {
            return Ok(());
        }
        if passes < read {
            return match flow.end {
                End::Hang => std::future::pending().await,
                end => Err(end),
            };
        }
    }
}
