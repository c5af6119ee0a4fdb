//! The one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    centralita::cli::Cli::run()
}
