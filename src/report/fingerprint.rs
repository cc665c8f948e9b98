//! Names of findings that stay the same while the lines around them move.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::hexadecimal::hexadecimal;

/// Gives every finding of one report a name of its own.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: HashMap<[u8; 32], u64>,
}

impl Fingerprints {
    /// The name of a finding in the document at `path`: made of rule, path, keys and message, never
    /// of a line, of an index in a list or of the marked text, whose hash could give a secret away.
    /// Of findings that are alike in all these, each gets its number in the order of the text.
    pub(super) fn of(&mut self, path: &str, finding: &Finding) -> String {
        let keys = finding
            .pointer
            .split('/')
            .filter(|part| part.parse::<usize>().is_err());
        let parts = [finding.rule.as_str(), path, &finding.message];
        self.name(parts.into_iter().chain(keys))
    }

    /// The name of something else that is said once of a document.
    pub(super) fn of_note(&mut self, path: &str, note: &str) -> String {
        self.name([note, path].into_iter())
    }

    fn name<'a>(&mut self, parts: impl Iterator<Item = &'a str>) -> String {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let alike: [u8; 32] = hash.finalize().into();
        let count = self.seen.entry(alike).or_default();
        let mut hash = Sha256::new();
        hash.update(alike);
        hash.update(count.to_le_bytes());
        *count += 1;
        // 128 bits are more than enough to keep findings apart.
        hexadecimal(&hash.finalize()[..16])
    }
}
