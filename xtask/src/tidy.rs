//! Holds the invariants of docs/ARCHITECTURE.md that the compiler does not see.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::workspace;

/// Which of our packages each of our packages may use: dependencies point downwards only (DESIGN §1).
const MAY_USE: &[(&str, &[&str])] = &[
    ("crates/domain", &[]),
    ("crates/sync", &["tournee-domain"]),
    ("crates/store", &["tournee-domain", "tournee-sync"]),
    ("crates/documents", &["tournee-domain"]),
    (
        "crates/server",
        &["tournee-documents", "tournee-domain", "tournee-sync"],
    ),
];

/// Clocks, chance, files, networks and browsers, by the packages that bring them.
const NOT_PURE: &[&str] = &[
    "async-std",
    "getrandom",
    "gloo-net",
    "js-sys",
    "leptos",
    "rand",
    "reqwest",
    "sqlx",
    "tokio",
    "web-sys",
];

/// The packages named under `[dependencies]`; test dependencies may be anything.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest =
        workspace::read_text(&workspace::root().join(folder).join("Cargo.toml")).unwrap();
    let section = manifest
        .split("\n[dependencies]\n")
        .nth(1)
        .unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect()
}

fn sources(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in folders {
        files.extend(workspace::files_below(&workspace::root().join(folder)).unwrap());
    }
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    assert!(!files.is_empty(), "nothing to look at in {folders:?}");
    files
}

fn naming(files: &[PathBuf], text: &str) -> Vec<PathBuf> {
    files
        .iter()
        .filter(|path| workspace::read_text(path).unwrap().contains(text))
        .cloned()
        .collect()
}

#[test]
fn our_packages_depend_downwards_only() {
    for (folder, allowed) in MAY_USE {
        let ours = dependencies(folder)
            .into_iter()
            .filter(|name| name.starts_with("tournee"));
        let forbidden: Vec<String> = ours
            .filter(|name| !allowed.contains(&name.as_str()))
            .collect();
        assert!(
            forbidden.is_empty(),
            "{folder} must not use {forbidden:?} (DESIGN §1)"
        );
    }
}

#[test]
fn domain_and_sync_do_no_input_or_output() {
    for folder in ["crates/domain", "crates/sync"] {
        let used = dependencies(folder);
        assert!(
            used.contains("serde"),
            "{folder}: the list of dependencies was not found"
        );
        let impure: Vec<&str> = NOT_PURE
            .iter()
            .copied()
            .filter(|name| used.contains(*name))
            .collect();
        assert!(
            impure.is_empty(),
            "{folder} is pure and must not use {impure:?} (DESIGN §1)"
        );
    }
}

#[test]
fn only_the_app_and_the_store_name_the_browser() {
    let others = sources(
        &[
            "crates/domain",
            "crates/sync",
            "crates/documents",
            "crates/server",
        ],
        "rs",
    );
    assert_eq!(naming(&others, "web_sys"), Vec::<PathBuf>::new());
}

#[test]
fn screens_do_not_read_the_store() {
    let screens = sources(&["src/pages", "src/components"], "rs");
    assert_eq!(naming(&screens, "tournee_store"), Vec::<PathBuf>::new());
}

#[test]
fn the_page_holds_nothing_inline() {
    let page = workspace::read_text(&workspace::root().join("index.html")).unwrap();
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("<script>"));
    let screens = sources(&["src"], "rs");
    assert_eq!(
        naming(&screens, " style=\""),
        Vec::<PathBuf>::new(),
        "the policy forbids style attributes"
    );
}

#[test]
fn every_public_file_reaches_the_app() {
    let root = workspace::root();
    let page = workspace::read_text(&root.join("index.html")).unwrap();
    for entry in std::fs::read_dir(root.join("public")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(
            page.contains(&format!("href=\"public/{name}\"")),
            "index.html does not copy public/{name}"
        );
    }
}
