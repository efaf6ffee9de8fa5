//! Brotli copies of the app's files, made once at build time, and the size they add up to.
//!
//! Node's own zlib does it: in an unoptimised build tool the same in Rust takes a minute.

use std::path::Path;

use crate::process::{command, run};
use crate::{Result, workspace};

/// What follows the name of a file in its compressed copy, as tower-http's `precompressed_br` expects.
pub const SUFFIX: &str = ".br";
/// These shrink; pictures and fonts are compressed already.
const COMPRESSED: &[&str] = &["html", "js", "css", "wasm", "svg", "json", "webmanifest"];
/// DESIGN §5: first download, everything a collector needs offline.
const DOWNLOAD_BUDGET_BYTES: u64 = 350_000;
/// What the gate lets pass until the budget is met: what the first screen waits for, and all a collector needs offline.
/// Raised only with a reason (docs/decisions/0002-build.md).
const START_MAX_BYTES: u64 = 380_000;
const OFFLINE_MAX_BYTES: u64 = 865_000;
/// How the names of the program's parts begin (`src/pages/part.rs`).
const PARTS: &[(&str, Need)] = &[
    ("chunk_", Need::Later),
    ("field-", Need::Later),
    ("office-", Need::Office),
];

/// When a file is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Before the first screen.
    Start,
    /// Fetched after it, for everybody.
    Later,
    /// Fetched after it, for the office.
    Office,
}

/// Writes a `.br` copy beside every file worth it.
///
/// # Errors
/// When node is missing or a file cannot be written.
pub fn write_copies(folder: &Path) -> Result<()> {
    let files: Vec<String> = workspace::files_below(folder)?
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|suffix| COMPRESSED.iter().any(|known| suffix == *known))
        })
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let script = include_str!("compress.js");
    run(command("node", &["-e", script, "--"]).args(files))
}

/// One file as it travels.
pub struct Transfer {
    /// Path below the app's folder.
    pub name: String,
    /// Bytes after compression, where there is a compressed copy.
    pub bytes: u64,
    pub need: Need,
}

/// What a first visit downloads, largest first.
///
/// # Errors
/// When the app is not built or cannot be read.
pub fn transfers(folder: &Path) -> Result<Vec<Transfer>> {
    let mut transfers = Vec::new();
    for path in workspace::files_below(folder)? {
        let name = path
            .strip_prefix(folder)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned();
        if name.ends_with(SUFFIX) {
            continue;
        }
        let copy = folder.join(format!("{name}{SUFFIX}"));
        let travelling = if copy.exists() { copy } else { path };
        let bytes = std::fs::metadata(&travelling)
            .map_err(|error| format!("cannot read {}: {error}", travelling.display()))?
            .len();
        transfers.push(Transfer {
            need: need_of(&name),
            name,
            bytes,
        });
    }
    transfers.sort_by_key(|transfer| std::cmp::Reverse(transfer.bytes));
    Ok(transfers)
}

fn need_of(name: &str) -> Need {
    let part = PARTS.iter().find(|(start, _)| name.starts_with(start));
    part.map_or(Need::Start, |(_, need)| *need)
}

/// Prints what a first visit downloads, how that stands to the budget, and holds it to the limits.
///
/// # Errors
/// When it is more than [`START_MAX_BYTES`], or with what follows more than [`OFFLINE_MAX_BYTES`].
pub fn check_budget(folder: &Path) -> Result<()> {
    let transfers = transfers(folder)?;
    for transfer in &transfers {
        let when = match transfer.need {
            Need::Start => "",
            Need::Later => "  (after the first screen)",
            Need::Office => "  (after the first screen, for the office)",
        };
        println!("{:>9} bytes  {}{when}", transfer.bytes, transfer.name);
    }
    for (what, need, limit) in [
        ("the first screen waits for", Need::Start, START_MAX_BYTES),
        ("a collector needs offline", Need::Later, OFFLINE_MAX_BYTES),
    ] {
        let total = needed(&transfers, need);
        println!("{total:>9} bytes  with brotli: what {what}");
        if total > DOWNLOAD_BUDGET_BYTES {
            let over = total - DOWNLOAD_BUDGET_BYTES;
            println!("{over:>9} bytes  OVER the budget of {DOWNLOAD_BUDGET_BYTES} (DESIGN §5)");
        }
        if total > limit {
            return Err(format!(
                "what {what} is {total} bytes with brotli, more than the {limit} it may not grow beyond; the largest file above is the place to look"
            ));
        }
    }
    Ok(())
}

/// Whether everything a collector needs offline is within the budget.
///
/// # Errors
/// When it is not, or the app is not built.
pub fn keep_budget(folder: &Path) -> Result<()> {
    let total = needed(&transfers(folder)?, Need::Later);
    match total <= DOWNLOAD_BUDGET_BYTES {
        true => Ok(()),
        false => Err(format!(
            "what a collector needs offline is {total} bytes with brotli, over the budget of {DOWNLOAD_BUDGET_BYTES} (DESIGN §5)"
        )),
    }
}

fn needed(transfers: &[Transfer], need: Need) -> u64 {
    let needed = transfers.iter().filter(|transfer| transfer.need <= need);
    needed.map(|transfer| transfer.bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_copies_count_where_they_are_needed() {
        let folder = std::env::temp_dir().join(format!("tournee-size-{}", std::process::id()));
        let write = |name: &str, bytes: u64| {
            let bytes = vec![0; usize::try_from(bytes).unwrap()];
            workspace::write(&folder.join(name), &bytes).unwrap();
        };
        write("app.wasm", OFFLINE_MAX_BYTES);
        write("app.wasm.br", START_MAX_BYTES - 1_000);
        write("icon.png", 1_000);
        write(
            "field-0123456789abcdef.wasm",
            OFFLINE_MAX_BYTES - START_MAX_BYTES,
        );
        write("office-0123456789abcdef.wasm", OFFLINE_MAX_BYTES);
        let within = check_budget(&folder);
        write("chunk_3-0123456789abcdef.wasm", 1);
        let offline = check_budget(&folder);
        write("icon.png", 1_001);
        let start = check_budget(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(within, Ok(()));
        let names = |error: Result<()>, what: &str, bytes: u64| {
            let error = error.unwrap_err();
            assert!(
                error.contains(what) && error.contains(&(bytes + 1).to_string()),
                "{error}"
            );
        };
        names(offline, "offline", OFFLINE_MAX_BYTES);
        names(start, "first screen", START_MAX_BYTES);
    }
}
