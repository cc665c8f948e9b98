//! `pushgate hook post-receive`: what the accepted push declares goes into the outbox.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{HookError, HookInput, record, repository_name};
use crate::cli::delivering::{self, Courier, News};
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::config::{AfterPush, Config, Place};
use crate::environment::BB_PROJECT_KEY;
use crate::git::{
    HookEnvironment, NoRepository, ObjectStore as _, OpenError, ReadError, RefUpdate, Repository,
};
use crate::origin::{ByRest, OnDisk, Origin};
use crate::outbox::{Delivery, DeliveryId, Job, Outbox};
use crate::pushed::{Entities, WhenUnread, builds};
use crate::report::Remote;
use crate::repository::RepositoryName;
use crate::verdicts::Hook;

/// How often the outbox is looked at while the hook waits.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long Bitbucket may take to tell what was pushed; whoever delivers asks it again.
const REST_PATIENCE: Duration = Duration::from_secs(10);

/// Writes the jobs of the push on standard input, and waits a little for their delivery.
pub(in crate::cli) fn run(invocation: &Invocation) -> Result<ExitStatus, CommandError> {
    let mut updates = match HookInput::read(&invocation.environment)? {
        HookInput::Nothing | HookInput::NothingToDo => return Ok(ExitStatus::Fine),
        HookInput::Updates(updates) => updates,
    };
    let config = invocation.load_config(Place::Server)?;
    let environment = HookEnvironment::from_process().map_err(super::no_directory)?;
    look_for_verdicts(invocation, &config, &environment, &updates);
    let to_port = config.delivers_to_port(&invocation.environment);
    if !to_port && !builds::are_configured(&config) {
        return Ok(ExitStatus::Fine);
    }
    let store = Repository::open(&environment);
    if let Ok(store) = &store {
        let moved = behind(store, &updates).map_err(CommandError::failure)?;
        updates.extend(moved);
    }
    let push = Push {
        invocation,
        config: &config,
        updates: &updates,
        to_port,
    };
    match store {
        Ok(store) => {
            let name = repository_name(invocation, store.directory());
            push.put(&OnDisk(&store), name.as_ref())
        }
        Err(OpenError::NoRepository(nowhere @ NoRepository::Nowhere { .. })) => {
            push.by_rest(nowhere)
        }
        Err(error) => Err(CommandError::failure(error)),
    }
}

/// What moved where a symbolic ref was pushed to: git names only that one.
fn behind(store: &Repository, updates: &[RefUpdate]) -> Result<Vec<RefUpdate>, ReadError> {
    let mut moved = Vec::new();
    for update in updates.iter().filter(|update| update.new_id().is_some()) {
        let name = store.moves(update.name())?;
        if name != *update.name() {
            moved.push(update.of(name));
        }
    }
    Ok(moved)
}

/// An accepted push that leads to jobs.
struct Push<'a> {
    invocation: &'a Invocation,
    config: &'a Config,
    updates: &'a [RefUpdate],
    to_port: bool,
}

impl Push<'_> {
    /// Reads what was pushed by Bitbucket's REST API, where the hook is told no repository.
    fn by_rest(&self, nowhere: NoRepository) -> Result<ExitStatus, CommandError> {
        let name = super::told_name(self.invocation);
        let Some(client) = self.config.bitbucket(&self.invocation.environment)? else {
            let on_bitbucket = self.invocation.environment.get(BB_PROJECT_KEY).is_some();
            return Err(CommandError::failure(if on_bitbucket {
                HookError::NoBitbucket
            } else {
                HookError::Nowhere(nowhere)
            }));
        };
        let client = client.until(Instant::now().checked_add(REST_PATIENCE));
        let Some(repository) = &name else {
            return Err(CommandError::usage(HookError::NoName));
        };
        let origin = ByRest {
            client: &client,
            repository,
        };
        self.put(&origin, name.as_ref())
    }

    /// Makes the jobs durable, has them delivered, and says what became of them.
    fn put(
        &self,
        origin: &dyn Origin,
        name: Option<&RepositoryName>,
    ) -> Result<ExitStatus, CommandError> {
        let name = name.ok_or_else(|| CommandError::usage(HookError::NoName))?;
        let kinds = self.config.kinds().map_err(CommandError::usage)?;
        let mut desk = Desk::new(self.invocation, self.config, name)?;
        if self.to_port
            && let Some(entities) =
                Entities::of(origin, &kinds, self.config, self.updates, WhenUnread::Later)?
        {
            let mut remarks = Vec::new();
            entities.put(&mut remarks, |job| desk.put(Job::Catalog(job)))?;
            desk.remarks = remarks;
        }
        let remarks = &mut desk.remarks;
        let unread = match builds::of_push(origin, self.config, name, self.updates, remarks) {
            Ok(jobs) => {
                for job in jobs {
                    desk.put(Job::Build(job))?;
                }
                None
            }
            // What goes to Port is durable and does not wait for it.
            Err(error) => Some(error),
        };
        let delivered = desk.deliver()?;
        unread.map_or(Ok(delivered), |error| {
            Err(CommandError::failure(HookError::NotBuilt(error)))
        })
    }
}

/// Writes the push down, and says where the gate has not judged it: a server whose pre-receive hooks
/// are switched off accepts everything and tells nobody.
fn look_for_verdicts(
    invocation: &Invocation,
    config: &Config,
    environment: &HookEnvironment,
    updates: &[RefUpdate],
) {
    let directory = environment.locate().unwrap_or_default();
    let Some(name) = repository_name(invocation, &directory) else {
        return;
    };
    let unjudged = record::without_verdict(invocation, config, &name, updates);
    record::note(invocation, config, Some(&name), Hook::PostReceive, updates);
    if let Some(first) = unjudged.first() {
        let others = match unjudged.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let mut text = Remote::new();
        text.line(&format!(
            "pushgate {}: warning: {}{others} moved without a verdict of the gate",
            env!("CARGO_PKG_VERSION"),
            first.name()
        ));
        text.help("tell the server's administrator: `pushgate bitbucket hooks status` and `pushgate doctor` show why the pre-receive hook did not run");
        output::err(&text.finish());
    }
}

/// Where the jobs of one push are made durable and seen off.
struct Desk<'a> {
    invocation: &'a Invocation,
    config: &'a Config,
    name: &'a RepositoryName,
    state: PathBuf,
    /// Opened with the first job: a push that leads to none leaves no trace.
    outbox: Option<Outbox>,
    ids: Vec<DeliveryId>,
    remarks: Vec<String>,
    started: Instant,
}

impl<'a> Desk<'a> {
    fn new(
        invocation: &'a Invocation,
        config: &'a Config,
        name: &'a RepositoryName,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            invocation,
            config,
            name,
            state: config.state_folder(&invocation.environment)?,
            outbox: None,
            ids: Vec::new(),
            remarks: Vec::new(),
            started: Instant::now(),
        })
    }

    fn put(&mut self, job: Job) -> Result<(), CommandError> {
        let outbox = match self.outbox.take() {
            Some(outbox) => outbox,
            None => self
                .config
                .outbox(&self.invocation.environment)
                .map_err(CommandError::failure)?,
        };
        let delivery = Delivery::new(self.name.clone(), job);
        let id = outbox.put(&delivery).map_err(CommandError::failure)?;
        self.ids.push(id);
        self.outbox = Some(outbox);
        Ok(())
    }

    /// Has the jobs delivered, waits a little, and says what became of them.
    fn deliver(self) -> Result<ExitStatus, CommandError> {
        let mut text = Remote::new();
        let said = |what: &str| format!("pushgate {}: {what}", env!("CARGO_PKG_VERSION"));
        for remark in &self.remarks {
            text.line(&said(remark));
        }
        if let Some(outbox) = &self.outbox {
            let (news, courier) = self.wait(outbox);
            for line in &news.lines {
                text.line(&said(&line.text));
                if let Some(help) = &line.help {
                    text.help(help);
                }
            }
            if news.open() > 0 {
                let waiting = match news.open() {
                    1 => "1 delivery".to_owned(),
                    count => format!("{count} deliveries"),
                };
                text.line(&said(&format!("{waiting} queued; {}", courier.outlook())));
            }
        }
        output::err(&text.finish());
        Ok(ExitStatus::Fine)
    }

    fn wait(&self, outbox: &Outbox) -> (News, Courier) {
        let after_push = self.config.delivery.after_push;
        let courier = match after_push {
            AfterPush::None => Courier::Elsewhere,
            AfterPush::Wait | AfterPush::Detach => delivering::send(self.invocation, &self.state),
        };
        let wait = match after_push {
            AfterPush::Wait if courier == Courier::OnTheWay => self.config.delivery.wait,
            _ => Duration::ZERO,
        };
        let mut store = None;
        let mut news = delivering::news(outbox, &mut store, &self.ids);
        while news.may_change_within(wait.saturating_sub(self.started.elapsed())) {
            std::thread::sleep(LOOK_EVERY);
            news = delivering::news(outbox, &mut store, &self.ids);
        }
        (news, courier)
    }
}
