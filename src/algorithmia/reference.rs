//! How an algorithm is named.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::http::segment;

/// An algorithm: `owner/name`, or its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AlgorithmRef {
    /// By name.
    Name {
        /// The account or organisation that it belongs to.
        owner: String,
        /// Its name within that account.
        name: String,
    },
    /// By its 36-character id.
    Id(String),
}

/// Text that names no algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` names no algorithm")]
#[diagnostic(help(
    "write it as owner/name, for example acme/hello, or as the 36-character id that Algorithmia \
     gave it"
))]
pub struct NotAnAlgorithm(String);

impl AlgorithmRef {
    /// The path's part behind `/v1/algorithms/`.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Name { owner, name } => format!("{}/{}", segment(owner), segment(name)),
            Self::Id(id) => segment(id),
        }
    }
}

impl From<&super::AlgorithmName> for AlgorithmRef {
    fn from(name: &super::AlgorithmName) -> Self {
        Self::Name {
            owner: name.owner.clone(),
            name: name.name.clone(),
        }
    }
}

impl FromStr for AlgorithmRef {
    type Err = NotAnAlgorithm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAnAlgorithm(text.escape_debug().to_string());
        match text.split_once('/') {
            Some((owner, name)) if is_name(owner) && is_name(name) => Ok(Self::Name {
                owner: owner.to_owned(),
                name: name.to_owned(),
            }),
            None if is_id(text) => Ok(Self::Id(text.to_owned())),
            _ => Err(wrong()),
        }
    }
}

/// Owners with hyphens and dots occur in practice, although none can be created.
fn is_name(part: &str) -> bool {
    !part.is_empty()
        && part != "."
        && part != ".."
        && part
            .chars()
            .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '/' | '\\'))
}

/// Five groups of letters and digits, not only hexadecimal ones.
pub(super) fn is_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

impl fmt::Display for AlgorithmRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { owner, name } => write!(f, "{owner}/{name}"),
            Self::Id(id) => f.write_str(id),
        }
    }
}

impl TryFrom<String> for AlgorithmRef {
    type Error = NotAnAlgorithm;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AlgorithmRef> for String {
    fn from(algorithm: AlgorithmRef) -> Self {
        algorithm.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_told_apart() {
        for good in [
            "acme/hello",
            "acme-ghe/Hello_2",
            "0a1b2c3d-0a1b-zzzz-0a1b-0a1b2c3d4e5f",
        ] {
            assert_eq!(good.parse::<AlgorithmRef>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "hello",
            "a/b/c",
            "/x",
            "x/",
            "../x",
            "a/..",
            "a b/c",
            "a\\b/c",
            "a/\u{1b}",
            "0a1b2c3d-0a1b",
        ] {
            assert!(bad.parse::<AlgorithmRef>().is_err(), "{bad}");
        }
    }
}
