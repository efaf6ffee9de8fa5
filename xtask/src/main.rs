#![doc = include_str!("../README.md")]

mod bench;
mod build;
mod compress;
mod parts;
mod precache;
mod process;
mod serve;
mod setup;
mod simulate;
mod sizes;
mod split;
mod styles;
mod test;
#[cfg(test)]
mod tidy;
mod workspace;

use std::process::ExitCode;

/// What the user sees when a command is not known.
const USAGE: &str = "usage: cargo xtask serve [--listen ADDRESS] [--data FOLDER] | test [--long] | simulate [--seeds N] [--seed S] [--defect D] | bench | bench sync [ingest|device|crowd] | bench domain | bench size | bench browser [first-sync|reopen|confirm|search|tap|scroll|growth] | build | setup | styles | split | precache";

/// One line that names the cause and the way out; printed once, by [`main`].
type Result<T, E = String> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["serve", options @ ..] => {
            serve::Options::parse(options).and_then(|options| serve::serve(&options))
        }
        ["test"] => test::test(test::Length::Gate),
        ["test", "--long"] => test::test(test::Length::Long),
        ["bench"] => bench::all(),
        ["bench", "sync", part @ ..] => bench::sync(part),
        ["bench", "domain"] => bench::domain(),
        ["bench", "size"] => sizes::bench(),
        ["bench", "browser", names @ ..] => bench::browser(names),
        ["build"] => setup::setup(setup::Need::Build).and_then(|()| build::app()),
        ["setup"] => setup::setup(setup::Need::Test),
        ["simulate", options @ ..] => simulate::simulate(options),
        ["styles"] => styles::bundle(),
        ["split"] => split::from_trunk().and_then(|()| precache::from_trunk()),
        ["precache"] => precache::from_trunk(),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
