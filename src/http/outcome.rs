//! What an answer means for what was asked.

use std::time::Duration;

/// What becomes of something that was asked of a remote system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// Not now: ask again, no sooner than the server wishes.
    Retry {
        /// The wait that the server asked for.
        after: Option<Duration>,
    },
    /// The server has looked at it and will never do it.
    Refused,
    /// Nothing is wrong with what was asked: credentials or address are, for everything that is
    /// asked of this system.
    Blocked,
}

/// The outcome that goes with an HTTP status.
#[must_use]
pub fn of_status(status: u16, after: Option<Duration>) -> Outcome {
    match status {
        200..=299 => Outcome::Done,
        300..=399 | 401 | 407 => Outcome::Blocked,
        408 | 425 | 429 | 500..=599 => Outcome::Retry { after },
        _ => Outcome::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_ask_again() {
        let retry = Outcome::Retry { after: None };
        let cases = [
            (200, Outcome::Done),
            (207, Outcome::Done),
            (302, Outcome::Blocked),
            (400, Outcome::Refused),
            (401, Outcome::Blocked),
            (403, Outcome::Refused),
            (404, Outcome::Refused),
            (408, retry),
            (413, Outcome::Refused),
            (422, Outcome::Refused),
            (429, retry),
            (500, retry),
            (503, retry),
        ];
        for (status, outcome) in cases {
            assert_eq!(of_status(status, None), outcome, "{status}");
        }
    }
}
