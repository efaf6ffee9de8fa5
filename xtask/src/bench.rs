//! `cargo xtask bench sync`: how fast sync is, beside floors of the same run.

use crate::Result;
use crate::process::{command, run};

/// Builds the office with optimisation and measures. Prints a table and writes `target/bench/sync.json`.
///
/// # Errors
/// When a figure is over its budget.
pub fn sync() -> Result<()> {
    let arguments = ["bench", "--package", "tournee-server", "--bench", "sync"];
    run(&mut command("cargo", &arguments))
}
