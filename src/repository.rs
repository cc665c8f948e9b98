//! How a repository is named: `PROJECT/slug`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::visible::one_line;

/// A repository's name, `PROJECT/slug`, as Bitbucket has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName(String);

/// Text that names no repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` is no repository name")]
#[diagnostic(help("write it as PROJECT/slug, for example PRJ/hello"))]
pub struct NotARepositoryName(String);

/// So much of a text that is no name is repeated: it may be whatever a request held.
const LONGEST_SHOWN: usize = 200;

impl RepositoryName {
    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The project's key.
    #[must_use]
    pub fn project(&self) -> &str {
        self.0.split_once('/').map_or("", |(project, _)| project)
    }

    /// The repository's slug.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, slug)| slug)
    }
}

impl FromStr for RepositoryName {
    type Err = NotARepositoryName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| !c.is_control() && !c.is_whitespace() && c != '/')
        };
        match text.split_once('/') {
            Some((project, slug)) if valid(project) && valid(slug) => Ok(Self(text.to_owned())),
            _ => Err(NotARepositoryName(one_line(text, LONGEST_SHOWN))),
        }
    }
}

impl TryFrom<String> for RepositoryName {
    type Error = NotARepositoryName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RepositoryName> for String {
    fn from(name: RepositoryName) -> Self {
        name.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
