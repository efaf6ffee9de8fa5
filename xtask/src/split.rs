//! Takes the finished program apart: what a device needs to start, and the parts fetched after (`src/pages/part.rs`).
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
/// What wasm-split-cli puts before a part's name; what several parts share, and the start does not need, is a `chunk_`.
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

/// Puts the parts into `folder`: `tournee-HASH.js`, `tournee-HASH_bg.wasm`, and by part `PART-HASH.wasm`,
/// by what several share `chunk_N-HASH.wasm`.
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
    for file in parts(&work, &program)? {
        let part = file.strip_prefix(PART).unwrap_or(&file);
        let name = format!("{part}-{hash}.wasm");
        optimise(&work.join(format!("{file}.wasm")), &folder.join(&name))?;
        link = replaced(&link, &format!("./{file}.wasm"), &format!("./{name}"))?;
    }
    let script = folder.join(format!("{program}.js"));
    let joined = joined(&workspace::read_text(&script)?, &link)?;
    workspace::write(&script, joined.as_bytes())
}

/// The program's script with the module that fetches the parts in it: one file less to wait for.
fn joined(script: &str, link: &str) -> Result<String> {
    let asks = format!("from \"./{LINK}\"");
    let (imports, mut lines): (Vec<&str>, Vec<&str>) =
        script.lines().partition(|line| line.ends_with(&asks));
    let mut loaders = Vec::new();
    for line in link.lines() {
        match line.strip_prefix("export const ") {
            Some(rest) => loaders.extend(rest.split(" = ").next()),
            None if line.starts_with("import ") => continue,
            None => {}
        }
        lines.push(line.strip_prefix("export ").unwrap_or(line));
    }
    let names = imports.iter().filter_map(|line| {
        let name = line.strip_prefix("import * as ")?;
        name.split(' ').next()
    });
    let objects: Vec<String> = names
        .map(|name| format!("const {name} = {{ {} }};", loaders.join(", ")))
        .collect();
    if objects.is_empty() || objects.len() != imports.len() || loaders.is_empty() {
        return Err(format!(
            "wasm-bindgen no longer writes `import * as … {asks}`, or wasm-split-cli no `export const …`"
        ));
    }
    lines.extend(objects.iter().map(String::as_str));
    Ok(lines.join("\n") + "\n")
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

/// Names of the files, without their ending, that were split off `program`.
fn parts(work: &Path, program: &str) -> Result<Vec<String>> {
    Ok(workspace::files_below(work)?
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".wasm"))
        .filter(|name| *name != program)
        .map(str::to_owned)
        .collect())
}

fn optimise(from: &Path, to: &Path) -> Result<()> {
    run(command("wasm-opt", &["-O2"])
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
    fn the_module_that_fetches_parts_is_joined_to_the_script_that_asks_for_it() {
        let script = "import * as import1 from \"./__wasm_split.js\"\nconst imports = () => import1;\nexport { initSync };";
        let link = "import { initSync } from \"./tournee-1.js\";\nconst fetched = 1;\nexport const load_office = fetched;\nexport const load_field = fetched;";
        let expected = "const imports = () => import1;\nexport { initSync };\nconst fetched = 1;\nconst load_office = fetched;\nconst load_field = fetched;\nconst import1 = { load_office, load_field };\n";
        assert_eq!(joined(script, link).unwrap(), expected);
        assert!(joined("export { initSync };", link).is_err());
        assert!(joined(script, "const fetched = 1;").is_err());
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
