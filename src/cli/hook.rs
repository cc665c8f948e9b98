//! `pushgate hook`: what a git server runs.

mod bypass;
mod deadline;
mod post_receive;
mod pre_receive;
mod record;
mod room;

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use miette::Diagnostic;
use signal_hook::consts::SIGXFSZ;
use thiserror::Error;

use super::{CommandError, ExitStatus, Invocation};
use crate::environment::{self, BB_IS_DRY_RUN, BB_PROJECT_KEY, BB_REPO_SLUG, Environment};
use crate::git::{self, NoRepository, RefUpdate};
use crate::origin::OriginError;
use crate::repository::RepositoryName;

/// The hooks.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Hook {
    /// Judge a push: `old new ref` lines on standard input
    PreReceive,
    /// Put what an accepted push declares into the outbox: `old new ref` lines on standard input
    PostReceive,
}

impl Hook {
    /// How the line begins that says why the hook could not do its work.
    pub(super) fn on_failure(self) -> &'static str {
        match self {
            Self::PreReceive => concat!("pushgate ", env!("CARGO_PKG_VERSION"), ": refused"),
            Self::PostReceive => {
                concat!(
                    "pushgate ",
                    env!("CARGO_PKG_VERSION"),
                    ": accepted, but not delivered"
                )
            }
        }
    }
}

/// What keeps a hook from its work.
#[derive(Debug, Error, Diagnostic)]
enum HookError {
    #[error("cannot read the ref updates on standard input: {0}")]
    #[diagnostic(help("pushgate reads them as git's pre-receive and post-receive hooks get them"))]
    Input(io::Error),
    #[error("cannot tell the working directory: {0}")]
    #[diagnostic(help("the folder in which the hook was started is gone; push again"))]
    NoDirectory(io::Error),
    #[error("cannot tell the repository's name")]
    #[diagnostic(help("pass `--repository PROJECT/slug`, or set PUSHGATE_REPOSITORY"))]
    NoName,
    #[error("Bitbucket starts this hook without a repository, and its REST API is not set up here")]
    #[diagnostic(help(
        "Bitbucket 8 and later tell a post-receive hook no folder: set BITBUCKET_HOST, BITBUCKET_USERNAME and BITBUCKET_PASSWORD (or `bitbucket:` with `address` and `token_file` in the configuration) to a user who may read the repositories, so that pushgate reads what was pushed from there; then push again"
    ))]
    NoBitbucket,
    #[error(transparent)]
    #[diagnostic(transparent)]
    Nowhere(NoRepository),
    #[error("it can't be told what to build: {0}")]
    #[diagnostic(help(
        "once it can be read again, build the commit by hand: `pushgate compile --repository PROJECT/slug --sha SHA`"
    ))]
    NotBuilt(OriginError),
}

fn no_directory(error: io::Error) -> CommandError {
    CommandError::failure(HookError::NoDirectory(error))
}

/// Runs a hook.
pub(super) fn run(invocation: &Invocation, hook: Hook) -> Result<ExitStatus, CommandError> {
    // A file that may not grow ends a process without a word; with a handler it is an error like any
    // other of a disk. Where there can be none, everything is as it was.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
    match hook {
        Hook::PreReceive => pre_receive::run(invocation),
        Hook::PostReceive => post_receive::run(invocation),
    }
}

/// Standard input of a hook.
enum HookInput {
    /// No line at all.
    Nothing,
    /// Nothing was pushed: deletions only, or a dry run.
    NothingToDo,
    /// The ref updates of the push.
    Updates(Vec<RefUpdate>),
}

impl HookInput {
    /// Reads standard input to its end: whoever feeds it may not cope with a reader that leaves.
    fn read(environment: &Environment) -> Result<Self, CommandError> {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| CommandError::failure(HookError::Input(error)))?;
        if environment.is_true(BB_IS_DRY_RUN) {
            return Ok(Self::NothingToDo);
        }
        if bytes.is_empty() {
            return Ok(Self::Nothing);
        }
        let updates = RefUpdate::parse_all(&bytes).map_err(CommandError::usage)?;
        let deletes = |update: &RefUpdate| matches!(update, RefUpdate::Deleted { .. });
        Ok(if updates.iter().all(deletes) {
            Self::NothingToDo
        } else {
            Self::Updates(updates)
        })
    }
}

/// The repository's name: from Bitbucket, else as given, else by its path.
pub(super) fn repository_name(invocation: &Invocation, directory: &Path) -> Option<RepositoryName> {
    told_name(invocation).or_else(|| git::repository_name(directory))
}

/// The repository's name as Bitbucket or the operator tells it.
pub(super) fn told_name(invocation: &Invocation) -> Option<RepositoryName> {
    let variables = &invocation.environment;
    let bitbucket = variables
        .get(BB_PROJECT_KEY)
        .zip(variables.get(BB_REPO_SLUG));
    bitbucket
        .and_then(|(project, slug)| format!("{project}/{slug}").parse().ok())
        .or_else(|| invocation.repository.clone())
        .or_else(|| {
            variables
                .get(environment::REPOSITORY)
                .and_then(|name| name.parse().ok())
        })
}
