//! What a delivering process works with: the remote systems, how entities are brought to Port, and the
//! blueprints against which the gate holds them.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::{CommandError, Invocation};
use crate::blueprint::{BlueprintFile, BlueprintsError};
use crate::branch_tip::BranchTips;
use crate::catalog::PlanOptions;
use crate::config::{Config, Place, Way};
use crate::delivery::{self, Deadline, Event, Observer, Remotes, Settings, Summary};
use crate::document::Kinds;
use crate::environment::Environment;
use crate::http;
use crate::outbox::{Outbox, OutboxError};
use crate::trigger::TriggerName;
use crate::{algorithmia, bitbucket, port, trigger};

/// How old the server's copy of Port's blueprints may become before it is fetched anew.
const BLUEPRINTS_STALE: Duration = Duration::from_secs(60 * 60);
/// How long fetching them may take.
const BLUEPRINTS_PATIENCE: Duration = Duration::from_secs(30);

/// The blueprints as Port gave them.
type Fetched = Result<Vec<serde_json::Value>, BlueprintsError>;

/// What keeps the blueprints fresh hears.
enum News {
    /// Port has answered, or has not in time.
    Fetched(Fetched),
    /// The process ends, or goes on with another configuration.
    End,
}

/// What a delivering process works with.
pub(super) struct Equipment {
    kinds: Kinds,
    bitbucket: Option<bitbucket::Client>,
    remotes: Remotes,
    settings: Settings,
    blueprints: Option<BlueprintFile>,
}

impl Equipment {
    /// By the configuration and the environment.
    pub(super) fn new(
        invocation: &Invocation,
        config: &Config,
        observer: &dyn Observer,
    ) -> Result<Self, CommandError> {
        let kinds = config.kinds().map_err(CommandError::usage)?;
        let bitbucket = match config.bitbucket(&invocation.environment) {
            Ok(bitbucket) => bitbucket,
            // Repositories on this node's disk need none.
            Err(error) => {
                let warning = format!("Bitbucket can't be asked where branches stand: {error}");
                observer.observe(Event::Warning(warning));
                None
            }
        };
        let http = config.http_client().map_err(CommandError::usage)?;
        let algorithmia = config.algorithmia_settings(&invocation.environment)?;
        let remotes = Remotes {
            port: port(config, &invocation.environment, &http)?.map(Arc::new),
            algorithmia: algorithmia
                .map(|settings| algorithmia::Client::new(http.clone(), settings))
                .transpose()
                .map_err(CommandError::usage)?,
            triggers: triggers(config, &http),
        };
        Ok(Self {
            kinds,
            bitbucket,
            remotes,
            settings: settings(config),
            blueprints: config.blueprints(Place::Server, &invocation.environment),
        })
    }

    /// Delivers until the flag is set, and keeps the blueprints fresh.
    pub(super) fn watch(
        &self,
        outbox: &Outbox,
        stop: &AtomicBool,
        observer: &dyn Observer,
    ) -> Result<Summary, OutboxError> {
        std::thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            let fetcher = tell.clone();
            scope.spawn(move || self.keep_blueprints_fresh(&fetcher, &told, observer));
            let tips = self.tips();
            let (remotes, settings) = (&self.remotes, &self.settings);
            let summary = delivery::watch(outbox, remotes, settings, &tips, stop, observer);
            let _ = tell.send(News::End);
            summary
        })
    }

    /// Fetches the blueprints again and again, until it is told to end.
    fn keep_blueprints_fresh(
        &self,
        tell: &mpsc::Sender<News>,
        told: &mpsc::Receiver<News>,
        observer: &dyn Observer,
    ) {
        loop {
            if let Some(port) = self.due_blueprints() {
                let (port, tell) = (Arc::clone(port), tell.clone());
                // Nobody joins it: a Port that does not answer must not hold up the end.
                let fetch = move || drop(tell.send(News::Fetched(fetch_blueprints(&port))));
                let _ = std::thread::Builder::new().spawn(fetch);
            }
            loop {
                match told.recv_timeout(BLUEPRINTS_STALE / 12) {
                    Ok(News::Fetched(fetched)) => self.keep_blueprints(fetched, observer),
                    Err(mpsc::RecvTimeoutError::Timeout) => break,
                    Ok(News::End) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
                }
            }
        }
    }

    /// Delivers what is due, once.
    pub(super) fn deliver(
        &self,
        outbox: &Outbox,
        deadline: Deadline,
        observer: &dyn Observer,
    ) -> Result<Summary, OutboxError> {
        let tips = self.tips();
        let (remotes, settings) = (&self.remotes, &self.settings);
        delivery::deliver(outbox, remotes, settings, &tips, deadline, observer)
    }

    /// Fetches the blueprints against which the hook holds entities, where its copy gets old. Nothing
    /// that was to be delivered depends on it.
    pub(super) fn refresh_blueprints(&self, observer: &dyn Observer) {
        if let Some(port) = self.due_blueprints() {
            self.keep_blueprints(fetch_blueprints(port), observer);
        }
    }

    /// Who is asked for blueprints, where the copy gets old.
    fn due_blueprints(&self) -> Option<&Arc<port::Client>> {
        let file = self.blueprints.as_ref()?;
        self.remotes
            .port
            .as_ref()
            .filter(|_| file.is_due(BLUEPRINTS_STALE))
    }

    fn keep_blueprints(&self, fetched: Fetched, observer: &dyn Observer) {
        let Some(file) = &self.blueprints else {
            return;
        };
        match fetched.and_then(|given| file.write(&given)) {
            Ok(()) => {}
            // There is nothing to hold entities against.
            Err(BlueprintsError::None) => file.note_none(),
            Err(error) => observer.observe(Event::Warning(format!(
                "the blueprints were not refreshed: {error}"
            ))),
        }
    }

    fn tips(&self) -> BranchTips<'_> {
        BranchTips {
            kinds: &self.kinds,
            bitbucket: self.bitbucket.as_ref(),
        }
    }
}

fn fetch_blueprints(port: &port::Client) -> Fetched {
    let until = Instant::now().checked_add(BLUEPRINTS_PATIENCE);
    port.blueprints(until).map_err(BlueprintsError::from)
}

/// Port, where its credentials are known.
pub(super) fn port(
    config: &Config,
    environment: &Environment,
    http: &http::Client,
) -> Result<Option<port::Client>, CommandError> {
    let settings = config.port_settings(environment)?;
    settings
        .map(|settings| port::Client::new(http.clone(), settings))
        .transpose()
        .map_err(CommandError::usage)
}

/// How the configuration wants deliveries to be carried out.
pub(super) fn settings(config: &Config) -> Settings {
    Settings {
        workers: config.delivery.workers,
        plan: PlanOptions {
            create_missing_related_entities: config.port.create_missing_related_entities,
            delete: true,
            deletion_threshold: config.port.hold_deletions.into(),
            approved: false,
        },
        owners: config.owners(),
        ..Settings::default()
    }
}

/// A client for every trigger that has a call of its own.
pub(super) fn triggers(
    config: &Config,
    http: &http::Client,
) -> BTreeMap<TriggerName, trigger::Client> {
    let calls = config
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.way {
            Way::Call(call) => Some((&trigger.name, call)),
            Way::Algorithmia { .. } => None,
        });
    calls
        .map(|(name, call)| {
            let client = trigger::Client::new(http.clone(), name.clone(), (**call).clone());
            (name.clone(), client)
        })
        .collect()
}
