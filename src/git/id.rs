//! Object ids of either hash, and the all-zero id that stands for "nothing".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::visible::clip;

/// The id of a git object: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits, not all zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId(String);

/// The id of a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitId(pub ObjectId);

/// Characters of a text that is no object id that are worth showing: more than the longest id has.
const SHOWN: usize = 100;

/// Text that is no object id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no object id")]
pub struct NotAnObjectId(String);

impl ObjectId {
    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first digits, enough for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..10]
    }

    /// From the bytes of a tree entry: 20 or 32 of them, `None` for anything else and for all zero.
    pub(super) fn from_raw(bytes: &[u8]) -> Option<Self> {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        if !matches!(bytes.len(), 20 | 32) || bytes.iter().all(|byte| *byte == 0) {
            return None;
        }
        let mut text = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 15)]);
        }
        Some(Self(text))
    }

    /// How many bytes this id has in a tree.
    pub(super) fn raw_length(&self) -> usize {
        self.0.len() / 2
    }
}

impl CommitId {
    /// The hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The first digits, enough for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.short()
    }
}

impl FromStr for ObjectId {
    type Err = NotAnObjectId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let zero = text.bytes().all(|byte| byte == b'0');
        if digits && !zero && matches!(text.len(), 40 | 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnObjectId(clip(&text.escape_debug().to_string(), SHOWN)))
        }
    }
}

impl TryFrom<String> for ObjectId {
    type Error = NotAnObjectId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ObjectId> for String {
    fn from(id: ObjectId) -> Self {
        id.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_text_that_is_no_id_only_so_much_is_told() {
        let told = |text: &str| text.parse::<ObjectId>().map_err(|error| error.to_string());
        assert_eq!(
            told("a\u{7f}"),
            Err("`a\\u{7f}` is no object id".to_owned())
        );
        let long = told(&"5\u{7f}".repeat(5_000)).unwrap_err();
        assert!(long.starts_with("`5\\u{7f}5"), "{long}");
        assert!(long.len() < 200, "{long}");
    }
}
