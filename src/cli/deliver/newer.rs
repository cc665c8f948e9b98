//! A configuration that changes while it is in use.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::setup::Setup;
use crate::cli::Invocation;
use crate::cli::delivery_log::LogFormat;
use crate::config::Stamp;
use crate::delivery::Event;

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// No longer than this until the end is noticed.
const SLICE: Duration = Duration::from_millis(50);

/// Waits until the file is another one than that of the stamp and can be used, and ends the round
/// then; none where the round ends otherwise. Of a file that can't be used the log tells once, and
/// the configuration that was read before stays.
pub(super) fn wait(
    invocation: &Invocation,
    log: LogFormat,
    mut known: Stamp,
    end: &AtomicBool,
) -> Option<(Setup, Stamp)> {
    let mut seen = known.clone();
    while sleeps(end) {
        let now = Stamp::of_server(invocation.config.as_deref());
        // Who is still writing it is given time until the next look.
        let is_settled = now == seen;
        seen = now;
        if !is_settled || seen == known {
            continue;
        }
        match Setup::read(invocation, &|event| log.say(event)) {
            Ok(setup) => {
                end.store(true, Ordering::SeqCst);
                return Some((setup, seen));
            }
            Err(error) => log.say(Event::Warning(format!(
                "the configuration changed and can't be used, so that the one before stays: {error}"
            ))),
        }
        known = seen.clone();
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
