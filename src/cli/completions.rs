//! `pushgate completions`: what a shell needs to complete pushgate's command line.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, ExitStatus, output};
use crate::check::rules;

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell that completes
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes the script for a shell to standard output.
pub(super) fn run(arguments: &Arguments) -> ExitStatus {
    // A shell that offers the rules is worth more than one that offers files; the parser itself
    // takes families too, and suggests the nearest name.
    let of_rules = rules::all().map(|rule| PossibleValue::new(rule.id).help(rule.summary));
    let mut command = Cli::command().mut_subcommand("explain", |explain| {
        explain.mut_arg("rules", |argument| {
            argument.value_parser(PossibleValuesParser::new(of_rules))
        })
    });
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "pushgate", &mut script);
    output::bytes(&script);
    ExitStatus::Fine
}
