//! The pause that a server asks for, kept by everybody who shares a client.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::http::LONGEST_WAIT;

/// The pause where the server asks for one and does not say how long (facts: 60 tokens, 5 a second).
pub(super) const USUAL: Duration = Duration::from_secs(5);

/// When the next call may be made.
#[derive(Debug, Default)]
pub(super) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    /// From now on nobody calls for that long.
    pub(super) fn begin(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_WAIT);
        if let Ok(mut now) = self.0.lock() {
            *now = (*now).max(Some(until));
        }
    }

    /// How much of the pause is left.
    pub(super) fn left(&self) -> Duration {
        let until = self.0.lock().ok().and_then(|until| *until);
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }
}
