#![doc = include_str!("README.md")]
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod disk;
mod disk_full;
mod durability;
mod fuzz;
mod fuzz_files;
mod kills;
mod line;
mod load;
mod mutation;
mod slow_commits;
#[path = "../office/support/mod.rs"]
mod support;
mod trace;

/// Whether to test at length (`cargo xtask test --long`).
fn at_length() -> bool {
    std::env::var_os("TOURNEE_LONG").is_some()
}

/// The seed of a test's chance, printed with its failure; `TOURNEE_SEED` tells the same story again.
fn seed(default: u64) -> u64 {
    let told = std::env::var("TOURNEE_SEED").ok();
    let seed = told.map_or(default, |told| {
        told.parse().expect("TOURNEE_SEED is a number")
    });
    println!("TOURNEE_SEED={seed}");
    seed
}
