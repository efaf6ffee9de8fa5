//! `tournee-server`: see `tournee-server --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tournee_server::commands::run()
}
