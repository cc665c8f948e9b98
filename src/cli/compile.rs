//! `pushgate compile`: has a commit built that no push brings, or builds it again.

use std::time::{Duration, Instant};

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use super::delivering::{self, Courier};
use super::{CommandError, ExitStatus, Invocation, output};
use crate::config::{AfterPush, BranchPattern, Config, Place, Way};
use crate::environment;
use crate::git::{CommitId, ObjectId};
use crate::outbox::{BuildJob, BuildTarget, Delivery, DeliveryId, Job, Outbox, State, Status};
use crate::report::Remote;
use crate::repository::RepositoryName;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The arguments of `compile`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The commit, all 40 or 64 digits of it
    #[arg(long, value_name = "SHA")]
    sha: String,
    /// Only this trigger, or this algorithm [default: all that build the repository]
    #[arg(long, value_name = "NAME")]
    trigger: Option<String>,
    /// The branch that the trigger is told of [default: the one that the configuration names]
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Wait until every build was taken or refused
    #[arg(long)]
    wait: bool,
    /// How long to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "wait")]
    deadline: u64,
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
         only `algorithmia.conf` names is built by a push"
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
    let commit: ObjectId = arguments
        .sha
        .to_ascii_lowercase()
        .parse()
        .map_err(|_| wrong(CompileError::NoCommit(arguments.sha.clone())))?;
    let jobs = jobs(&config, &repository, &CommitId(commit), arguments).map_err(wrong)?;
    let state = config.state_folder(&invocation.environment)?;
    let outbox = config
        .outbox(&invocation.environment)
        .map_err(CommandError::failure)?;
    let mut ids = Vec::new();
    for job in jobs {
        let delivery = Delivery::new(repository.clone(), Job::Build(job));
        ids.push(outbox.put(&delivery).map_err(CommandError::failure)?);
    }
    let courier = match config.delivery.after_push {
        AfterPush::None => Courier::Elsewhere,
        AfterPush::Wait | AfterPush::Detach => delivering::send(invocation, &state),
    };
    let time = if arguments.wait {
        Duration::from_secs(arguments.deadline)
    } else if courier == Courier::OnTheWay {
        config.delivery.wait
    } else {
        Duration::ZERO
    };
    await_end(&outbox, &ids, time, arguments.wait)?;
    say(&outbox, &ids, courier, arguments.wait)
}

fn wrong(error: CompileError) -> CommandError {
    CommandError::usage(error)
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
        .ok_or_else(|| wrong(CompileError::NoRepository))
}

/// The builds of a commit that are asked for; never none.
fn jobs(
    config: &Config,
    repository: &RepositoryName,
    commit: &CommitId,
    arguments: &Arguments,
) -> Result<Vec<BuildJob>, CompileError> {
    let builds = config.algorithmia.builds.iter();
    let mut all: Vec<(String, Option<String>, BuildTarget)> = builds
        .filter(|build| build.repository == *repository)
        .map(|build| {
            let target = BuildTarget::Algorithmia {
                algorithm: build.algorithm.clone(),
                ssh_key_file: build.ssh_key_file.clone(),
            };
            (build.algorithm.to_string(), build.branch.clone(), target)
        })
        .collect();
    for trigger in config.triggers.iter().filter(|one| one.serves(repository)) {
        let target = match &trigger.way {
            Way::Call(_) => BuildTarget::Trigger(trigger.name.clone()),
            Way::Algorithmia {
                algorithm,
                ssh_key_file,
            } => BuildTarget::Algorithmia {
                algorithm: algorithm.clone(),
                ssh_key_file: ssh_key_file.clone(),
            },
        };
        let branch = trigger.branch.as_ref().and_then(BranchPattern::only);
        all.push((trigger.name.to_string(), branch.map(str::to_owned), target));
    }
    if all.is_empty() {
        return Err(CompileError::NothingBuilds(repository.clone()));
    }
    if let Some(name) = &arguments.trigger
        && !all.iter().any(|(other, ..)| other == name)
    {
        let known: Vec<String> = all.iter().map(|(name, ..)| format!("`{name}`")).collect();
        return Err(CompileError::UnknownTrigger {
            name: name.clone(),
            repository: repository.clone(),
            known: format!("it is built by {}", known.join(", ")),
        });
    }
    let mut jobs: Vec<BuildJob> = Vec::new();
    for (name, branch, target) in all {
        let is_meant = arguments.trigger.as_ref().is_none_or(|one| *one == name);
        if is_meant && !jobs.iter().any(|job| job.target == target) {
            jobs.push(BuildJob {
                branch: arguments.branch.clone().or(branch),
                commit: commit.clone(),
                target,
                again: true,
            });
        }
    }
    Ok(jobs)
}

/// Waits until all have left the outbox or were refused. Who does not insist does not wait for what
/// failed and is tried again later either.
fn await_end(
    outbox: &Outbox,
    ids: &[DeliveryId],
    time: Duration,
    insists: bool,
) -> Result<(), CommandError> {
    let end = Instant::now().checked_add(time);
    let mut store = None;
    loop {
        let mut open = false;
        for id in ids {
            let status = outbox
                .status_in(&mut store, id)
                .map_err(CommandError::failure)?;
            if let Status::Pending(delivery) = status {
                open |= delivery.state == State::Waiting && (insists || delivery.attempts == 0);
            }
        }
        if !open || end.is_some_and(|end| Instant::now() >= end) {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// What became of them. What waits is durable, and only who waited for it is told of a failure.
fn say(
    outbox: &Outbox,
    ids: &[DeliveryId],
    courier: Courier,
    insists: bool,
) -> Result<ExitStatus, CommandError> {
    let mut ending = ExitStatus::Fine;
    let mut store = None;
    for id in ids {
        let status = outbox
            .status_in(&mut store, id)
            .map_err(CommandError::failure)?;
        match status {
            Status::Finished(receipt) => {
                output::out(&format!("{}: {}\n", receipt.job, receipt.ending));
            }
            Status::Pending(delivery) => {
                let refused = delivery.state != State::Waiting;
                if refused || insists {
                    ending = ExitStatus::Failure;
                }
                let (what, outlook) = if refused {
                    ("refused", format!("delivery {id}: `pushgate outbox retry`"))
                } else {
                    ("not yet", format!("delivery {id}: {}", courier.outlook()))
                };
                let mut text = Remote::new();
                match &delivery.last_problem {
                    Some(problem) => {
                        text.line(&format!("{}: {what}: {}", delivery.job, problem.message));
                        if let Some(help) = &problem.help {
                            text.help(help);
                        }
                    }
                    None => text.line(&format!("{}: {what}", delivery.job)),
                }
                text.line(&outlook);
                output::err(&text.finish());
            }
            Status::Unreadable(file) => {
                ending = ExitStatus::Failure;
                let path = file.path.display();
                output::err(&format!("{path} cannot be read: {}\n", file.reason));
            }
            Status::Unknown => {
                ending = ExitStatus::Failure;
                output::err(&format!("{id}: somebody has removed it from the outbox\n"));
            }
        }
    }
    Ok(ending)
}
