//! Builds the app and the server, the app only when something it is made from has changed.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::process::{command, run};
use crate::{Result, precache, workspace};

/// What the app is made from, besides the tools.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "build.rs",
    "crates/documents",
    "crates/domain",
    "crates/store",
    "crates/sync",
    "index.html",
    "package-lock.json",
    "public",
    "src",
    "style",
    "xtask/src",
];

/// Components of the app are compiled to one type each instead of one type per place and content: a sixth smaller
/// with brotli, for a few more allocations (docs/decisions/0002-build.md). The relocations are what the program is taken
/// apart by ([`crate::split`]).
const APP_RUSTFLAGS: &str = "--cfg erase_components -C link-arg=--emit-relocs";

/// The release app in `dist/`.
///
/// # Errors
/// When trunk fails; its own output says why.
pub fn app() -> Result<()> {
    let stamp = workspace::app_target().join("built-from.txt");
    let inputs = digest(&existing(INPUTS))?;
    if built(&inputs)
        .is_some_and(|state| std::fs::read_to_string(&stamp).is_ok_and(|old| old == state))
    {
        println!("xtask: dist/ is up to date");
        return Ok(());
    }
    let mut trunk = command("trunk", &["build"]);
    // `NO_COLOR=1`, which some machines set, is not a value trunk's own option of that name accepts.
    trunk
        .env("CARGO_TARGET_DIR", workspace::app_target())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            APP_RUSTFLAGS,
        )
        .env_remove("NO_COLOR")
        .env_remove("RUST_BACKTRACE");
    run(&mut trunk)?;
    match built(&inputs) {
        Some(state) => workspace::write(&stamp, state.as_bytes()),
        None => Err("trunk ended well but left no dist/sw.js".to_owned()),
    }
}

/// The release server, `target/release/tournee-server`; cargo knows whether anything changed.
///
/// # Errors
/// When it does not compile.
pub fn server() -> Result<()> {
    run(&mut command(
        "cargo",
        &["build", "--release", "--package", "tournee-server"],
    ))
}

/// Inputs and output in one word: the service worker holds the hash of every built file.
fn built(inputs: &str) -> Option<String> {
    let worker = std::fs::read(workspace::dist().join("sw.js")).ok()?;
    Some(format!(
        "{inputs}\n{}\n",
        precache::hex(&Sha256::digest(worker))
    ))
}

fn existing(inputs: &[&str]) -> Vec<PathBuf> {
    inputs
        .iter()
        .map(|input| workspace::root().join(input))
        .filter(|path| path.exists())
        .collect()
}

fn digest(inputs: &[PathBuf]) -> Result<String> {
    let mut hash = Sha256::new();
    for input in inputs {
        let files = if input.is_dir() {
            workspace::files_below(input)?
        } else {
            vec![input.clone()]
        };
        for file in files {
            add(&mut hash, &file)?;
        }
    }
    Ok(precache::hex(&hash.finalize()))
}

/// Name and length go in too, so that content moved between files counts as a change.
fn add(hash: &mut Sha256, file: &Path) -> Result<()> {
    let bytes = workspace::read(file)?;
    hash.update(format!("{}\n{}\n", file.display(), bytes.len()));
    hash.update(bytes);
    Ok(())
}
