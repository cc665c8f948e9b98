//! `pushgate plan`: what a push would change in Port.

mod base;
mod known;

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use clap::{Args, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use super::{CommandError, ExitStatus, Invocation, equipment, output};
use crate::catalog::{DesiredState, PlanOptions, Undetermined, compare, compare_with_port};
use crate::config::{Config, Place};
use crate::declared::{Declared, declared};
use crate::document::{Kinds, Limits};
use crate::git::{
    CommitId, HookEnvironment, NoRepository, OpenError, Place as Named, ReadError, Repository,
};
use crate::port;
use crate::report::{
    Against, PlanReport, plan_human, plan_json, plan_markdown, undetermined_json,
    undetermined_markdown,
};
use crate::work_tree::WorkTree;

/// The arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = BASES)]
pub(super) struct Arguments {
    /// The commit whose state would be delivered
    #[arg(value_name = "REV", default_value = "HEAD")]
    revision: String,
    /// The commit whose state was delivered; where the histories parted, the commit where they did
    #[arg(long, value_name = "REV", conflicts_with = "live")]
    base: Option<String>,
    /// Compare with what Port has now, and change nothing there
    #[arg(long)]
    live: bool,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

const BASES: &str = "\
Examples:
  pushgate plan          what pushing this commit changes
  pushgate plan --live   where Port differs from it now

Without --base, REV is compared with the commit where it left another branch. \
In a work tree that is the default branch of origin (with `port.branch` that \
branch, of origin or here); where there is none, its own parent is taken. In a \
bare repository it is the branch that goes to Port: `port.branch`, else the \
default branch.

Environment: PORT_CLIENT_ID, PORT_CLIENT_SECRET and PORT_API_URL, for --live.

Exit codes: 0 the plan is told, whatever it holds; 1 a file's entities can't be \
told; 2 wrong use; 3 Port or the repository can't be read.";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A diff for people
    #[default]
    Human,
    /// For programs: one JSON object
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// What keeps `plan` from an answer.
#[derive(Debug, Error, Diagnostic)]
enum PlanError {
    #[error("cannot tell the working directory: {0}")]
    #[diagnostic(help("the folder in which pushgate was started is gone"))]
    NoDirectory(io::Error),
    #[error("`{0}` names no commit of this repository")]
    #[diagnostic(help(
        "fetch it first, or correct the name: `git log --all --oneline` shows what is there"
    ))]
    NoCommit(String),
    #[error("the branch here has no commit yet")]
    #[diagnostic(help(
        "commit the documents first, or name a commit; `pushgate check` looks at documents without one"
    ))]
    NoCommitYet,
    #[error("neither this folder nor one above it is a git repository")]
    #[diagnostic(help("change into the work tree or the bare repository whose plan is wanted"))]
    NoRepository,
    #[error("what `{0}` is to be compared with is not in this shallow clone")]
    #[diagnostic(help(
        "fetch the whole history with `git fetch --unshallow`, or name a commit that is there with `--base`"
    ))]
    Shallow(String),
    #[error("Port's credentials are missing")]
    #[diagnostic(help(
        "set PORT_CLIENT_ID and PORT_CLIENT_SECRET, or `port.client_id_file` and `port.client_secret_file` in the configuration"
    ))]
    NoCredentials,
}

/// Compares and prints.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let repository = open()?;
    // Of a work tree the folder is `.git` or lies in it.
    let is_git = |part: &OsStr| part == ".git";
    let bare = !repository.directory().iter().any(is_git);
    let here = WorkTree::around(Path::new("."));
    let config = invocation.load_config(if bare {
        Place::Server
    } else {
        Place::WorkTree(here.root())
    })?;
    let kinds = config.kinds().map_err(CommandError::usage)?;
    let command = Command {
        invocation,
        arguments,
        repository,
        bare,
        config,
        kinds,
    };
    let commit = command.commit(&arguments.revision)?;
    let declared = command.declared(&commit)?;
    let state = match &declared.state {
        Ok(state) => state,
        Err(undetermined) => return Ok(command.undetermined(&commit, undetermined)),
    };
    let mut remarks: Vec<String> = declared
        .unresolved
        .iter()
        .map(ToString::to_string)
        .collect();
    let owners = command.other_owners(state);
    remarks.extend(command.waits_for_approval());
    let (against, comparison) = if arguments.live {
        let stored = command.stored(state)?;
        let missing = stored.missing_blueprints.iter();
        remarks.extend(missing.map(|blueprint| {
            format!("Port has no blueprint `{blueprint}`: it refuses its entities until it has")
        }));
        (
            Against::Port,
            compare_with_port(state, &owners, &stored.entities),
        )
    } else {
        let against = command.against(&commit)?;
        let before = match &against {
            Against::Commit { id, .. } => command.declared(id)?.state,
            _ => Ok(DesiredState::default()),
        };
        match before {
            Ok(before) => (
                against,
                compare(&before, state, &owners, &command.options()),
            ),
            Err(undetermined) => {
                let id = match &against {
                    Against::Commit { id, .. } => id,
                    _ => &commit,
                };
                return Ok(command.undetermined(id, &undetermined));
            }
        }
    };
    command.print(&PlanReport {
        commit,
        against,
        comparison,
        remarks,
    })
}

/// The repository that the environment or the working directory names.
fn open() -> Result<Repository, CommandError> {
    let process = HookEnvironment::from_process()
        .map_err(|error| CommandError::failure(PlanError::NoDirectory(error)))?;
    let environment = match process.locate() {
        Ok(_) => process,
        // Unlike a hook, a person may stand anywhere in a work tree.
        Err(_) => HookEnvironment::at("."),
    };
    Repository::open(&environment).map_err(|error| match error {
        OpenError::NoRepository(NoRepository::NotThere {
            place: Named::Given,
            ..
        }) => CommandError::usage(PlanError::NoRepository),
        error => CommandError::usage(error),
    })
}

struct Command<'a> {
    invocation: &'a Invocation,
    arguments: &'a Arguments,
    repository: Repository,
    bare: bool,
    config: Config,
    kinds: Kinds,
}

impl Command<'_> {
    fn commit(&self, revision: &str) -> Result<CommitId, CommandError> {
        let commit = self.repository.commit_named(revision)?;
        commit.ok_or_else(|| {
            CommandError::usage(match revision == "HEAD" {
                true => PlanError::NoCommitYet,
                false => PlanError::NoCommit(shown(revision)),
            })
        })
    }

    fn declared(&self, commit: &CommitId) -> Result<Declared, ReadError> {
        declared(&self.repository, commit, &self.kinds, &Limits::default())
    }

    fn options(&self) -> PlanOptions {
        let port = &self.config.port;
        PlanOptions {
            create_missing_related_entities: port.create_missing_related_entities,
            delete: port.delete,
            deletion_threshold: port.hold_deletions.into(),
            ..PlanOptions::default()
        }
    }

    fn stored(&self, state: &DesiredState) -> Result<port::Stored, CommandError> {
        let http = self.config.http_client().map_err(CommandError::usage)?;
        let port = equipment::port(&self.config, &self.invocation.environment, &http)?;
        let port = port.ok_or_else(|| CommandError::usage(PlanError::NoCredentials))?;
        port.stored(state.keys()).map_err(CommandError::failure)
    }

    fn undetermined(&self, commit: &CommitId, undetermined: &Undetermined) -> ExitStatus {
        match self.arguments.format {
            Format::Human => {}
            Format::Json => output::out(&(undetermined_json(undetermined) + "\n")),
            Format::Markdown => output::out(&undetermined_markdown(undetermined)),
        }
        let mut text = output::notes();
        text.line(&format!(
            "pushgate: what {} declares can't be told: {undetermined}",
            commit.short()
        ));
        text.help("mend the file, `pushgate check` shows where; until then nothing is delivered and nothing is deleted");
        output::err(&text.finish());
        ExitStatus::Findings
    }

    fn print(&self, report: &PlanReport) -> Result<ExitStatus, CommandError> {
        let Invocation {
            colour,
            environment,
            ..
        } = self.invocation;
        match self.arguments.format {
            Format::Human => {
                let coloured = colour.is_on(environment, &io::stdout());
                output::report(&plan_human(report, coloured));
            }
            Format::Json => {
                let json = plan_json(report).map_err(|_| CommandError::internal("writing JSON"))?;
                output::out(&(json + "\n"));
            }
            Format::Markdown => output::out(&plan_markdown(report)),
        }
        Ok(ExitStatus::Fine)
    }
}

fn shown(revision: &str) -> String {
    crate::visible::visible(revision).into_owned()
}
