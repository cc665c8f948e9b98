//! `pushgate man`: the manual's pages, one a command.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use miette::Diagnostic;
use thiserror::Error;

use super::{Cli, CommandError, ExitStatus, output};
use crate::environment;
use crate::io_reason::io_reason;
use crate::visible::visible;

/// The arguments of `man`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The command whose page is written, such as `hook pre-receive` [default: pushgate's own page]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder instead of one to standard output
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    out: Option<PathBuf>,
}

/// Why a page could not be written.
#[derive(Debug, Error, Diagnostic)]
enum ManError {
    #[error("there is no command `pushgate {0}`")]
    #[diagnostic(help("`pushgate --help` lists the commands"))]
    UnknownCommand(String),
    #[error("cannot write {path}: {}", io_reason(source))]
    #[diagnostic(help(
        "name a folder that this user may write to; it is made where it is missing"
    ))]
    Unwritable { path: String, source: io::Error },
}

/// What a page says of the exit codes: the same numbers for every command.
const EXIT_STATUS: [(ExitStatus, &str); 4] = [
    (ExitStatus::Fine, "Fine."),
    (
        ExitStatus::Findings,
        "Findings of severity error; a hook refuses the push.",
    ),
    (ExitStatus::Usage, "Wrong use or configuration."),
    (
        ExitStatus::Failure,
        "Something outside failed, or an internal error.",
    ),
];

const ENVIRONMENT: [(&str, &str); 7] = [
    (
        environment::CONFIG,
        "The configuration's file, as --config names it.",
    ),
    (
        environment::STATE,
        "The folder in which deliveries wait and what was delivered is remembered.",
    ),
    (
        environment::STORE,
        "A PostgreSQL database that the nodes of a cluster share in place of SQLite, postgres://...",
    ),
    (
        environment::REPOSITORY,
        "The repository's name, PROJECT/slug, as --repository gives it.",
    ),
    (environment::PORT_CLIENT_ID, "The client id of Port."),
    (
        environment::PORT_CLIENT_SECRET,
        "The client secret of Port. With both, what was pushed is delivered.",
    ),
    (environment::NO_COLOR, "Set to anything: no colours."),
];

const FILES: [(&str, &str); 3] = [
    (
        "/etc/pushgate/config.yaml",
        "The configuration of a server.",
    ),
    (
        ".pushgate.yaml",
        "The configuration of a work tree, at its root. A server never reads it.",
    ),
    (
        "/var/lib/pushgate",
        "The state folder where it exists, else ~/.local/state/pushgate.",
    ),
];

/// Writes one page to standard output, or all into a folder.
pub(super) fn run(arguments: &Arguments) -> Result<ExitStatus, CommandError> {
    let mut command = Cli::command();
    // Gives every command its full name, `pushgate-hook-pre-receive`.
    command.build();
    let Some(folder) = &arguments.out else {
        let named = find(&command, &arguments.command).map_err(CommandError::usage)?;
        output::out(&page(named).1);
        return Ok(ExitStatus::Fine);
    };
    let write = |path: PathBuf, result: io::Result<()>| {
        result.map_err(|source| {
            CommandError::failure(ManError::Unwritable {
                path: visible(&path.to_string_lossy()).into_owned(),
                source,
            })
        })
    };
    write(folder.clone(), fs::create_dir_all(folder))?;
    for command in with_all_below(&command) {
        let (name, text) = page(command);
        let path = folder.join(name);
        write(path.clone(), fs::write(path, text))?;
    }
    Ok(ExitStatus::Fine)
}

fn find<'a>(root: &'a Command, names: &[String]) -> Result<&'a Command, ManError> {
    names.iter().try_fold(root, |command, name| {
        command
            .find_subcommand(name)
            .ok_or_else(|| ManError::UnknownCommand(visible(&names.join(" ")).into_owned()))
    })
}

fn with_all_below(command: &Command) -> Vec<&Command> {
    let mut all = vec![command];
    for below in command.get_subcommands() {
        all.extend(with_all_below(below));
    }
    all
}

/// The page's file name and its text for `man`.
fn page(command: &Command) -> (String, String) {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone())
        .source(format!("pushgate {version}"))
        .manual("pushgate's manual");
    let name = man.get_filename();
    let is_root = command.get_name() == "pushgate";
    let mut own = Roff::new();
    let numbers = EXIT_STATUS.map(|(status, what)| ((status as u8).to_string(), what));
    terms(&mut own, "EXIT STATUS", &numbers);
    if is_root {
        terms(&mut own, "ENVIRONMENT", &ENVIRONMENT);
        terms(&mut own, "FILES", &FILES);
    } else {
        own.control("SH", ["SEE ALSO"]);
        own.text([bold("pushgate"), roman("(1)")]);
    }
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = man
        .render(&mut text)
        .and_then(|()| own.to_writer(&mut text));
    // What mandoc has to say against the generator: an empty date without quotes, and an empty line
    // between two breaks.
    let text = String::from_utf8_lossy(&text)
        .replacen(" 1  \"", " 1 \"\" \"", 1)
        .replace(".br\n\n.br\n", ".sp\n");
    (name, text)
}

fn terms(page: &mut Roff, heading: &str, terms: &[(impl AsRef<str>, &str)]) {
    page.control("SH", [heading]);
    for (term, what) in terms {
        page.control("TP", []);
        page.text([bold(term.as_ref())]);
        page.text([roman(*what)]);
    }
}
