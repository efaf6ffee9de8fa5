//! Joins `style/*.css` into the one sheet that `index.html` links.

use std::path::Path;

use crate::{Result, workspace};

/// These come first, in this order: the others use their tokens and override their rules.
const FIRST: &[&str] = &["tokens.css", "base.css", "shell.css"];

/// Writes `target/generated/tournee.css`, which trunk then minifies and names by content.
///
/// # Errors
/// When a sheet cannot be read or the result cannot be written.
pub fn bundle() -> Result<()> {
    let root = workspace::root();
    let css = joined(&root.join("style"))?;
    let output = root.join("target/generated/tournee.css");
    // Unchanged bytes are not written again, so that file times stay a sign of change.
    if std::fs::read(&output).is_ok_and(|present| present == css.as_bytes()) {
        return Ok(());
    }
    workspace::write(&output, css.as_bytes())
}

fn joined(folder: &Path) -> Result<String> {
    let mut sheets = workspace::files_below(folder)?;
    sheets.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    sheets.sort_by_key(|path| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let rank = FIRST
            .iter()
            .position(|first| *first == name)
            .unwrap_or(FIRST.len());
        (rank, path.clone())
    });
    let mut css = String::new();
    for sheet in sheets {
        css.push_str(&workspace::read_text(&sheet)?);
        css.push('\n');
    }
    Ok(css)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_first_and_components_by_name() {
        let folder = std::env::temp_dir().join(format!("tournee-styles-{}", std::process::id()));
        for (name, text) in [
            ("button.css", "d{}"),
            ("base.css", "b{}"),
            ("tokens.css", "a{}"),
            ("amount.css", "c{}"),
            ("note.md", "no"),
        ] {
            workspace::write(&folder.join(name), text.as_bytes()).unwrap();
        }
        let css = joined(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(css, "a{}\nb{}\nc{}\nd{}\n");
    }
}
