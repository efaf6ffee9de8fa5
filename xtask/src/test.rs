//! `cargo xtask test`: everything the gate runs, in order, timed, ending at the first failure.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::parts::{Counts, PARTS};
use crate::{Result, workspace};

/// Where `--long` writes how long each part took.
const FIGURES: &str = "docs/figures/test-run.md";

/// How thorough a run is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// What every change must pass.
    Gate,
    /// Everything at length, with its figures written down.
    Long,
}

struct Done {
    name: &'static str,
    took: Duration,
    counts: Counts,
}

/// Runs all parts and prints a table and the counts.
///
/// # Errors
/// Names the part that failed.
pub fn test(length: Length) -> Result<()> {
    let mut done: Vec<Done> = Vec::new();
    for part in PARTS {
        println!("\n── {} ──", part.name);
        let began = now();
        let mut counts = Counts::default();
        let result = (part.run)(length, &mut counts);
        let failed = result.is_err();
        if failed && counts.failed == 0 {
            counts.failed = 1;
        } else if !failed && counts == Counts::default() {
            counts.passed = 1; // a check that counts nothing itself, such as formatting, is one test
        }
        done.push(Done {
            name: part.name,
            took: began.elapsed(),
            counts,
        });
        if let Err(cause) = result {
            print!("{}", table(&done));
            return Err(format!("{} failed: {cause}", part.name));
        }
    }
    print!("{}", table(&done));
    if length == Length::Long {
        let text = format!(
            "# The last long test run\n\nWritten by `cargo xtask test --long`.\n\n{}",
            markdown(&done)
        );
        workspace::write(&workspace::root().join(FIGURES), text.as_bytes())?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build tool may look at the clock to say how long it took"
)]
fn now() -> Instant {
    Instant::now()
}

/// The parts with their times; the last line is in the form that gates read.
fn table(done: &[Done]) -> String {
    let mut text = String::from("\n");
    for part in done {
        let mark = if part.counts.failed == 0 {
            "ok    "
        } else {
            "FAILED"
        };
        let _ = writeln!(
            text,
            "{mark} {:<38} {:>8.1} s  {:>5}",
            part.name,
            part.took.as_secs_f64(),
            part.counts.passed
        );
    }
    let took: Duration = done.iter().map(|part| part.took).sum();
    let passed: u32 = done.iter().map(|part| part.counts.passed).sum();
    let failed: u32 = done.iter().map(|part| part.counts.failed).sum();
    let _ = writeln!(text, "       {:<38} {:>8.1} s", "all", took.as_secs_f64());
    let _ = writeln!(text, "\n{passed} passed, {failed} failed");
    text
}

fn markdown(done: &[Done]) -> String {
    let mut text = String::from("| part | seconds | tests passed |\n|---|---:|---:|\n");
    for part in done {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {} |",
            part.name,
            part.took.as_secs_f64(),
            part.counts.passed
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_all_parts() {
        let part = |passed, failed| Done {
            name: "part",
            took: Duration::ZERO,
            counts: Counts { passed, failed },
        };
        let text = table(&[part(3, 0), part(2, 1)]);
        assert_eq!(text.lines().last(), Some("5 passed, 1 failed"));
        assert!(text.contains("FAILED part"));
    }
}
