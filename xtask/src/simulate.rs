//! `cargo xtask simulate`: devices and an office against everything that may go wrong, seed by seed.

use crate::Result;
use crate::process::{command, run};

/// Builds the simulator with optimisation, and runs it with these options.
///
/// # Errors
/// When a checker finds something, or a planted defect is not found.
pub fn simulate(options: &[&str]) -> Result<()> {
    let build = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "tournee-simulator",
        "--",
    ];
    run(&mut command("cargo", &[&build, options].concat()))
}
