//! What decides how a repository is read: where it changes, a tip that is known tells nothing.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::hexadecimal::hexadecimal;

/// The hexadecimal SHA-256 of everything but the commit that decides what is found and delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of this program and of these parts, each a text with a meaning of its own.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut hash = Sha256::new();
        // Another version has other rules.
        hash.update(concat!("1 ", env!("CARGO_PKG_VERSION"), "\n"));
        for (name, text) in parts {
            // With its length in front, so that no text can pass for two.
            hash.update(format!("{name} {}\n", text.len()));
            hash.update(text);
        }
        Self(hexadecimal(&hash.finalize()))
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let of = |parts: &[(&'static str, &str)]| {
            Fingerprint::of(parts.iter().map(|(name, text)| (*name, (*text).to_owned())))
        };
        let one = of(&[("files", "port.yaml"), ("branch", "main")]);
        assert_eq!(one, of(&[("files", "port.yaml"), ("branch", "main")]));
        for other in [
            of(&[]),
            of(&[("files", "port.yaml")]),
            of(&[("files", "port.yamlbranch"), ("branch", "main")]),
            of(&[("files", "port.yml"), ("branch", "main")]),
        ] {
            assert_ne!(one, other);
        }
    }
}
