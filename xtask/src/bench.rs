//! `cargo xtask bench sync`: how fast sync is, beside floors of the same run.

use crate::Result;
use crate::process::{command, run};

/// Builds the office with optimisation and measures. Prints a table and writes `target/bench/sync.json`. `part`
/// is empty for all, or `ingest`, `device` or `crowd`.
///
/// # Errors
/// When a figure is over its budget.
pub fn sync(part: &[&str]) -> Result<()> {
    let mut arguments = vec!["bench", "--package", "tournee-server", "--bench", "sync"];
    arguments.push("--");
    arguments.extend(part);
    run(&mut command("cargo", &arguments))
}
