//! Webhooks that were here before: answered, not acted upon again.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::hexadecimal::hexadecimal;

/// What a webhook is known again by: its body's digest. The signature covers nothing else, so that a
/// changed `X-Request-Id` makes no new webhook of an old one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BodyDigest(String);

impl BodyDigest {
    /// Of these bytes.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(hexadecimal(&Sha256::digest(body)))
    }

    /// As it was kept.
    #[must_use]
    pub fn kept(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The most webhooks that are remembered: 100,000 of them take up some 15 MiB.
const MOST: usize = 100_000;

/// The webhooks that were acted upon within a time.
#[derive(Debug)]
pub struct Seen {
    window: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    digests: HashSet<BodyDigest>,
    by_age: VecDeque<(Instant, BodyDigest)>,
}

impl Seen {
    /// Remembers webhooks that long.
    #[must_use]
    pub fn new(window: Duration) -> Self {
        Self {
            window,
            known: Mutex::default(),
        }
    }

    /// Takes note of a webhook; whether it is new. Of two at once one is.
    pub fn note(&self, digest: &BodyDigest) -> bool {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        while known
            .by_age
            .front()
            .is_some_and(|(at, _)| known.by_age.len() >= MOST || now - *at > self.window)
        {
            if let Some((_, old)) = known.by_age.pop_front() {
                known.digests.remove(&old);
            }
        }
        let is_new = known.digests.insert(digest.clone());
        if is_new {
            known.by_age.push_back((now, digest.clone()));
        }
        is_new
    }

    /// Forgets one that could not be acted upon: whoever sent it may send it again.
    pub fn forget(&self, digest: &BodyDigest) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.digests.remove(digest);
        known.by_age.retain(|(_, other)| other != digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_body_is_known_within_the_window() {
        let seen = Seen::new(Duration::from_secs(60));
        let (one, two) = (BodyDigest::of(b"one"), BodyDigest::of(b"two"));
        assert!(seen.note(&one));
        assert!(!seen.note(&one));
        assert!(seen.note(&two));
        seen.forget(&one);
        assert!(seen.note(&one));
        assert!(!seen.note(&BodyDigest::kept(two.as_str())));
    }

    #[test]
    fn after_the_window_it_is_forgotten() {
        let seen = Seen::new(Duration::ZERO);
        let digest = BodyDigest::of(b"one");
        assert!(seen.note(&digest));
        while !seen.note(&digest) {
            std::thread::yield_now();
        }
        assert_eq!(seen.known.lock().unwrap().by_age.len(), 1);
    }
}
