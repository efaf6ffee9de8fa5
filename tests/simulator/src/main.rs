//! `tournee-simulator`: runs seeds and says what went wrong. `cargo xtask simulate` calls it.

use clap::Parser;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tournee_simulator::{Defect, Report, run};

/// One seed in so many is run twice: both must tell the same story.
const TWICE_EVERY: u64 = 50;

/// Simulates devices and an office, with everything that may go wrong between them.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to run, from the first on.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Runs this one seed and tells its story.
    #[arg(long)]
    seed: Option<u64>,
    /// Plants a defect: the run is good when a checker catches it.
    #[arg(long)]
    defect: Option<Defect>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let report = run(seed, arguments.defect, true);
        return tell(&[report], arguments.defect);
    }
    let reports = run_all(&arguments);
    tell(&reports, arguments.defect)
}

/// Every core takes the next seed until one fails or none is left.
fn run_all(arguments: &Arguments) -> Vec<Report> {
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let failed = AtomicU64::new(u64::MAX);
    let reports = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || failed.load(Ordering::Relaxed) < seed {
                        return;
                    }
                    let report = run(seed, arguments.defect, false);
                    if seed.is_multiple_of(TWICE_EVERY) {
                        let again = run(seed, arguments.defect, false);
                        assert_eq!(
                            report.log_hash, again.log_hash,
                            "seed {seed} tells two stories"
                        );
                    }
                    if report.violation.is_some() {
                        failed.fetch_min(seed, Ordering::Relaxed);
                    }
                    reports.lock().expect("no thread panics").push(report);
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no thread panics");
    reports.sort_by_key(|report| report.seed);
    reports
}

fn tell(reports: &[Report], defect: Option<Defect>) -> ExitCode {
    let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
    for report in reports {
        for (kind, count) in &report.faults {
            *faults.entry(kind).or_default() += count;
        }
    }
    let sum = |of: fn(&Report) -> u64| reports.iter().map(of).sum::<u64>();
    println!(
        "{} seeds, {} steps, {} facts at the office, {} confirmations",
        reports.len(),
        sum(|report| report.steps),
        sum(|report| report.facts),
        sum(|report| report.confirmed),
    );
    for (kind, count) in &faults {
        println!("{count:>10}  {kind}");
    }
    let broken = reports
        .iter()
        .filter_map(|report| Some((report.seed, report.violation.as_ref()?)))
        .min_by_key(|(seed, _)| *seed);
    let Some((seed, (violation, lines))) = broken else {
        if defect.is_some() {
            println!("the planted defect was not caught");
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    };
    println!("\nseed {seed}: {}: {}", violation.what, violation.detail);
    if defect.is_some() {
        println!(
            "the planted defect was caught after {} seeds",
            reports.len()
        );
        return ExitCode::SUCCESS;
    }
    for line in lines {
        println!("  {line}");
    }
    println!("again: cargo xtask simulate --seed {seed}");
    ExitCode::FAILURE
}
