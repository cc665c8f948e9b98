//! `pushgate compile`: has a commit built that no push brings, or builds it again.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use super::delivering::{self, Courier};
use super::{CommandError, ExitStatus, Invocation, build_target, output};
use crate::config::{AfterPush, BranchPattern, Config, Place};
use crate::environment;
use crate::git::{CommitId, ObjectId};
use crate::outbox::{
    BuildJob, BuildTarget, Delivery, DeliveryId, Job, Outbox, State, Status, System,
};
use crate::report::Remote;
use crate::repository::RepositoryName;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long after a delivering process has left the work to another one the next is started.
const SEND_AGAIN: Duration = Duration::from_millis(500);

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
    let mut waiting = Waiting {
        invocation,
        state: &state,
        outbox: &outbox,
        ids: &ids,
        insists: arguments.wait,
        child: None,
        courier: Courier::Elsewhere,
        has_algorithmia: config
            .algorithmia_settings(&invocation.environment)?
            .is_some(),
    };
    if config.delivery.after_push != AfterPush::None {
        waiting.send();
    }
    waiting.until_ended(if arguments.wait {
        Duration::from_secs(arguments.deadline)
    } else if waiting.courier == Courier::OnTheWay {
        config.delivery.wait
    } else {
        Duration::ZERO
    })?;
    waiting.say()
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
            let target = build_target::of_build(build);
            (build.algorithm.to_string(), build.branch.clone(), target)
        })
        .collect();
    for trigger in config.triggers.iter().filter(|one| one.serves(repository)) {
        let target = build_target::of_trigger(trigger);
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

/// Who waits for the builds.
struct Waiting<'a> {
    invocation: &'a Invocation,
    state: &'a Path,
    outbox: &'a Outbox,
    ids: &'a [DeliveryId],
    /// Whether it waits for the end; who does not waits a little for the first try.
    insists: bool,
    /// The process that delivers.
    child: Option<Child>,
    courier: Courier,
    has_algorithmia: bool,
}

impl Waiting<'_> {
    fn send(&mut self) {
        self.child = delivering::start(self.invocation, self.state).ok();
        self.courier = match self.child {
            Some(_) => Courier::OnTheWay,
            None => Courier::Missing,
        };
    }

    /// Waits until all have left the outbox or were refused, or nobody goes on trying.
    fn until_ended(&mut self, time: Duration) -> Result<(), CommandError> {
        let end = Instant::now().checked_add(time);
        let mut store = None;
        loop {
            let mut open = false;
            let mut untried = false;
            for id in self.ids {
                let status = self
                    .outbox
                    .status_in(&mut store, id)
                    .map_err(CommandError::failure)?;
                if let Status::Pending(delivery) = status {
                    let waits = delivery.state == State::Waiting;
                    open |= waits && (self.insists || delivery.attempts == 0);
                    untried |= waits && delivery.attempts == 0 && self.is_possible(&delivery.job);
                }
            }
            if !open || end.is_some_and(|end| Instant::now() >= end) {
                return Ok(());
            }
            if let Some(ended) = self.child.as_mut().and_then(|child| child.try_wait().ok()?) {
                // Another process had the work; only if it has left ours is a new one of use.
                if !ended.success() && !untried {
                    return Ok(());
                }
                std::thread::sleep(SEND_AGAIN);
                self.send();
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Whether this machine's configuration knows how to carry it out.
    fn is_possible(&self, job: &Job) -> bool {
        self.has_algorithmia || job.system() != System::Algorithmia
    }

    /// What became of them. What waits is durable, and only who waited for it is told of a failure.
    fn say(&self) -> Result<ExitStatus, CommandError> {
        let mut ending = ExitStatus::Fine;
        let mut store = None;
        for id in self.ids {
            let status = self
                .outbox
                .status_in(&mut store, id)
                .map_err(CommandError::failure)?;
            match status {
                Status::Finished(receipt) => {
                    output::out(&format!("{}: {}\n", receipt.job, receipt.ending));
                }
                Status::Pending(delivery) => {
                    let refused = delivery.state != State::Waiting;
                    if refused || self.insists {
                        ending = ExitStatus::Failure;
                    }
                    let (what, outlook) = if refused {
                        ("refused", format!("delivery {id}: `pushgate outbox retry`"))
                    } else {
                        (
                            "not yet",
                            format!("delivery {id}: {}", self.courier.outlook()),
                        )
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
                    if !self.is_possible(&delivery.job) {
                        text.help(
                            "Algorithmia is not configured here: set ALGORITHMIA_API and \
                         ALGORITHMIA_API_KEY, or `algorithmia.api` and `algorithmia.api_key_file`",
                        );
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
}
