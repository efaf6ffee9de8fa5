//! `tournee-simulator`: runs seeds and says what went wrong. `cargo xtask simulate` calls it.

use clap::{Parser, ValueEnum};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tournee_simulator::{Defect, Report, SQLITE_EVERY, run};

/// One seed in so many is run twice: both must tell the same story.
const TWICE_EVERY: u64 = 50;

/// A planted defect must be caught within so many seeds.
const DEFECT_SEEDS_MAX: u64 = 500;

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
    /// Plants every defect, one after the other: each must be caught within a bound of seeds.
    #[arg(long)]
    defects: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.defects {
        return all_defects();
    }
    if let Some(seed) = arguments.seed {
        let report = run(seed, arguments.defect, true);
        return tell(&[report], arguments.defect);
    }
    let reports = run_all(arguments.from, arguments.seeds, arguments.defect);
    tell(&reports, arguments.defect)
}

/// Says of each defect after how many seeds it was caught, and by which checker.
fn all_defects() -> ExitCode {
    let mut exit = ExitCode::SUCCESS;
    for defect in Defect::value_variants() {
        let name = defect.to_possible_value();
        let name = name.as_ref().map_or("", |name| name.get_name());
        let reports = run_all(1, DEFECT_SEEDS_MAX, Some(*defect));
        let caught = reports
            .iter()
            .find_map(|report| Some((report.seed, &report.violation.as_ref()?.0)));
        match caught {
            Some((seed, violation)) => println!("{seed:>5} seeds  {name}: {}", violation.what),
            None => {
                println!("not caught in {DEFECT_SEEDS_MAX} seeds  {name}");
                exit = ExitCode::FAILURE;
            }
        }
    }
    exit
}

/// Every core takes the next seed until one fails or none is left.
fn run_all(from: u64, seeds: u64, defect: Option<Defect>) -> Vec<Report> {
    let next = AtomicU64::new(from);
    let end = from + seeds;
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
                    let report = run(seed, defect, false);
                    if seed.is_multiple_of(TWICE_EVERY) && defect.is_none() {
                        let again = run(seed, defect, false);
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
    let on_sqlite = reports
        .iter()
        .filter(|report| defect.is_none() && report.seed.is_multiple_of(SQLITE_EVERY));
    println!("{} seeds ran on SQLite", on_sqlite.count());
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
