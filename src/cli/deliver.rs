//! `pushgate deliver`: carries out what waits in the outbox.

mod newer;
mod setup;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};

use self::setup::Setup;
use super::delivery_log::LogFormat;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::config::Stamp;
use crate::delivery::{Deadline, Summary};
use crate::outbox::{OutboxError, System};
use crate::report::counted;

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
    let say = |event| arguments.log.say(event);
    if arguments.watch {
        let stamp = newer::stamp(invocation);
        let setup = Setup::read(invocation, &say)?;
        return keep_watch(invocation, arguments.log, setup, stamp);
    }
    let setup = Setup::read(invocation, &say)?;
    let deadline = arguments.deadline.map_or(Deadline::NothingDue, |seconds| {
        Deadline::after(Duration::from_secs(seconds))
    });
    let summary = setup
        .equipment
        .deliver(&setup.outbox, deadline, &say)
        .map_err(CommandError::failure)?;
    Ok(conclude(&summary, &setup, arguments.log))
}

/// Carries out what comes until somebody ends it, by the newest configuration that can be used.
fn keep_watch(
    invocation: &Invocation,
    log: LogFormat,
    mut setup: Setup,
    mut stamp: Stamp,
) -> Result<ExitStatus, CommandError> {
    // One says that the process is to end, the other that the round is: a newer configuration also
    // ends a round.
    let (end, end_of_round) = (Arc::new(AtomicBool::new(false)), Arc::default());
    for signal in [SIGTERM, SIGINT] {
        // A second one ends the process at once: a kill at any moment does no harm.
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&end))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&end)))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&end_of_round)))
            .map_err(|_| CommandError::internal("listening to signals"))?;
    }
    let mut finished = 0;
    loop {
        let (summary, next) = round(invocation, log, &setup, stamp, &end_of_round);
        match (summary, next) {
            (summary, Some(next)) => {
                // It is only counted: whether the store can be read shows in the next round.
                finished += summary.map_or(0, |summary| summary.finished);
                (setup, stamp) = next;
                log.reloaded();
            }
            (summary, None) => {
                let mut summary = summary.map_err(CommandError::failure)?;
                summary.finished += finished;
                return Ok(tell(&summary, log));
            }
        }
        end_of_round.store(false, Ordering::SeqCst);
        if end.load(Ordering::SeqCst) {
            end_of_round.store(true, Ordering::SeqCst);
        }
    }
}

/// Carries out what comes until the flag is set; a newer configuration, where that is why.
fn round(
    invocation: &Invocation,
    log: LogFormat,
    setup: &Setup,
    stamp: Stamp,
    end: &AtomicBool,
) -> (Result<Summary, OutboxError>, Option<(Setup, Stamp)>) {
    let say = |event| log.say(event);
    std::thread::scope(|scope| {
        let newer = scope.spawn(move || newer::wait(invocation, log, stamp, end));
        let summary = setup.equipment.watch(&setup.outbox, end, &say);
        // Also where it failed.
        end.store(true, Ordering::SeqCst);
        (summary, newer.join().unwrap_or(None))
    })
}

/// What is left to do and to say at the end, and the exit code.
fn conclude(summary: &Summary, setup: &Setup, log: LogFormat) -> ExitStatus {
    let status = tell(summary, log);
    let is_port_blocked = summary
        .blocked
        .iter()
        .any(|(system, _)| *system == System::Port);
    if !summary.busy && !is_port_blocked {
        let say = |event| log.say(event);
        setup.equipment.refresh_blueprints(&say);
    }
    status
}

/// The last line, and the exit code: what stays in the outbox is something that failed.
fn tell(summary: &Summary, log: LogFormat) -> ExitStatus {
    if log == LogFormat::Json {
        log.conclude(summary);
        return status(summary);
    }
    if summary.busy {
        output::out("another process is delivering; it takes what was put here too\n");
        return ExitStatus::Fine;
    }
    for file in &summary.unreadable {
        let mut text = output::notes();
        text.line(&file.to_string());
        output::err(&text.finish());
    }
    if summary.finished == 0 && summary.is_clear() {
        output::out("nothing waits\n");
        return ExitStatus::Fine;
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
