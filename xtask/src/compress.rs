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
const FIRST_DOWNLOAD_BUDGET_BYTES: u64 = 350_000;
/// What the gate lets pass until the budget is met; raised only with a reason (docs/decisions/0002-build.md).
const FIRST_DOWNLOAD_MAX_BYTES: u64 = 880_000;
/// Parts of the program that are fetched after the first screen begin so (`src/pages/part.rs`).
const LATER_PREFIXES: &[&str] = &["chunk_", "field-", "office-"];

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
    /// Whether the first start needs it; the others are fetched later.
    pub first: bool,
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
            first: !LATER_PREFIXES.iter().any(|later| name.starts_with(later)),
            name,
            bytes,
        });
    }
    transfers.sort_by_key(|transfer| std::cmp::Reverse(transfer.bytes));
    Ok(transfers)
}

/// Prints what a first visit downloads, how that stands to the budget, and holds it to the limit.
///
/// # Errors
/// When it is more than [`FIRST_DOWNLOAD_MAX_BYTES`].
pub fn check_budget(folder: &Path) -> Result<()> {
    let transfers = transfers(folder)?;
    for transfer in &transfers {
        let later = if transfer.first {
            ""
        } else {
            "  (when first needed)"
        };
        println!("{:>9} bytes  {}{later}", transfer.bytes, transfer.name);
    }
    let total: u64 = transfers
        .iter()
        .filter(|transfer| transfer.first)
        .map(|transfer| transfer.bytes)
        .sum();
    println!("{total:>9} bytes  first download with brotli");
    if total > FIRST_DOWNLOAD_BUDGET_BYTES {
        let over = total - FIRST_DOWNLOAD_BUDGET_BYTES;
        println!("{over:>9} bytes  OVER the budget of {FIRST_DOWNLOAD_BUDGET_BYTES} (DESIGN §5)");
    }
    if total > FIRST_DOWNLOAD_MAX_BYTES {
        return Err(format!(
            "the first download is {total} bytes with brotli, more than the {FIRST_DOWNLOAD_MAX_BYTES} it may not grow beyond; the largest file above is the place to look"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compressed_copy_counts_and_a_later_part_does_not() {
        let folder = std::env::temp_dir().join(format!("tournee-size-{}", std::process::id()));
        let write = |name: &str, bytes: usize| {
            workspace::write(&folder.join(name), &vec![0; bytes]).unwrap()
        };
        let most = usize::try_from(FIRST_DOWNLOAD_MAX_BYTES).unwrap();
        write("app.wasm", 900_000);
        write("app.wasm.br", most - 1_000);
        write("icon.png", 1_000);
        write("office-0123456789abcdef.wasm", 4_000_000);
        let within = check_budget(&folder);
        write("icon.png", 1_001);
        let over = check_budget(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(within, Ok(()));
        assert!(over.unwrap_err().contains(&format!("{} bytes", most + 1)));
    }
}
