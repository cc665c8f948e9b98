//! `pushgate deliver`: carries out what waits in the outbox.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::delivery_log::LogFormat;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::blueprint::{BlueprintFile, BlueprintsError};
use crate::branch_tip::BranchTips;
use crate::catalog::{DeletionThreshold, PlanOptions};
use crate::config::{Config, Place, Way};
use crate::delivery::{Deadline, Event, Remotes, Settings, Summary, deliver, watch};
use crate::http;
use crate::outbox::System;
use crate::report::counted;
use crate::trigger::TriggerName;
use crate::{algorithmia, port, trigger};

/// How old the server's copy of Port's blueprints may become before it is fetched anew.
const BLUEPRINTS_STALE: Duration = Duration::from_secs(60 * 60);
/// How long fetching them may take.
const BLUEPRINTS_PATIENCE: Duration = Duration::from_secs(30);

/// The arguments of `deliver`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Go on until SIGTERM, and carry out what is put into the outbox
    #[arg(long, conflicts_with = "deadline")]
    watch: bool,
    /// Try again what failed until this many seconds have passed [default: try once]
    #[arg(long, value_name = "SECONDS")]
    deadline: Option<u64>,
    /// How what happens is told
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log: LogFormat,
    /// Leave the session of who started it, so that it lives on when they end
    #[arg(long, hide = true)]
    detached: bool,
}

/// Delivers and says what became of each delivery.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    #[cfg(unix)]
    if arguments.detached {
        // A leader of a process group can't leave its session; then it has none to lose either.
        let _ = rustix::process::setsid();
    }
    let config = invocation.load_config(Place::Server)?;
    let outbox = config
        .outbox(&invocation.environment)
        .map_err(CommandError::failure)?;
    let checker = config.checker().map_err(CommandError::usage)?;
    let bitbucket = match config.bitbucket(&invocation.environment) {
        Ok(bitbucket) => bitbucket,
        // Repositories on this node's disk need none.
        Err(error) => {
            let warning = format!("Bitbucket can't be asked where branches stand: {error}");
            arguments.log.say(Event::Warning(warning));
            None
        }
    };
    let tips = BranchTips {
        checker: &checker,
        bitbucket: bitbucket.as_ref(),
    };
    let http = http::Client::new(config.http_settings().map_err(CommandError::usage)?)
        .map_err(CommandError::usage)?;
    let port = config.port_settings(&invocation.environment)?;
    let algorithmia = config.algorithmia_settings(&invocation.environment)?;
    let remotes = Remotes {
        port: port
            .map(|settings| port::Client::new(http.clone(), settings))
            .transpose()
            .map_err(CommandError::usage)?,
        algorithmia: algorithmia
            .map(|settings| algorithmia::Client::new(http.clone(), settings))
            .transpose()
            .map_err(CommandError::usage)?,
        triggers: triggers(&config, &http),
    };
    let settings = settings(&config);
    let blueprints = config.blueprints(Place::Server, &invocation.environment);
    let say = |event| arguments.log.say(event);
    let refresh = || refresh_blueprints(remotes.port.as_ref(), blueprints.as_ref(), arguments.log);
    let summary = if arguments.watch {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // A second one ends the process at once: a kill at any moment does no harm.
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&stop))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
                .map_err(|_| CommandError::internal("listening to signals"))?;
        }
        std::thread::scope(|scope| {
            let (goes_on, ended) = mpsc::channel::<()>();
            scope.spawn(move || {
                loop {
                    refresh();
                    match ended.recv_timeout(BLUEPRINTS_STALE / 12) {
                        Err(mpsc::RecvTimeoutError::Timeout) => {}
                        _ => break,
                    }
                }
            });
            let summary = watch(&outbox, &remotes, &settings, &tips, &stop, &say);
            drop(goes_on);
            summary
        })
    } else {
        let deadline = arguments.deadline.map_or(Deadline::NothingDue, |seconds| {
            Deadline::after(Duration::from_secs(seconds))
        });
        deliver(&outbox, &remotes, &settings, &tips, deadline, &say)
    };
    let summary = summary.map_err(CommandError::failure)?;
    let status = conclude(&summary, arguments.log);
    let is_port_blocked = summary
        .blocked
        .iter()
        .any(|(system, _)| *system == System::Port);
    if !summary.busy && !is_port_blocked {
        refresh();
    }
    Ok(status)
}

/// How the configuration wants deliveries to be carried out.
pub(super) fn settings(config: &Config) -> Settings {
    Settings {
        workers: config.delivery.workers,
        plan: PlanOptions {
            create_missing_related_entities: config.port.create_missing_related_entities,
            delete: true,
            deletion_threshold: DeletionThreshold {
                at_least: config.port.hold_deletions.at_least,
                more_than: config.port.hold_deletions.more_than,
            },
            approved: false,
        },
        owners: config.owners(),
        ..Settings::default()
    }
}

/// Fetches the blueprints against which the hook holds entities, where its copy gets old. Nothing
/// that was to be delivered depends on it.
fn refresh_blueprints(port: Option<&port::Client>, file: Option<&BlueprintFile>, log: LogFormat) {
    let (Some(port), Some(file)) = (port, file) else {
        return;
    };
    if !file.is_due(BLUEPRINTS_STALE) {
        return;
    }
    let until = Instant::now().checked_add(BLUEPRINTS_PATIENCE);
    let fetched = port.blueprints(until).map_err(BlueprintsError::from);
    match fetched.and_then(|given| file.write(&given)) {
        Ok(()) => {}
        // There is nothing to hold entities against.
        Err(BlueprintsError::None) => file.note_none(),
        Err(error) => log.say(Event::Warning(format!(
            "the blueprints were not refreshed: {error}"
        ))),
    }
}

/// A client for every trigger that has a call of its own.
fn triggers(config: &Config, http: &http::Client) -> BTreeMap<TriggerName, trigger::Client> {
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

/// The last line, and the exit code: what stays in the outbox is something that failed.
fn conclude(summary: &Summary, log: LogFormat) -> ExitStatus {
    if log == LogFormat::Json {
        log.conclude(summary);
        return status(summary);
    }
    if summary.busy {
        output::out("another process is delivering; it takes what was put here too\n");
        return ExitStatus::Fine;
    }
    for file in &summary.unreadable {
        output::err(&format!(
            "{} cannot be read: {}\n",
            file.path.display(),
            file.reason
        ));
    }
    let mut parts = vec![format!("{} delivered", summary.finished)];
    if summary.waiting > 0 {
        parts.push(format!("{} waiting", summary.waiting));
    }
    if summary.refused > 0 {
        parts.push(format!(
            "{} refused (`pushgate outbox list`)",
            summary.refused
        ));
    }
    if summary.held > 0 {
        parts.push(format!(
            "{} to approve (`pushgate outbox list`)",
            summary.held
        ));
    }
    if !summary.unreadable.is_empty() {
        parts.push(counted(summary.unreadable.len(), "unreadable file"));
    }
    output::out(&(parts.join(", ") + "\n"));
    status(summary)
}

fn status(summary: &Summary) -> ExitStatus {
    if summary.busy || summary.is_clear() {
        ExitStatus::Fine
    } else {
        ExitStatus::Failure
    }
}
