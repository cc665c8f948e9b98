//! `pushgate bitbucket`: sets a server up, and says how it is.

mod hooks;
mod install;
mod recipe;
mod status;
mod targets;
mod webhooks;

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Subcommand, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use super::{CommandError, ExitStatus, Invocation, output};
use crate::bitbucket::Client;
use crate::config::{Config, Place};
use crate::report::{SetupReport, setup_human, setup_json};

/// The parts of a server.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// What Bitbucket calls after a push
    #[command(subcommand)]
    Webhooks(webhooks::Action),
    /// What Bitbucket runs before and after refs move
    #[command(subcommand)]
    Hooks(hooks::Action),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// For programs: one object
    Json,
}

/// Whether anything is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// It is.
    Real,
    /// It is only told.
    Dry,
}

impl Run {
    fn of(dry_run: bool) -> Self {
        if dry_run { Self::Dry } else { Self::Real }
    }
}

#[derive(Debug, Error, Diagnostic)]
#[error("Bitbucket is not configured")]
#[diagnostic(help(
    "set BITBUCKET_HOST with BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or BITBUCKET_SERVER_ADDRESS with BITBUCKET_SERVER_TOKEN, or `bitbucket:` in the configuration"
))]
struct NotConfigured;

/// Sets up, or looks.
pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    let config = invocation.load_config(Place::Server)?;
    let client = client(invocation, &config)?;
    match action {
        Action::Webhooks(action) => webhooks::run(invocation, &config, &client, action),
        Action::Hooks(action) => hooks::run(invocation, &config, &client, action),
    }
}

fn client(invocation: &Invocation, config: &Config) -> Result<Client, CommandError> {
    config
        .bitbucket(&invocation.environment)?
        .ok_or_else(|| CommandError::usage(NotConfigured))
}

/// Prints what was done. One repository that failed is told with the others, and in the exit code.
fn tell(report: &SetupReport, format: Format) -> Result<ExitStatus, CommandError> {
    match format {
        Format::Human => output::report(&setup_human(report)),
        Format::Json => {
            let json =
                setup_json(report).map_err(|_| CommandError::internal("writing the report"))?;
            output::out(&(json + "\n"));
        }
    }
    Ok(match report.has_failed() {
        true => ExitStatus::Failure,
        false => ExitStatus::Fine,
    })
}

/// Does something for each of many, so many at once, and answers in their order.
fn each<T: Sync, R: Send>(
    items: &[T],
    at_once: NonZeroUsize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..at_once.get().min(items.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else {
                        break;
                    };
                    let result = work(item);
                    let mut done = done
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push((number, result));
                }
            });
        }
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
