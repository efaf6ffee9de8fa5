//! `cargo xtask serve`: the product on this machine, with the demo organisation.

use std::os::unix::process::CommandExt;
use std::process::Stdio;

use crate::process::{command, run};
use crate::setup::{Need, setup};
use crate::{Result, build};

const SERVER: &str = "target/release/tournee-server";
const ASSETS: &str = "dist";

/// Where to serve, and which data.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    listen: String,
    data: String,
}

impl Options {
    /// Reads `--listen ADDRESS` and `--data FOLDER`, both optional.
    ///
    /// # Errors
    /// When an option is unknown or has no value.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: "data/demo".to_owned(),
        };
        for pair in words.chunks(2) {
            match *pair {
                ["--listen", value] => options.listen = value.to_owned(),
                ["--data", value] => options.data = value.to_owned(),
                _ => {
                    return Err(format!(
                        "serve does not understand `{}`; {}",
                        pair.join(" "),
                        crate::USAGE
                    ));
                }
            }
        }
        Ok(options)
    }
}

/// Builds, creates the demo organisation when there is none, and serves until interrupted.
///
/// # Errors
/// When a step before serving fails, or the server cannot be started.
pub fn serve(options: &Options) -> Result<()> {
    setup(Need::Build)?;
    build::app()?;
    build::server()?;
    // It prints the accounts, also when the organisation exists.
    run(&mut command(SERVER, &["demo", "--data", &options.data]))?;
    println!(
        "\nTournée: http://{}   (Ctrl-C to stop)\n",
        options.listen.replace("127.0.0.1", "localhost")
    );
    // The server takes this process's place, so that Ctrl-C and the exit code are its own.
    let arguments = [
        "serve",
        "--data",
        &options.data,
        "--assets",
        ASSETS,
        "--listen",
        &options.listen,
    ];
    let error = command(SERVER, &arguments).stdin(Stdio::inherit()).exec();
    Err(format!("cannot start {SERVER}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_unknown_ones_are_refused() {
        let options = Options::parse(&["--listen", "127.0.0.1:9000"]).unwrap();
        assert_eq!(
            options,
            Options {
                listen: "127.0.0.1:9000".into(),
                data: "data/demo".into()
            }
        );
        assert!(Options::parse(&["--listen"]).is_err());
        assert!(Options::parse(&["--port", "1"]).is_err());
    }
}
