//! The parts of `cargo xtask test`.

use std::process::Command;

use crate::process::{command, run, run_reading};
use crate::setup::{Need, setup};
use crate::simulate::simulate;
use crate::test::Length;
use crate::{Result, build, compress, workspace};

/// The app and the crates below it, which are compiled for the browser too.
const BROWSER_PACKAGES: &[&str] = &[
    "tournee",
    "tournee-documents",
    "tournee-domain",
    "tournee-store",
    "tournee-sync",
];

/// How many tests a part ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
}

/// One row of the closing table.
pub struct Part {
    pub name: &'static str,
    /// Does the work and adds the tests it ran, if it counts any.
    pub run: fn(Length, &mut Counts) -> Result<()>,
}

/// In the order in which they are run: cheap ones first.
pub const PARTS: &[Part] = &[
    Part {
        name: "set-up",
        run: |_, _| setup(Need::Test),
    },
    Part {
        name: "formatting",
        run: |_, _| run(&mut command("cargo", &["fmt", "--all", "--check"])),
    },
    Part {
        name: "lints, server side",
        run: |_, _| lint_host(),
    },
    Part {
        name: "lints, browser side",
        run: |_, _| lint_browser(),
    },
    Part {
        name: "tests of the crates",
        run: test_crates,
    },
    Part {
        name: "how benches judge",
        run: |_, counts| test_benches(counts),
    },
    Part {
        name: "sync, simulated",
        run: |length, _| simulate_sync(length),
    },
    Part {
        name: "tests of the crates, in the browser",
        run: test_crates_in_browser,
    },
    Part {
        name: "app, release build",
        run: |_, _| build::app(),
    },
    Part {
        name: "size of the first download",
        run: |_, _| compress::check_budget(&workspace::dist()),
    },
    Part {
        name: "server, release build",
        run: |_, _| build::server(),
    },
    Part {
        name: "the whole product, in the browser",
        run: test_product,
    },
];

fn lint_host() -> Result<()> {
    let arguments = [
        "clippy",
        "--workspace",
        "--exclude",
        "tournee",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ];
    run(&mut command("cargo", &arguments))
}

fn lint_browser() -> Result<()> {
    let mut cargo = command("cargo", &["clippy", "--target", "wasm32-unknown-unknown"]);
    for package in BROWSER_PACKAGES {
        cargo.args(["--package", package]);
    }
    cargo.args(["--", "--deny", "warnings"]);
    run(cargo.env("CARGO_TARGET_DIR", workspace::app_target()))
}

/// Seeds of the gate, and of the long run.
const SEEDS: &str = "500";
const SEEDS_LONG: &str = "20000";

fn simulate_sync(length: Length) -> Result<()> {
    let seeds = match length {
        Length::Gate => SEEDS,
        Length::Long => SEEDS_LONG,
    };
    simulate(&["--seeds", seeds])?;
    // The checkers bite: each planted defect is caught, or this fails.
    simulate(&["--defects"])
}

fn test_crates(length: Length, counts: &mut Counts) -> Result<()> {
    let mut cargo = command("cargo", &["test", "--workspace", "--exclude", "tournee"]);
    with_length(&mut cargo, length);
    run_reading(&mut cargo, |line| add_cargo_counts(line, counts))?;
    some_ran(*counts)
}

/// Makes a `cargo test` for wasm32 run in a real browser.
pub fn in_browser(cargo: &mut Command) -> &mut Command {
    cargo
        .env("CARGO_TARGET_DIR", workspace::app_target())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("CHROMEDRIVER", "/usr/bin/chromedriver")
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            workspace::root().join("tests/web/webdriver.json"),
        )
}

/// What only a real browser has, such as IndexedDB, keys and pictures, is tested in one.
fn test_crates_in_browser(length: Length, counts: &mut Counts) -> Result<()> {
    let mut cargo = command(
        "cargo",
        &["test", "--tests", "--target", "wasm32-unknown-unknown"],
    );
    cargo.args(["--package", "tournee-store", "--package", "tournee"]);
    in_browser(&mut cargo);
    with_length(&mut cargo, length);
    run_reading(&mut cargo, |line| add_cargo_counts(line, counts))?;
    some_ran(*counts)
}

fn test_benches(counts: &mut Counts) -> Result<()> {
    let arguments = [
        "--test",
        "--test-reporter=tap",
        "tests/bench/report.test.mjs",
    ];
    run_reading(&mut command("node", &arguments), |line| {
        add_node_counts(line, counts);
    })?;
    some_ran(*counts)
}

fn test_product(length: Length, counts: &mut Counts) -> Result<()> {
    let mut playwright = command(
        "npx",
        &[
            "--no-install",
            "playwright",
            "test",
            "--config",
            "tests/e2e",
        ],
    );
    with_length(&mut playwright, length);
    run_reading(&mut playwright, |line| add_playwright_counts(line, counts))?;
    some_ran(*counts)
}

/// A runner that finds no test ends well; that is no success.
fn some_ran(counts: Counts) -> Result<()> {
    if counts.passed > 0 {
        Ok(())
    } else {
        Err("no test ran".to_owned())
    }
}

/// Tests that can be short or long look at `TOURNEE_LONG`; proptest has its own variable.
fn with_length(command: &mut Command, length: Length) {
    if length == Length::Long {
        command
            .env("TOURNEE_LONG", "1")
            .env("PROPTEST_CASES", "10000");
    }
}

/// Adds `test result: ok. 12 passed; 0 failed; …`.
fn add_cargo_counts(line: &str, counts: &mut Counts) {
    if !line.starts_with("test result:") {
        return;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<u32>() else {
            continue;
        };
        match pair[1].trim_end_matches(';') {
            "passed" => counts.passed += number,
            "failed" => counts.failed += number,
            _ => {}
        }
    }
}

/// Adds `  12 passed (1.3m)` and `  1 failed`, Playwright's closing lines.
fn add_playwright_counts(line: &str, counts: &mut Counts) {
    let mut words = line.split_whitespace();
    let (Some(number), Some(word)) = (
        words.next().and_then(|number| number.parse::<u32>().ok()),
        words.next(),
    ) else {
        return;
    };
    match (word, words.next()) {
        ("passed", None) => counts.passed += number,
        ("passed", Some(time)) if time.starts_with('(') => counts.passed += number,
        ("failed", None) => counts.failed += number,
        _ => {}
    }
}

/// Adds `# pass 12` and `# fail 1`, the closing lines of `node --test`.
fn add_node_counts(line: &str, counts: &mut Counts) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["#", word, number] = words[..] else {
        return;
    };
    let number = number.parse().unwrap_or(0);
    match word {
        "pass" => counts.passed += number,
        "fail" => counts.failed += number,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(add: fn(&str, &mut Counts), lines: &[&str], passed: u32, failed: u32) {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| add(line, &mut counts));
        assert_eq!(counts, Counts { passed, failed }, "{lines:?}");
    }

    #[test]
    fn counts_come_from_the_runners_own_closing_lines() {
        let unit = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let doc = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        check(add_cargo_counts, &["test a ... ok", unit, doc], 15, 2);
        check(
            add_playwright_counts,
            &[
                "  ✓  1 [phone] › day.spec.ts",
                "  1 failed",
                "  7 passed (1.3m)",
            ],
            7,
            1,
        );
        let node = [
            "# Subtest: 3 of 4",
            "ok 1 - pass 9",
            "# pass 3",
            "# fail 1",
            "# duration_ms 90",
        ];
        check(add_node_counts, &node, 3, 1);
        check(
            add_playwright_counts,
            &["7 passed by the door", "3 failed attempts"],
            0,
            0,
        );
    }
}
