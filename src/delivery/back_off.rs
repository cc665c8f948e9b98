//! How long to wait before the next try.

use std::time::Duration;

use crate::http::LONGEST_WAIT;

/// Waits that double with every try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// The wait after the first try.
    pub first: Duration,
    /// No wait is longer, unless a server asks for it.
    pub longest: Duration,
}

impl Default for BackOff {
    /// 1 s, 2 s, 4 s … up to 5 minutes.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(5 * 60),
        }
    }
}

impl BackOff {
    /// 1 s, 2 s, 4 s … up to half a minute: one call tells for all that waits that it is over.
    #[must_use]
    pub fn for_outages() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
        }
    }

    /// The wait after that many tries, up to a half less at random so that those who failed together
    /// do not come back together. What a server asks for is kept to, within [`LONGEST_WAIT`].
    #[must_use]
    pub fn after(&self, tries: u32, asked: Option<Duration>) -> Duration {
        let doublings = tries.saturating_sub(1).min(31);
        let whole = self.first.saturating_mul(1 << doublings).min(self.longest);
        let wait = whole / 2 + (whole / 2).mul_f64(fastrand::f64());
        wait.max(asked.unwrap_or_default().min(LONGEST_WAIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_servers_are_heard() {
        let back_off = BackOff::default();
        for (tries, whole) in [
            (1, 1),
            (2, 2),
            (5, 16),
            (9, 256),
            (10, 300),
            (u32::MAX, 300),
        ] {
            let wait = back_off.after(tries, None);
            let whole = Duration::from_secs(whole);
            assert!(wait >= whole / 2 && wait <= whole, "{tries}: {wait:?}");
        }
        let asked = Duration::from_secs(77);
        assert_eq!(back_off.after(1, Some(asked)), asked);
        assert_eq!(back_off.after(1, Some(Duration::MAX)), LONGEST_WAIT);
    }
}
