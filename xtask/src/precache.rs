//! The list of the finished app's files, by content, written into its service worker.
//!
//! Trunk calls it last, in `TRUNK_STAGING_DIR`, because the names trunk gives are made before
//! wasm-bindgen and wasm-opt: only the final bytes tell whether two files are the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Result, compress, workspace};

const SERVICE_WORKER: &str = "sw.js";
const BEGIN: &str = "// precache:begin\n";
const END: &str = "// precache:end\n";
/// Enough of a SHA-256 to tell builds apart.
const BUILD_ID_HEX_DIGITS: usize = 16;
/// The icons and the pieces of the program; more would be a folder copied by mistake.
const FILES_MAX: usize = 200;

/// A file's path as the browser asks for it, and the SHA-256 of its content in hex.
type Files = BTreeMap<String, String>;

/// Completes the folder that trunk's hook, or a test that makes another build, names.
///
/// # Errors
/// When none is named, or as [`complete`].
pub fn from_trunk() -> Result<()> {
    complete(&staging_folder()?)
}

/// The folder trunk is about to publish.
///
/// # Errors
/// When not called by trunk.
pub fn staging_folder() -> Result<PathBuf> {
    std::env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| {
            "TRUNK_STAGING_DIR is not set; trunk sets it for its hooks: run `cargo xtask build`"
                .to_owned()
        })
}

/// Writes the list into `sw.js` and puts a `.br` copy beside every file worth compressing.
/// May be repeated on the same folder.
///
/// # Errors
/// When the folder is not a built app, or something in it cannot be read or written.
pub fn complete(folder: &Path) -> Result<()> {
    let files = list(folder)?;
    let worker = folder.join(SERVICE_WORKER);
    let text = filled(&workspace::read_text(&worker)?, &files)?;
    workspace::write(&worker, text.as_bytes())?;
    compress::write_copies(folder)
}

/// Every file of the app but the service worker itself and the compressed copies.
pub fn list(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for path in workspace::files_below(folder)? {
        let name = path
            .strip_prefix(folder)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        if name != SERVICE_WORKER && !name.ends_with(compress::SUFFIX) {
            files.insert(
                format!("/{name}"),
                hex(&Sha256::digest(workspace::read(&path)?)),
            );
        }
    }
    if files.len() > FILES_MAX {
        return Err(format!(
            "{} files in {}, more than {FILES_MAX}",
            files.len(),
            folder.display()
        ));
    }
    if !files.contains_key("/index.html") {
        return Err(format!(
            "{} holds no index.html: it is not a built app",
            folder.display()
        ));
    }
    Ok(files)
}

/// `sw.js` with the list and the build's id, the hash over the list, between its marks.
fn filled(worker: &str, files: &Files) -> Result<String> {
    let parts = worker
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| {
        format!(
            "{SERVICE_WORKER} has lost its marks {} and {}",
            BEGIN.trim(),
            END.trim()
        )
    })?;
    let list = serde_json::to_string_pretty(files).map_err(|error| error.to_string())?;
    let build = &hex(&Sha256::digest(list.as_bytes()))[..BUILD_ID_HEX_DIGITS];
    Ok(format!(
        "{before}{BEGIN}const BUILD = '{build}';\nconst FILES = {list};\n{END}{after}"
    ))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf abc | sha256sum`.
    const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn app(name: &str) -> std::path::PathBuf {
        let folder =
            std::env::temp_dir().join(format!("tournee-precache-{name}-{}", std::process::id()));
        for (file, text) in [
            ("index.html", "abc"),
            ("icons/a.png", "abc"),
            ("sw.js", "x"),
            ("index.html.br", "y"),
        ] {
            workspace::write(&folder.join(file), text.as_bytes()).unwrap();
        }
        folder
    }

    #[test]
    fn lists_final_files_by_content_without_itself_and_copies() {
        let folder = app("list");
        let files = list(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let expected = [
            ("/icons/a.png", SHA256_OF_ABC),
            ("/index.html", SHA256_OF_ABC),
        ];
        assert_eq!(
            files,
            expected
                .map(|(path, hash)| (path.to_owned(), hash.to_owned()))
                .into()
        );
    }

    #[test]
    fn a_folder_without_a_page_is_refused() {
        let folder = app("refused");
        std::fs::remove_file(folder.join("index.html")).unwrap();
        let result = list(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(result.unwrap_err().contains("no index.html"));
    }

    #[test]
    fn the_build_id_follows_content_and_filling_twice_is_filling_once() {
        let empty = "before\n// precache:begin\nold\n// precache:end\nafter\n";
        let one = Files::from([("/a".to_owned(), SHA256_OF_ABC.to_owned())]);
        let other = Files::from([("/a".to_owned(), SHA256_OF_ABC.replace('b', "c"))]);
        let filled_once = filled(empty, &one).unwrap();
        assert!(filled_once.starts_with("before\n// precache:begin\nconst BUILD = '"));
        assert!(filled_once.ends_with("// precache:end\nafter\n"));
        assert!(!filled_once.contains("old"));
        assert_eq!(filled(&filled_once, &one).unwrap(), filled_once);
        let build = |text: &str| {
            text.lines()
                .find(|line| line.contains("BUILD"))
                .map(str::to_owned)
        };
        assert_ne!(build(&filled_once), build(&filled(empty, &other).unwrap()));
    }

    #[test]
    fn the_real_service_worker_has_its_marks() {
        let worker = workspace::read_text(&workspace::root().join("public/sw.js")).unwrap();
        assert!(filled(&worker, &Files::new()).is_ok());
        assert!(filled("const BUILD = '';", &Files::new()).is_err());
    }
}
