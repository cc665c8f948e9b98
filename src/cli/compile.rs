//! `pushgate compile`: has a commit built that no push brings, or builds it again.

mod dry_run;
mod follow;
mod jobs;
mod waiting;

use std::time::{Duration, Instant};

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use self::follow::Follower;
use self::jobs::Only;
use self::waiting::Waiting;
use super::algorithmia::Trying;
use super::delivering::Courier;
use super::{CommandError, ExitStatus, Invocation};
use crate::algorithmia::{SshKey, SshKeyFault};
use crate::config::{AfterPush, Config, Place};
use crate::environment;
use crate::git::{CommitId, ObjectId};
use crate::outbox::{BuildJob, BuildTarget, Delivery, DeliveryId, Job};
use crate::repository::RepositoryName;

/// The arguments of `compile`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The commit, all 40 or 64 digits of it
    #[arg(long, value_name = "SHA")]
    sha: String,
    /// Only this trigger, or this algorithm [default: all that build the repository]
    #[arg(long, value_name = "NAME", conflicts_with = "algorithm")]
    trigger: Option<String>,
    /// Only this algorithm, by its name or its id; also one that the repository's algorithmia.conf
    /// may name
    #[arg(long, value_name = "OWNER/NAME")]
    algorithm: Option<String>,
    /// The branch that the trigger is told of [default: the one that the configuration names]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Wait until Algorithmia has built the commit, or could not; until any other service has taken
    /// or refused it
    ///
    /// The end of a build on Algorithmia is awaited by its commit; if it fails, the end of its log is
    /// shown. Jenkins, TeamCity, Bamboo and other triggers only say whether they take the commit.
    /// Ends with 0 if all went well, with 3 if something failed or was not over in time.
    #[arg(long, conflicts_with = "dry_run")]
    wait: bool,
    /// How long to wait at most
    #[arg(
        long,
        visible_alias = "deadline",
        value_name = "SECONDS",
        default_value_t = 600,
        requires = "wait"
    )]
    timeout: u64,
    #[command(flatten)]
    trying: Trying,
}

#[derive(Debug, Error, Diagnostic)]
enum CompileError {
    #[error("which repository?")]
    #[diagnostic(help("pass `--repository PROJECT/slug`, or set PUSHGATE_REPOSITORY"))]
    NoRepository,
    #[error("`{0}` is no commit's id")]
    #[diagnostic(help("write all of it: `git rev-parse BRANCH` prints it"))]
    NoCommit(String),
    #[error("nothing builds {0}")]
    #[diagnostic(help(
        "name the repository under `triggers` or `algorithmia.builds` in the configuration; what \
         only `algorithmia.conf` names is built by a push, or if `--algorithm` names it"
    ))]
    NothingBuilds(RepositoryName),
    #[error("`{name}` does not build {repository}")]
    #[diagnostic(help("{}", .known))]
    UnknownTrigger {
        name: String,
        repository: RepositoryName,
        known: String,
    },
}

/// Puts the builds into the outbox, has them carried out, and says what became of them.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let config = invocation.load_config(Place::Server)?;
    let repository = repository(invocation)?;
    let jobs = asked_for(arguments, &config, &repository)?;
    let algorithmia = config.algorithmia_settings(&invocation.environment)?;
    let has_algorithmia = algorithmia.is_some();
    if has_algorithmia && config.delivery.after_push != AfterPush::None {
        check_keys(&jobs)?;
    }
    if arguments.trying.dry_run {
        return dry_run::show(invocation, &config, &repository, &jobs);
    }
    let state = config.state_folder(&invocation.environment)?;
    let outbox = config
        .outbox(&invocation.environment)
        .map_err(CommandError::failure)?;
    let end = Instant::now().checked_add(Duration::from_secs(arguments.timeout));
    let mut follower = None;
    if let Some(settings) = algorithmia.filter(|_| arguments.wait) {
        let client = super::algorithmia::client_with(&config, settings)?;
        follower = Some(Follower::new(client, &jobs, end));
    }
    let mut asked: Vec<(DeliveryId, BuildJob)> = Vec::new();
    for job in jobs {
        let delivery = Delivery::new(repository.clone(), Job::Build(job.clone()));
        let id = outbox.put(&delivery).map_err(CommandError::failure)?;
        asked.push((id, job));
    }
    let mut waiting = Waiting {
        invocation,
        state: &state,
        outbox: &outbox,
        asked: &asked,
        insists: arguments.wait,
        child: None,
        courier: Courier::Elsewhere,
        has_algorithmia,
    };
    if config.delivery.after_push != AfterPush::None {
        waiting.send();
    }
    let until = if arguments.wait {
        end
    } else if waiting.courier == Courier::OnTheWay {
        Instant::now().checked_add(config.delivery.wait)
    } else {
        Some(Instant::now())
    };
    waiting.until_ended(until)?;
    let said = waiting.say()?;
    let mut ending = said.ending;
    if let Some(follower) = &follower {
        for job in said.taken {
            ending = worse(ending, follower.follow(job, end));
        }
    }
    Ok(ending)
}

/// The builds that the command line asks for; never none.
fn asked_for(
    arguments: &Arguments,
    config: &Config,
    repository: &RepositoryName,
) -> Result<Vec<BuildJob>, CommandError> {
    let commit: ObjectId = arguments
        .sha
        .to_ascii_lowercase()
        .parse()
        .map_err(|_| CommandError::usage(CompileError::NoCommit(arguments.sha.clone())))?;
    let algorithm = arguments
        .algorithm
        .as_deref()
        .map(super::algorithmia::value_of)
        .transpose()?;
    let only = match (&arguments.trigger, algorithm) {
        (Some(name), _) => Only::Named(name.clone()),
        (None, Some(algorithm)) => Only::Algorithm(algorithm),
        (None, None) => Only::All,
    };
    let branch = arguments.branch.as_deref();
    jobs::asked_for(config, repository, &CommitId(commit), &only, branch)
        .map_err(CommandError::usage)
}

/// The one that scripts have to hear of.
fn worse(one: ExitStatus, other: ExitStatus) -> ExitStatus {
    match one {
        ExitStatus::Fine => other,
        _ => one,
    }
}

fn repository(invocation: &Invocation) -> Result<RepositoryName, CommandError> {
    let variable = || {
        let name = invocation.environment.get(environment::REPOSITORY)?;
        name.parse().ok()
    };
    invocation
        .repository
        .clone()
        .or_else(variable)
        .ok_or_else(|| CommandError::usage(CompileError::NoRepository))
}

/// A key that is of no use is told of now: whoever asks for a build can mend it. One that this user
/// may not read may be another's who delivers.
fn check_keys(jobs: &[BuildJob]) -> Result<(), CommandError> {
    for job in jobs {
        if let BuildTarget::Algorithmia { ssh_key_file, .. } = &job.target
            && let Err(error) = SshKey::read(ssh_key_file)
            && !matches!(error.fault, SshKeyFault::Unreadable(_))
        {
            return Err(CommandError::usage(error));
        }
    }
    Ok(())
}
