//! What a command that takes long says meanwhile: one line that changes on a terminal, whole lines
//! elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use super::output;
use crate::visible::{clipped_bytes, visible};

/// How often a line that goes elsewhere is written again: whoever runs a job ends those that say
/// nothing for long.
const STILL_HERE: Duration = Duration::from_secs(60);

/// The progress of one thing, on standard error.
pub(super) struct Progress {
    started: Instant,
    is_terminal: bool,
    /// What was written last, and when.
    last: Option<(String, Instant)>,
}

impl Progress {
    /// Nothing is written yet.
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            is_terminal: stderr().is_terminal(),
            last: None,
        }
    }

    /// How long it has taken so far, in words.
    pub(super) fn taken(&self) -> String {
        in_words(self.started.elapsed())
    }

    /// Says how far it is.
    pub(super) fn say(&mut self, text: &str) {
        let now = Instant::now();
        if self.is_terminal {
            let columns =
                terminal_size::terminal_size_of(stderr()).map_or(80, |(width, _)| width.0);
            let line = format!("{}: {text}", self.taken());
            // A line that wraps could not be taken back.
            let room = usize::from(columns).saturating_sub(2);
            let line = clipped_bytes(line.as_bytes(), room);
            if self.last.as_ref().is_none_or(|(last, _)| *last != line) {
                output::err(&format!("\r\u{1b}[K{line}"));
                self.last = Some((line, now));
            }
            return;
        }
        let (is_new, is_due) = match &self.last {
            None => (true, true),
            Some((last, at)) => (last != text, now.duration_since(*at) >= STILL_HERE),
        };
        if is_new || is_due {
            let taken = match is_new {
                true => String::new(),
                false => format!(" ({})", self.taken()),
            };
            output::err(&format!("{}{taken}\n", visible(text)));
            self.last = Some((text.to_owned(), now));
        }
    }

    /// Takes the line away from a terminal, so that the result stands alone.
    pub(super) fn end(&mut self) {
        if self.is_terminal && self.last.take().is_some() {
            output::err("\r\u{1b}[K");
        }
    }
}

/// A time for people: `12 s`, `3 min 5 s`.
fn in_words(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_minutes_and_seconds() {
        assert_eq!(in_words(Duration::from_millis(900)), "0 s");
        assert_eq!(in_words(Duration::from_secs(59)), "59 s");
        assert_eq!(in_words(Duration::from_secs(185)), "3 min 5 s");
    }
}
