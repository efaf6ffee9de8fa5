//! `cargo xtask bench`: how fast it is, each figure beside a floor of the same run.

use crate::parts::in_browser;
use crate::process::{command, run};
use crate::{Result, build, setup, sizes};

/// Everything below and the sizes, one after the other; a figure over its budget does not keep the next from being measured.
///
/// # Errors
/// What is over its budget or could not be measured.
pub fn all() -> Result<()> {
    let results = [sizes::bench(), sync(&[]), domain(), browser(&[])];
    let errors: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors.join("; ")),
    }
}

/// Builds the office with optimisation and measures it, and a device's machine natively. Prints a table and writes
/// `target/bench/sync.json`. `part` is empty for all, or `ingest`, `device` or `crowd`.
///
/// # Errors
/// When a figure is over its budget.
pub fn sync(part: &[&str]) -> Result<()> {
    let mut arguments = vec!["bench", "--package", "tournee-server", "--bench", "sync"];
    arguments.push("--");
    arguments.extend(part);
    run(&mut command("cargo", &arguments))
}

/// Builds the release app and office and measures them in Chromium, each beside a bare page that does the same work.
/// Prints a table and writes `target/bench/browser.json`. `names` is empty for all benches of `tests/bench`.
///
/// # Errors
/// When a figure is over its budget.
pub fn browser(names: &[&str]) -> Result<()> {
    setup::setup(setup::Need::Test)?;
    build::app()?;
    build::server()?;
    run(&mut command(
        "node",
        &[&["tests/bench/run.mjs"], names].concat(),
    ))
}

/// Measures reports over 100 000 invoices: of this machine's own code, which prints a table and writes
/// `target/bench/domain.json`, then the aged balance in the browser.
///
/// # Errors
/// When a figure is over its budget.
pub fn domain() -> Result<()> {
    const PACKAGE: &str = "tournee-domain-bench";
    run(&mut command(
        "cargo",
        &["run", "--release", "--package", PACKAGE],
    ))?;
    let mut browser = command(
        "cargo",
        &["test", "--package", PACKAGE, "--test", "browser"],
    );
    browser.args([
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "wasm-release",
    ]);
    browser.args(["--", "--nocapture"]);
    run(in_browser(&mut browser))
}
