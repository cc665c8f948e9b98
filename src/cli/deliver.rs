//! `pushgate deliver`: carries out what waits in the outbox.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::delivery_log::LogFormat;
use super::equipment::Equipment;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::config::Place;
use crate::delivery::{Deadline, Summary};
use crate::outbox::System;
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
    let config = invocation.load_config(Place::Server)?;
    let outbox = config
        .outbox(&invocation.environment)
        .map_err(CommandError::failure)?;
    let say = |event| arguments.log.say(event);
    let equipment = Equipment::new(invocation, &config, &say)?;
    let summary = if arguments.watch {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // A second one ends the process at once: a kill at any moment does no harm.
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&stop))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
                .map_err(|_| CommandError::internal("listening to signals"))?;
        }
        equipment.watch(&outbox, &stop, &say)
    } else {
        let deadline = arguments.deadline.map_or(Deadline::NothingDue, |seconds| {
            Deadline::after(Duration::from_secs(seconds))
        });
        equipment.deliver(&outbox, deadline, &say)
    };
    let summary = summary.map_err(CommandError::failure)?;
    let status = conclude(&summary, arguments.log);
    let is_port_blocked = summary
        .blocked
        .iter()
        .any(|(system, _)| *system == System::Port);
    if !summary.busy && !is_port_blocked {
        equipment.refresh_blueprints(&say);
    }
    Ok(status)
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
