//! See the README.

use clap::Parser;
use std::io::{BufRead, Write};
use std::net::SocketAddr;
use tournee_proxy::{Proxy, Weather};

/// A line between a device and the office that can be made bad.
#[derive(Parser)]
struct Options {
    /// Where the office listens.
    #[arg(long)]
    to: SocketAddr,
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let proxy = Proxy::start_on(options.listen, options.to)?;
    let mut out = std::io::stdout();
    writeln!(out, "{{\"listening\":\"http://{}\"}}", proxy.address())?;
    for line in std::io::stdin().lock().lines() {
        proxy.set(serde_json::from_str::<Weather>(&line?)?);
        writeln!(out, "{{\"connections\":{}}}", proxy.connections())?;
    }
    Ok(())
}
