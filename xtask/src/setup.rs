//! Installs what a command needs on a fresh Debian machine, and says what and why.
//!
//! Each tool is looked for first; when nothing is missing this takes a fraction of a second.

use std::path::Path;

use crate::process::{command, output_of, run};
use crate::{Result, workspace};

/// Trunk 0.22 asks for a newer Rust than 1.95.
const TRUNK_VERSION: &str = "0.21.14";
const WASM_SPLIT_VERSION: &str = "0.2.4";
/// Playwright's own lower limit.
const NODE_MAJOR_MIN: u32 = 20;
/// Written into `node_modules` after `npm ci`: the lock file it was made from.
const NODE_STAMP: &str = "node_modules/.tournee-lock.json";

/// How much of the machine a command uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Building the app and the server.
    Build,
    /// That, and the browser tests.
    Test,
}

/// Something that can be missing.
struct Tool {
    name: &'static str,
    why: &'static str,
    how_long: &'static str,
    need: Need,
    present: fn() -> Result<bool>,
    install: fn() -> Result<()>,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "Rust target wasm32-unknown-unknown",
        why: "the app runs in the browser",
        how_long: "seconds",
        need: Need::Build,
        present: wasm_target_present,
        install: install_wasm_target,
    },
    Tool {
        name: "Node packages of package-lock.json (wasm-opt, Playwright, axe)",
        why: "wasm-opt makes the app smaller; Playwright and axe test it",
        how_long: "10 seconds",
        need: Need::Build,
        present: node_packages_present,
        install: install_node_packages,
    },
    Tool {
        name: "trunk",
        why: "it builds the app",
        how_long: "7 to 9 minutes on two cores, once per machine",
        need: Need::Build,
        present: trunk_present,
        install: install_trunk,
    },
    Tool {
        name: "wasm-bindgen-cli",
        why: "it joins the app's Rust to the browser; its version must equal the library's",
        how_long: "4 minutes on two cores, once per machine",
        need: Need::Build,
        present: wasm_bindgen_present,
        install: install_wasm_bindgen,
    },
    Tool {
        name: "wasm-split-cli",
        why: "it takes the program apart: what the first screen needs, and what comes after it",
        how_long: "2 minutes on two cores, once per machine",
        need: Need::Build,
        present: wasm_split_present,
        install: install_wasm_split,
    },
    Tool {
        name: "Chromium, ChromeDriver and a font, from Debian",
        why: "the browser tests run in a real browser",
        how_long: "1 minute",
        need: Need::Test,
        present: browser_present,
        install: install_browser,
    },
    Tool {
        name: "strace, from Debian",
        why: "tests look whether the office's acknowledgements wait for the disk",
        how_long: "10 seconds",
        need: Need::Test,
        present: strace_present,
        install: install_strace,
    },
    Tool {
        name: "hledger, from Debian",
        why: "a test compares balances and ageing with what it computes",
        how_long: "20 seconds",
        need: Need::Test,
        present: hledger_present,
        install: install_hledger,
    },
];

/// Installs whatever is missing for `need`.
///
/// # Errors
/// One line when an installation cannot be done here; nothing later is tried.
pub fn setup(need: Need) -> Result<()> {
    for tool in TOOLS
        .iter()
        .filter(|tool| need == Need::Test || tool.need == Need::Build)
    {
        if (tool.present)()? {
            continue;
        }
        println!(
            "xtask: installing {} — {} (about {})",
            tool.name, tool.why, tool.how_long
        );
        (tool.install)()?;
        if !(tool.present)()? {
            return Err(format!(
                "{} was installed, but cannot be found; is another version first in PATH?",
                tool.name
            ));
        }
    }
    Ok(())
}

fn wasm_target_present() -> Result<bool> {
    let sysroot = output_of("rustc", &["--print", "sysroot"])
        .ok_or("cannot run rustc: install Rust 1.95 or newer with rustup, then try again")?;
    Ok(Path::new(&sysroot)
        .join("lib/rustlib/wasm32-unknown-unknown/lib")
        .is_dir())
}

fn install_wasm_target() -> Result<()> {
    run(&mut command("rustup", &["target", "add", "wasm32-unknown-unknown"])).map_err(|cause| {
        format!("{cause}; without rustup, install the wasm32-unknown-unknown standard library of your rustc by its own means")
    })
}

fn node_packages_present() -> Result<bool> {
    check_node()?;
    let root = workspace::root();
    let installed_from = std::fs::read(root.join(NODE_STAMP)).unwrap_or_default();
    Ok(installed_from == workspace::read(&root.join("package-lock.json"))?)
}

fn install_node_packages() -> Result<()> {
    let mut npm = command(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    );
    run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    let root = workspace::root();
    workspace::write(
        &root.join(NODE_STAMP),
        &workspace::read(&root.join("package-lock.json"))?,
    )
}

/// Debian 12 packages an older Node than Playwright accepts, so this is not installed silently.
fn check_node() -> Result<()> {
    let version = output_of("node", &["--version"]).unwrap_or_else(|| "missing".to_owned());
    if node_major(&version) < Some(NODE_MAJOR_MIN) || output_of("npm", &["--version"]).is_none() {
        return Err(format!(
            "Node {NODE_MAJOR_MIN} or newer and npm are needed (node: {version}); install them (Debian 13: apt-get install nodejs npm), then try again"
        ));
    }
    Ok(())
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn trunk_present() -> Result<bool> {
    Ok(output_of("trunk", &["--version"]).is_some_and(|text| names_version(&text, TRUNK_VERSION)))
}

fn install_trunk() -> Result<()> {
    // Unlocked, one of trunk's dependencies does not compile; no TLS, since it never downloads.
    cargo_install(&[
        "trunk",
        "--version",
        TRUNK_VERSION,
        "--locked",
        "--no-default-features",
    ])
}

fn wasm_bindgen_present() -> Result<bool> {
    let version = wasm_bindgen_version()?;
    Ok(
        output_of("wasm-bindgen", &["--version"])
            .is_some_and(|text| names_version(&text, &version)),
    )
}

fn install_wasm_bindgen() -> Result<()> {
    cargo_install(&["wasm-bindgen-cli", "--version", &wasm_bindgen_version()?])
}

/// The program itself does not say its version.
fn wasm_split_present() -> Result<bool> {
    let wanted = format!("wasm_split_cli_support v{WASM_SPLIT_VERSION}:");
    Ok(output_of("cargo", &["install", "--list"])
        .is_some_and(|list| list.lines().any(|line| line == wanted)))
}

fn install_wasm_split() -> Result<()> {
    cargo_install(&[
        "wasm_split_cli_support",
        "--version",
        WASM_SPLIT_VERSION,
        "--locked",
        "--features",
        "build-binary",
    ])
}

/// Faster to build than cargo's own release settings, and no slower to use.
fn cargo_install(arguments: &[&str]) -> Result<()> {
    let mut cargo = command("cargo", &["install", "--force"]);
    cargo.args(arguments).current_dir("/");
    cargo
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    run(cargo.env_remove("CARGO_TARGET_DIR"))
}

fn wasm_bindgen_version() -> Result<String> {
    let lock = workspace::read_text(&workspace::root().join("Cargo.lock"))?;
    locked_version(&lock, "wasm-bindgen")
        .ok_or_else(|| "Cargo.lock names no wasm-bindgen".to_owned())
}

/// The version that a `Cargo.lock` holds for a package.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let start = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&start)?;
    rest.split_once('"').map(|(version, _)| version.to_owned())
}

/// Whether `trunk 0.21.14` or `wasm-bindgen 0.2.130 (…)` names exactly this version.
fn names_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

fn browser_present() -> Result<bool> {
    let files = [
        "/usr/bin/chromium",
        "/usr/bin/chromedriver",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    ];
    Ok(files.iter().all(|file| Path::new(file).exists()))
}

fn install_browser() -> Result<()> {
    install_from_debian(&["chromium", "chromium-driver", "fonts-dejavu"])
}

fn strace_present() -> Result<bool> {
    Ok(output_of("strace", &["--version"]).is_some())
}

fn install_strace() -> Result<()> {
    install_from_debian(&["strace"])
}

fn hledger_present() -> Result<bool> {
    Ok(output_of("hledger", &["--version"]).is_some())
}

fn install_hledger() -> Result<()> {
    install_from_debian(&["hledger"])
}

fn install_from_debian(packages: &[&str]) -> Result<()> {
    let way_out = format!("install {} yourself, then try again", packages.join(", "));
    apt_get(&["update", "-qq"], &way_out)?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    apt_get(&[&install, packages].concat(), &way_out)
}

fn apt_get(arguments: &[&str], way_out: &str) -> Result<()> {
    if output_of("apt-get", &["--version"]).is_none() {
        return Err(format!("this machine has no apt-get: {way_out}"));
    }
    let mut command = if output_of("id", &["-u"]).as_deref() == Some("0") {
        command("apt-get", arguments)
    } else if output_of("sudo", &["-n", "true"]).is_some() {
        command("sudo", &[&["-n", "apt-get"], arguments].concat())
    } else {
        return Err(format!(
            "apt-get needs root or a sudo that asks no password: {way_out}"
        ));
    };
    run(command.env("DEBIAN_FRONTEND", "noninteractive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bindgen_tool_has_the_version_of_the_library() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.9\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(lock, "trunk"), None);
    }

    #[test]
    fn another_version_counts_as_missing() {
        assert!(names_version("trunk 0.21.14", "0.21.14"));
        assert!(!names_version("trunk 0.21.140", "0.21.14"));
        assert!(!names_version("wasm-bindgen 0.2.13", "0.2.130"));
    }

    #[test]
    fn an_old_or_missing_node_is_refused() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert!(node_major("v18.19.0") < Some(NODE_MAJOR_MIN));
        assert!(node_major("missing") < Some(NODE_MAJOR_MIN));
    }
}
