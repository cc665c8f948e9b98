//! Text that must never be shown.

use std::fmt;

/// What stands where a secret stood.
const HIDDEN: &str = "[hidden]";

/// Shorter pieces of a secret are ordinary words as likely as not.
const SHORTEST_PIECE: usize = 8;

/// Characters of a secret that people make up; a shorter one is guessed.
pub const SHORTEST_SECRET: usize = 16;

/// A password, key or token. It can be sent, but not printed or stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text as a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is shown in a secret's place.
    #[must_use]
    pub fn placeholder() -> &'static str {
        HIDDEN
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is so short that somebody can try it out.
    #[must_use]
    pub fn is_guessable(&self) -> bool {
        self.0.chars().count() < SHORTEST_SECRET
    }

    /// The text with this secret, and each line of it, hidden: servers quote what they were sent.
    #[must_use]
    pub fn hide_in(&self, text: &str) -> String {
        let whole = std::iter::once(self.0.as_str());
        let lines = self
            .0
            .lines()
            .filter(|line| line.len() >= SHORTEST_PIECE && !line.starts_with("-----"));
        whole
            .chain(lines)
            .filter(|piece| !piece.is_empty())
            .fold(text.to_owned(), |text, piece| text.replace(piece, HIDDEN))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("sim/abc+123");
        assert_eq!(format!("{secret} {secret:?}"), "[hidden] [hidden]");
        assert_eq!(
            secret.hide_in("bad key `sim/abc+123`"),
            "bad key `[hidden]`"
        );
        let key = Secret::new("-----BEGIN X-----\nMIIEpAIBAAKCAQEA\n-----END X-----\n");
        assert_eq!(
            key.hide_in("can't read MIIEpAIBAAKCAQEA"),
            "can't read [hidden]"
        );
        assert_eq!(Secret::new("").hide_in("text"), "text");
    }
}
