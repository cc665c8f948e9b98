//! `pushgate hook post-receive`: what the accepted push declares goes into the outbox.

use std::time::{Duration, Instant};

use super::{HookInput, port_branch, repository_name};
use crate::algorithmia::AlgorithmRef;
use crate::catalog::DesiredState;
use crate::check::Checker;
use crate::cli::delivering::{self, Courier};
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::config::{AfterPush, Config, Place};
use crate::declared::declared;
use crate::git::{
    CommitId, HookEnvironment, ObjectStore, Peeled, ReadError, RefName, RefUpdate, Repository,
};
use crate::outbox::{BuildJob, CatalogJob, Delivery, DeliveryId, Job, Outbox};
use crate::report::{Remote, counted};
use crate::repository::RepositoryName;

/// How often the outbox is looked at while the hook waits.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What a push leads to, and what has to be said of it.
#[derive(Default)]
struct Harvest {
    jobs: Vec<Job>,
    remarks: Vec<String>,
}

/// Writes the jobs of the push on standard input, and waits a little for their delivery.
pub(in crate::cli) fn run(invocation: &Invocation) -> Result<ExitStatus, CommandError> {
    let updates = match HookInput::read(&invocation.environment)? {
        HookInput::NothingToDo => return Ok(ExitStatus::Fine),
        HookInput::Updates(updates) => updates,
    };
    if updates
        .iter()
        .all(|update| matches!(update, RefUpdate::Deleted { .. }))
    {
        return Ok(ExitStatus::Fine);
    }
    let config = invocation.load_config(Place::Server)?;
    let to_port = config.delivers_to_port(&invocation.environment);
    if !to_port && config.algorithmia.builds.is_empty() {
        return Ok(ExitStatus::Fine);
    }
    let environment = HookEnvironment::from_process().map_err(super::no_directory)?;
    let store = Repository::open(&environment).map_err(CommandError::failure)?;
    let name = repository_name(invocation, store.directory())
        .ok_or_else(|| CommandError::usage(super::HookError::NoName))?;
    let checker = config.checker().map_err(CommandError::usage)?;
    let mut harvest = Harvest::default();
    if to_port {
        catalog(&store, &checker, &config, &updates, &mut harvest)
            .map_err(CommandError::failure)?;
    }
    builds(&store, &config, &name, &updates, &mut harvest)?;
    deliver(invocation, &config, &name, harvest)
}

/// The desired state of the branch that goes to Port, where the push moved it.
fn catalog(
    store: &dyn ObjectStore,
    checker: &Checker,
    config: &Config,
    updates: &[RefUpdate],
    harvest: &mut Harvest,
) -> Result<(), ReadError> {
    let Some(branch) = port_branch(config, store)? else {
        return Ok(());
    };
    let moved = updates.iter().find(|update| *update.name() == branch);
    let Some((update, pushed)) = moved.and_then(|update| Some((update, update.new_id()?))) else {
        return Ok(());
    };
    let Some(pushed) = commit(store, pushed)? else {
        return Ok(());
    };
    // Another push may have moved the branch on already: its tip is what Port has to agree with.
    let tip = match store.reference(&branch)? {
        Some(id) => commit(store, &id)?.unwrap_or(pushed),
        None => pushed,
    };
    let old = match update.old() {
        Some(old) => commit(store, old)?,
        None => None,
    };
    let read = |commit: &CommitId| declared(store, commit, checker.kinds(), checker.limits());
    let now = read(&tip)?;
    let desired = match now.state {
        Ok(state) => state,
        Err(undetermined) => {
            harvest.remarks.push(format!(
                "nothing goes to Port: {}: {}; push a mended one",
                undetermined.file, undetermined.reason
            ));
            return Ok(());
        }
    };
    for file in now.unresolved {
        harvest.remarks.push(format!(
            "{}: property `{}` stays as Port has it: {}",
            file.file, file.property, file.reason
        ));
    }
    let before = match &old {
        Some(old) => read(old)?.state,
        None => Ok(DesiredState::default()),
    };
    let previous = match before {
        Ok(before) if before == desired => return Ok(()),
        Ok(before) => before.keys().cloned().collect(),
        Err(undetermined) => {
            harvest.remarks.push(format!(
                "nothing is deleted in Port, since what the commit before declared can't be told: {}: {}",
                undetermined.file, undetermined.reason
            ));
            Vec::new()
        }
    };
    harvest.jobs.push(Job::Catalog(CatalogJob {
        ref_name: branch.as_str().to_owned(),
        old,
        new: tip,
        desired: desired.entities().cloned().collect(),
        previous,
        delete: config.port.delete,
    }));
    Ok(())
}

/// The builds whose repository and branch the push matches.
fn builds(
    store: &dyn ObjectStore,
    config: &Config,
    name: &RepositoryName,
    updates: &[RefUpdate],
    harvest: &mut Harvest,
) -> Result<(), CommandError> {
    for build in config
        .algorithmia
        .builds
        .iter()
        .filter(|build| build.repository == *name)
    {
        let branch = match &build.branch {
            Some(branch) => Some(RefName::of_branch(branch)),
            None => store.default_branch().map_err(CommandError::failure)?,
        };
        let moved = updates
            .iter()
            .find(|update| Some(update.name()) == branch.as_ref());
        let Some((update, id)) = moved.and_then(|update| Some((update, update.new_id()?))) else {
            continue;
        };
        if let Some(commit) = commit(store, id).map_err(CommandError::failure)? {
            let algorithm: AlgorithmRef = build.algorithm.parse().map_err(CommandError::usage)?;
            harvest.jobs.push(Job::Build(BuildJob {
                branch: update.name().branch().unwrap_or_default().to_owned(),
                commit,
                algorithm,
                ssh_key_file: build.ssh_key_file.clone(),
            }));
        }
    }
    Ok(())
}

fn commit(
    store: &dyn ObjectStore,
    id: &crate::git::ObjectId,
) -> Result<Option<CommitId>, ReadError> {
    Ok(match store.peel(id)? {
        Peeled::Commit(commit) => Some(commit),
        Peeled::NotACommit { .. } => None,
    })
}

/// Makes the jobs durable, has them delivered, and says what became of them.
fn deliver(
    invocation: &Invocation,
    config: &Config,
    name: &RepositoryName,
    harvest: Harvest,
) -> Result<ExitStatus, CommandError> {
    let mut text = Remote::new();
    let said = |what: &str| format!("pushgate {}: {what}", env!("CARGO_PKG_VERSION"));
    for remark in &harvest.remarks {
        text.line(&said(remark));
    }
    if harvest.jobs.is_empty() {
        output::err(&text.finish());
        return Ok(ExitStatus::Fine);
    }
    let started = Instant::now();
    let state = config.state_folder(&invocation.environment)?;
    let outbox = Outbox::open(&state).map_err(CommandError::failure)?;
    let mut ids: Vec<DeliveryId> = Vec::new();
    for job in harvest.jobs {
        let delivery = Delivery::new(name.clone(), job);
        ids.push(outbox.put(&delivery).map_err(CommandError::failure)?);
    }
    let courier = match config.delivery.after_push {
        AfterPush::None => Courier::Elsewhere,
        AfterPush::Wait | AfterPush::Detach => delivering::send(invocation, &state),
    };
    let wait = match config.delivery.after_push {
        AfterPush::Wait if courier == Courier::OnTheWay => config.delivery.wait,
        _ => Duration::ZERO,
    };
    let mut news = delivering::news(&outbox, &ids);
    while news.may_change_within(wait.saturating_sub(started.elapsed())) {
        std::thread::sleep(LOOK_EVERY);
        news = delivering::news(&outbox, &ids);
    }
    for line in &news.lines {
        text.line(&said(&line.text));
        if let Some(help) = &line.help {
            text.help(help);
        }
    }
    if news.open() > 0 {
        let waiting = counted(news.open(), "delivery").replace("deliverys", "deliveries");
        text.line(&said(&format!("{waiting} queued; {}", courier.outlook())));
    }
    output::err(&text.finish());
    Ok(ExitStatus::Fine)
}
