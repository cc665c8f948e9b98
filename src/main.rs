//! Parses the command line, dispatches, exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    pushgate::cli::main()
}
