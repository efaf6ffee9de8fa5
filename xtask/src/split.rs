//! Takes the finished program apart: what a device needs to start, and the office's part, fetched when first needed.
//!
//! Trunk makes one program of everything. Its hook calls this with the folder it is about to publish: the program is split
//! as cargo left it, bound to JavaScript and optimised, and takes the place of trunk's under the same names.

use std::path::Path;

use crate::process::{command, run};
use crate::{Result, precache, workspace};

/// What trunk's file names begin with; the program's hash follows.
const PROGRAM: &str = "tournee-";
/// The module with which wasm-split-cli joins the parts.
const LINK: &str = "__wasm_split.js";
/// What wasm-split-cli puts before a part's name.
const PART: &str = "split_";
/// What the compiler may have used; every browser that can run the app knows these.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
];

/// Trunk's hook: takes the program in the folder trunk is about to publish apart.
///
/// # Errors
/// When not called by trunk, or as [`split`].
pub fn from_trunk() -> Result<()> {
    split(&precache::staging_folder()?)
}

/// Puts the parts into `folder`: `tournee-HASH.js`, `tournee-HASH_bg.wasm`, `link-HASH.js` and a `PART-HASH.wasm` each.
///
/// # Errors
/// When trunk's program is not there, a tool fails or a file cannot be written.
fn split(folder: &Path) -> Result<()> {
    let hash = program_hash(folder)?;
    let program = format!("{PROGRAM}{hash}");
    let work = workspace::app_target().join("split");
    if work.exists() {
        std::fs::remove_dir_all(&work)
            .map_err(|error| format!("cannot empty {}: {error}", work.display()))?;
    }
    let compiled = workspace::app_target().join("wasm32-unknown-unknown/wasm-release/tournee.wasm");
    run(command("wasm-split-cli", &["--out-name", &program])
        .arg(&compiled)
        .arg(&work))?;
    run(command(
        "wasm-bindgen",
        &["--target", "web", "--keep-lld-exports", "--no-typescript"],
    )
    .arg("--out-dir")
    .arg(folder)
    .arg(work.join(format!("{program}.wasm"))))?;
    let bound = folder.join(format!("{program}_bg.wasm"));
    optimise(&bound, &bound)?;
    let mut link = workspace::read_text(&work.join(LINK))?;
    for part in parts(&work)? {
        let name = format!("{part}-{hash}.wasm");
        optimise(
            &work.join(format!("{PART}{part}.wasm")),
            &folder.join(&name),
        )?;
        link = replaced(&link, &format!("{PART}{part}.wasm"), &name)?;
    }
    let script = folder.join(format!("{program}.js"));
    let linked = replaced(
        &workspace::read_text(&script)?,
        &format!("from \"./{LINK}\""),
        &format!("from \"./link-{hash}.js\""),
    )?;
    workspace::write(&script, linked.as_bytes())?;
    workspace::write(&folder.join(format!("link-{hash}.js")), link.as_bytes())?;
    // Asked for with the program, not after it has been read.
    let page = folder.join("index.html");
    let preload = format!("<link href=/{program}.js rel=modulepreload>");
    let both = format!("{preload}<link href=/link-{hash}.js rel=modulepreload>");
    let preloading = replaced(&workspace::read_text(&page)?, &preload, &both)?;
    workspace::write(&page, preloading.as_bytes())
}

/// The hash in the names of trunk's program.
fn program_hash(folder: &Path) -> Result<String> {
    workspace::files_below(folder)?
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .find_map(|name| name.strip_prefix(PROGRAM)?.strip_suffix("_bg.wasm"))
        .map(str::to_owned)
        .ok_or_else(|| {
            format!(
                "{} holds no {PROGRAM}…_bg.wasm: it is not a built app",
                folder.display()
            )
        })
}

/// Names of the parts that were split off.
fn parts(work: &Path) -> Result<Vec<String>> {
    Ok(workspace::files_below(work)?
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .filter_map(|name| name.strip_prefix(PART)?.strip_suffix(".wasm"))
        .map(str::to_owned)
        .collect())
}

fn optimise(from: &Path, to: &Path) -> Result<()> {
    run(command("wasm-opt", &["-Os"])
        .args(WASM_FEATURES)
        .arg(from)
        .arg("-o")
        .arg(to))
}

/// `text` with `what` replaced; a tool that no longer writes it is an error, not a program that cannot start.
fn replaced(text: &str, what: &str, by: &str) -> Result<String> {
    if text.contains(what) {
        Ok(text.replace(what, by))
    } else {
        Err(format!(
            "wasm-split-cli or wasm-bindgen no longer writes `{what}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_program_and_a_folder_without_one_is_refused() {
        let folder = std::env::temp_dir().join(format!("tournee-split-{}", std::process::id()));
        workspace::write(&folder.join("tournee-0123456789abcdef.css"), b"").unwrap();
        let without = program_hash(&folder);
        workspace::write(&folder.join("tournee-fedcba9876543210_bg.wasm"), b"").unwrap();
        let with = program_hash(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(without.unwrap_err().contains("not a built app"));
        assert_eq!(with.unwrap(), "fedcba9876543210");
    }

    #[test]
    fn a_tool_that_writes_something_else_is_named() {
        assert_eq!(
            replaced("from \"./a.js\"", "./a.js", "./b.js").unwrap(),
            "from \"./b.js\""
        );
        assert!(
            replaced("import './a.js'", "from \"./a.js\"", "")
                .unwrap_err()
                .contains("no longer writes")
        );
    }
}
