//! Running other programs.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Result, workspace};

/// `program` with `arguments`, in the root of the work tree, never waiting for the keyboard.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .env("PATH", tool_path());
    command
}

/// Runs to the end with its output on ours.
///
/// # Errors
/// When the program cannot be started or ends with a failure; the message shows the command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command
        .status()
        .map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` failed ({status})"))
    }
}

/// Runs to the end, prints each line of standard output as it comes and gives it to `each_line` too.
///
/// # Errors
/// As [`run`].
pub fn run_reading(command: &mut Command, mut each_line: impl FnMut(&str)) -> Result<()> {
    let line = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if let Some(output) = child.stdout.take() {
        // A test may print bytes that are no text: they are shown as they can be.
        for bytes in BufReader::new(output).split(b'\n') {
            let bytes =
                bytes.map_err(|error| format!("cannot read the output of `{line}`: {error}"))?;
            let text = String::from_utf8_lossy(&bytes);
            println!("{text}");
            each_line(&text);
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("lost `{line}`: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` failed ({status})"))
    }
}

/// What a program prints, trimmed, or `None` when it is missing or fails.
pub fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// The search path: the project's Node tools and cargo's programs before everything else.
fn tool_path() -> OsString {
    let mut folders = vec![workspace::root().join("node_modules/.bin")];
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        folders.push(PathBuf::from(home).join("bin"));
    } else if let Some(home) = std::env::var_os("HOME") {
        folders.push(PathBuf::from(home).join(".cargo/bin"));
    }
    let present = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&present));
    std::env::join_paths(folders).unwrap_or(present)
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
