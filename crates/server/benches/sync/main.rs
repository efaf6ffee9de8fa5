//! `cargo xtask bench sync`: how fast the office and a device sync, each figure beside a floor of the same run.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement ends where something is not as it should be"
)]

mod crowd;
mod device;
mod ingest;
#[path = "../../tests/office/support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::path::Path;

/// Runs of each figure; the median counts.
const RUNS: usize = 5;

/// One figure.
struct Row {
    what: String,
    unit: &'static str,
    runs: Vec<u64>,
    floor: Vec<u64>,
    /// The verdict in words, and whether it is within its budget.
    verdict: String,
    good: bool,
}

fn median(runs: &[u64]) -> u64 {
    let mut sorted = runs.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn shown(runs: &[u64]) -> String {
    match (runs.iter().min(), runs.iter().max()) {
        (Some(min), Some(max)) => format!("{} ({min}–{max})", median(runs)),
        _ => "–".to_owned(),
    }
}

/// A ratio in thousandths, as people write it.
fn ratio(of: u64, to: u64) -> (u64, String) {
    let permille = of * 1000 / to.max(1);
    (
        permille,
        format!("{}.{:02}", permille / 1000, permille % 1000 / 10),
    )
}

fn main() {
    // `cargo xtask bench sync ingest` measures that part alone.
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let is_wanted = |part: &str| wanted.as_deref().is_none_or(|wanted| wanted == part);
    type Measure = fn() -> Vec<Row>;
    let parts = [
        ("ingest", ingest::measure as Measure),
        ("device", device::measure),
        ("crowd", crowd::measure),
    ];
    let wanted = parts.into_iter().filter(|(part, _)| is_wanted(part));
    let rows: Vec<Row> = wanted.flat_map(|(_, measure)| measure()).collect();
    println!("\n| what | unit | median (min–max) | floor | verdict |\n|---|---|---:|---:|---|");
    for row in &rows {
        let good = if row.good { "" } else { " **over budget**" };
        println!(
            "| {} | {} | {} | {} | {}{good} |",
            row.what,
            row.unit,
            shown(&row.runs),
            shown(&row.floor),
            row.verdict
        );
    }
    let all: Vec<Value> = rows
        .iter()
        .map(|row| json!({"what": row.what, "unit": row.unit, "runs": row.runs, "floor": row.floor, "verdict": row.verdict, "good": row.good}))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("sync.json"),
        serde_json::to_vec_pretty(&all).unwrap(),
    )
    .unwrap();
    if rows.iter().any(|row| !row.good) {
        std::process::exit(1);
    }
}
