//! A configuration that changes while it is in use, or a file with a secret that it names.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::setup::Setup;
use crate::cli::Invocation;
use crate::cli::delivery_log::LogFormat;
use crate::config::{Place, Stamp};
use crate::delivery::Event;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// No longer than this until the end is noticed.
const SLICE: Duration = Duration::from_millis(50);

/// The configuration's file and those that it names, as they are now.
pub(super) fn stamp(invocation: &Invocation) -> Stamp {
    // Before it is read: what changes meanwhile is noticed later.
    let stamp = Stamp::of_server(invocation.config.as_deref());
    match invocation.load_config(Place::Server) {
        Ok(config) => stamp.with_files_of(&config),
        // One that can't be read names no others.
        Err(_) => stamp,
    }
}

/// Waits until the files are others than those of the stamp and can be used, and ends the round
/// then; none where the round ends otherwise. Of files that can't be used the log tells once, and
/// the configuration that was read before stays.
pub(super) fn wait(
    invocation: &Invocation,
    log: LogFormat,
    mut known: Stamp,
    end: &AtomicBool,
) -> Option<(Setup, Stamp)> {
    let mut seen = known.clone();
    while sleeps(end) {
        let now = known.now();
        // Who is still writing it is given time until the next look.
        let is_settled = now == seen;
        seen = now;
        if !is_settled || seen == known {
            continue;
        }
        // It may name other files than the one before.
        known = stamp(invocation);
        seen = known.clone();
        match Setup::read(invocation, &|event| log.say(event)) {
            Ok(setup) => {
                end.store(true, Ordering::SeqCst);
                return Some((setup, known));
            }
            Err(error) => log.say(Event::Warning(format!(
                "the configuration or a file that it names has changed and can't be used, so that \
                 the one before stays: {error}"
            ))),
        }
    }
    None
}

/// Whether the round goes on after the pause.
fn sleeps(end: &AtomicBool) -> bool {
    let until = Instant::now() + LOOK_EVERY;
    while !end.load(Ordering::SeqCst) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::sleep(left.min(SLICE));
    }
    false
}
