//! `pushgate sync`: the sweep over every repository of a Bitbucket Server.

mod fingerprint;
mod interrupted;
mod printed;
mod progress;

use std::collections::BTreeSet;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use miette::Diagnostic;
use thiserror::Error;

use self::progress::Progress;
use super::parsed::at_least_one;
use super::{CommandError, ExitStatus, Invocation, equipment};
use crate::bitbucket;
use crate::branch_tip::BranchTips;
use crate::check::Checker;
use crate::config::{Config, DeliverToPort, Place};
use crate::delivery::{Express, Remotes, Settings, moment_after};
use crate::environment::BITBUCKET_PROJECTS_FILTER;
use crate::io_reason::io_reason;
use crate::outbox::{Outbox, OutboxError, Store, Sweep};
use crate::repository::RepositoryName;
use crate::sweep::{
    Delivering, Desk, DeskError, Fingerprint, Journal, Memory, Projects, Prune, Purpose, Rules,
    Run, Summary, SweptTips,
};

/// How often an idle worker looks into the outbox while the sweep goes on.
const POLL: Duration = Duration::from_millis(20);

/// Repositories whose deliveries are carried out at once: Port's answers are waited for, and reading
/// is faster than that.
const CARRIERS: usize = 40;

/// The arguments of `sync`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(super) struct Arguments {
    /// Only tell what would change in Port
    #[arg(long)]
    dry_run: bool,
    /// Take entities of repositories that are gone from Bitbucket out of Port
    #[arg(long)]
    prune: bool,
    /// The projects to sweep, `~user` for a user's own [default: BITBUCKET_PROJECTS_FILTER, else all]
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    project: Vec<String>,
    /// How many repositories are read at once [default: `bitbucket.concurrency`, else 64]
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    concurrency: Option<NonZeroUsize>,
    /// How long deliveries that failed are tried again after everything was read
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    deadline: u64,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// An HTML page of the result
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

const AFTER: &str = "\
Examples:
  pushgate sync --dry-run   only tell what would change
  pushgate sync --project PRJ

Environment: BITBUCKET_HOST, BITBUCKET_USERNAME, BITBUCKET_PASSWORD, \
PORT_CLIENT_ID and PORT_CLIENT_SECRET say where and as whom, as they do for \
Port's script, or the configuration does. A sweep that was interrupted goes on \
where it was: a repository whose tip is known costs one request.

Exit codes: 0 all is as it should be; 1 documents on default branches are wrong; \
2 wrong use; 3 something could not be read or delivered.";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A summary for people
    #[default]
    Human,
    /// For programs: one JSON object
    Json,
}

/// What keeps `sync` from beginning.
#[derive(Debug, Error, Diagnostic)]
enum SyncError {
    #[error("no Bitbucket Server is named")]
    #[diagnostic(help(
        "set BITBUCKET_HOST with BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or BITBUCKET_SERVER_ADDRESS with BITBUCKET_SERVER_TOKEN, or `bitbucket:` in the configuration"
    ))]
    NoServer,
    #[error("`--project` names no project")]
    #[diagnostic(help(
        "write a project's key behind it; without the option those of BITBUCKET_PROJECTS_FILTER are swept, else all"
    ))]
    NoProject,
    #[error("`--repository {0}`: a sweep goes through whole projects")]
    #[diagnostic(help("name its project: `--project {}`", .0.project()))]
    OneRepository(RepositoryName),
    #[error("Port's credentials are missing")]
    #[diagnostic(help(
        "set PORT_CLIENT_ID and PORT_CLIENT_SECRET, or `port.client_id_file` and `port.client_secret_file` in the configuration; with `--dry-run` they are not needed"
    ))]
    NoCredentials,
    #[error("the result can't be read again, or not be written: {}", io_reason(.0))]
    #[diagnostic(help(
        "make room in the folder for temporary files, or name another one in TMPDIR"
    ))]
    Journal(io::Error),
}

/// Sweeps and prints.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let environment = &invocation.environment;
    if let Some(name) = &invocation.repository {
        return Err(CommandError::usage(SyncError::OneRepository(name.clone())));
    }
    // A key that is empty, of a variable that is not set, must not mean all projects.
    let named = &arguments.project;
    if !named.is_empty() && named.iter().all(|key| key.trim().is_empty()) {
        return Err(CommandError::usage(SyncError::NoProject));
    }
    let config = invocation.load_config(Place::Server)?;
    let client = config
        .bitbucket(environment)?
        .ok_or_else(|| CommandError::usage(SyncError::NoServer))?;
    let blueprints = config.blueprints(Place::Server, environment);
    let fingerprint = fingerprint::of(&config, blueprints.as_ref());
    let checker = config
        .checker_with(blueprints)
        .map_err(CommandError::usage)?;
    let filter = environment.get(BITBUCKET_PROJECTS_FILTER);
    let projects = match arguments.project.as_slice() {
        [] => Projects::of(filter.unwrap_or_default().split(',')),
        keys => Projects::of(keys.iter().map(String::as_str)),
    };
    let command = Command {
        invocation,
        arguments,
        purpose: match (arguments.dry_run, config.port.deliver) {
            (true, _) => Purpose::Plan,
            (false, DeliverToPort::Never) => Purpose::Check,
            (false, _) => Purpose::Deliver,
        },
        projects,
        client,
        checker,
        fingerprint,
        config,
    };
    let (journal, summary) = command.sweep()?;
    command.print(journal, &summary)
}

struct Command<'a> {
    invocation: &'a Invocation,
    arguments: &'a Arguments,
    purpose: Purpose,
    projects: Projects,
    client: bitbucket::Client,
    checker: Checker,
    fingerprint: Fingerprint,
    config: Config,
}

impl Command<'_> {
    fn sweep(&self) -> Result<(Journal, Summary), CommandError> {
        interrupted::explain(self.purpose)
            .map_err(|_| CommandError::internal("listening to signals"))?;
        let progress = Progress::begin(self.server(), &self.projects, self.purpose);
        if self.purpose == Purpose::Plan {
            let store = || {
                self.config
                    .delivered_elsewhere(&self.invocation.environment)
            };
            let mut desk = self.desk(None, store(), BTreeSet::new())?;
            self.read(store(), BTreeSet::new(), &mut desk, &progress, &mut |_| {
                Ok(())
            })?;
            desk.end(&self.projects, self.prune()).map_err(failure)?;
            progress.end();
            return Ok(desk.close());
        }
        let outbox = self
            .config
            .outbox(&self.invocation.environment)
            .map_err(CommandError::failure)?;
        let remotes = self.remotes()?;
        let workers = self.config.delivery.workers;
        let express = match &remotes.port {
            Some(port) if outbox.is_in_folder() => Some(
                Express::new(&outbox, port, workers.max(CARRIERS))
                    .map_err(CommandError::failure)?,
            ),
            _ => None,
        };
        let settings = Settings {
            poll: POLL,
            // Where nothing travels by express, they are all that there are.
            workers: match express {
                Some(_) => workers,
                None => workers.max(CARRIERS),
            },
            ..equipment::settings(&self.config)
        };
        // Open to the end: who opens it last would put all in its place again.
        let mut store = outbox.store().map_err(CommandError::failure)?;
        // A push may have moved a branch on, and its hook may have delivered it already.
        let branches = BranchTips {
            kinds: self.checker.kinds(),
            bitbucket: Some(&self.client),
        };
        let tips = SweptTips::new(&branches);
        let delivering = Delivering::new(&outbox, &remotes, &settings, &tips, express);
        std::thread::scope(|scope| {
            let working = remotes
                .port
                .is_some()
                .then(|| scope.spawn(|| delivering.work()));
            let swept = self.deliver(&outbox, &delivering, &tips, &progress);
            delivering.stop();
            let worked = working.map_or(Ok(()), |working| {
                working
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            progress.end();
            let (journal, mut summary) = swept?;
            worked.map_err(CommandError::failure)?;
            // Not before all have ended: what has left the outbox may not have been told of yet.
            if self.purpose == Purpose::Deliver {
                delivering
                    .conclude(&mut store, &self.projects, &mut summary)
                    .map_err(CommandError::failure)?;
            }
            for warning in &delivering.news().warnings {
                progress.warn(warning);
            }
            Ok((journal, summary))
        })
    }

    fn deliver(
        &self,
        outbox: &Outbox,
        delivering: &Delivering<'_>,
        tips: &SweptTips<'_>,
        progress: &Progress,
    ) -> Result<(Journal, Summary), CommandError> {
        let store = || outbox.store().map_err(CommandError::failure);
        let mut watched = store()?;
        let refused = watched.refused_by_port().map_err(CommandError::failure)?;
        let mut desk = self
            .desk(Some(tips), Some(store()?), refused.clone())?
            .with_express(delivering.express());
        self.read(
            Some(store()?),
            refused,
            &mut desk,
            progress,
            &mut |_| match self.purpose {
                Purpose::Deliver => delivering.make_room(&mut watched),
                Purpose::Plan | Purpose::Check => Ok(()),
            },
        )?;
        desk.end(&self.projects, self.prune()).map_err(failure)?;
        if self.purpose == Purpose::Deliver {
            progress.delivers();
            let deadline = moment_after(Duration::from_secs(self.arguments.deadline));
            delivering
                .drain(&mut watched, deadline)
                .map_err(CommandError::failure)?;
        }
        Ok(desk.close())
    }

    fn desk<'t>(
        &self,
        tips: Option<&'t SweptTips<'t>>,
        store: Option<Store>,
        refused: BTreeSet<crate::repository::RepositoryName>,
    ) -> Result<Desk<'t>, CommandError> {
        let rules = Rules {
            purpose: self.purpose,
            plan: crate::catalog::PlanOptions {
                delete: self.config.port.delete,
                ..equipment::settings(&self.config).plan
            },
            owners: self.config.owners(),
            branch: self.config.port.branch.clone(),
            fingerprint: self.fingerprint.clone(),
            show: printed::show,
        };
        let sweep = Sweep {
            server: self.server().to_owned(),
            began: Timestamp::now(),
        };
        Desk::new(rules, tips, sweep, store, refused).map_err(failure)
    }

    fn read(
        &self,
        store: Option<Store>,
        refused: BTreeSet<crate::repository::RepositoryName>,
        desk: &mut Desk<'_>,
        progress: &Progress,
        after: &mut dyn FnMut(&Summary) -> Result<(), OutboxError>,
    ) -> Result<(), CommandError> {
        let listed = AtomicUsize::new(0);
        let run = Run {
            listed: &listed,
            client: &self.client,
            projects: &self.projects,
            checker: &self.checker,
            branch: self.config.port.branch.as_deref(),
            fingerprint: &self.fingerprint,
            concurrency: self
                .arguments
                .concurrency
                .unwrap_or(self.client.concurrency()),
        };
        let memory = Memory {
            store,
            server: self.server().to_owned(),
            refused,
        };
        let take = |steps| {
            for entry in desk.take(steps)? {
                progress.tell(&entry, listed.load(Ordering::Relaxed));
            }
            after(&desk.summary)?;
            Ok(())
        };
        run.sweep(memory, take).map_err(failure)?;
        progress.listed();
        Ok(())
    }

    /// Port, where this process delivers to it.
    fn remotes(&self) -> Result<Remotes, CommandError> {
        let mut remotes = Remotes::default();
        if self.purpose == Purpose::Deliver {
            let http = self.config.http_client().map_err(CommandError::usage)?;
            remotes.port =
                equipment::port(&self.config, &self.invocation.environment, &http)?.map(Arc::new);
            // Somebody else delivers where the operator says so.
            if remotes.port.is_none() && self.config.port.deliver != DeliverToPort::Always {
                return Err(CommandError::usage(SyncError::NoCredentials));
            }
        }
        Ok(remotes)
    }

    fn server(&self) -> &str {
        self.client.address().as_str()
    }

    fn prune(&self) -> Prune {
        if self.arguments.prune {
            Prune::Gone
        } else {
            Prune::Nothing
        }
    }
}

fn failure(error: DeskError) -> CommandError {
    CommandError::failure(error)
}
