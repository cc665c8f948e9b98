//! How many requests a minute are taken.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Takes so many requests a minute. All of a minute's may come at once.
#[derive(Debug)]
pub struct Rate {
    per_minute: u32,
    state: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// Requests that may come now.
    left: f64,
    filled: Instant,
}

impl Rate {
    /// A limit, nothing of it used up.
    #[must_use]
    pub fn per_minute(limit: u32) -> Self {
        Self {
            per_minute: limit.max(1),
            state: Mutex::new(Bucket {
                left: f64::from(limit.max(1)),
                filled: Instant::now(),
            }),
        }
    }

    /// Takes one request.
    ///
    /// # Errors
    /// How long to wait until the next one is taken, in whole seconds.
    pub fn take(&self) -> Result<(), Duration> {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> Result<(), Duration> {
        let whole = f64::from(self.per_minute);
        let a_second = whole / 60.0;
        let mut bucket = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.left = (bucket.left + passed * a_second).min(whole);
        bucket.filled = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let wait = ((1.0 - bucket.left) / a_second).ceil().max(1.0);
        Err(Duration::from_secs_f64(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_is_taken_at_once_and_no_more() {
        let rate = Rate::per_minute(30);
        let start = Instant::now();
        for _ in 0..30 {
            assert_eq!(rate.take_at(start), Ok(()));
        }
        assert_eq!(rate.take_at(start), Err(Duration::from_secs(2)));
        assert_eq!(rate.take_at(start + Duration::from_secs(2)), Ok(()));
        assert_eq!(
            rate.take_at(start + Duration::from_secs(3)),
            Err(Duration::from_secs(1))
        );
        let later = start + Duration::from_secs(3600);
        for _ in 0..30 {
            assert_eq!(rate.take_at(later), Ok(()));
        }
        assert!(rate.take_at(later).is_err());
    }
}
