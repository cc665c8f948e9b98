//! Secured variables of Bitbucket Pipelines (facts about Bitbucket, §4.3).

use std::fmt;
use std::str::FromStr;

use miette::Diagnostic;
use thiserror::Error;

use super::identity::Slug;
use crate::visible::one_line;

/// The name of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableKey(String);

/// Text that no variable can be named.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum VariableKeyError {
    /// Characters that no name has.
    #[error("`{0}` can't be the name of a variable")]
    #[diagnostic(help("write letters, digits and `_`, no digit first"))]
    NoName(String),
    /// The value behind the name, where every user of the machine can read it.
    #[error("the value of {name} does not belong on the command line, where others can read it")]
    #[diagnostic(help(
        "write the name alone; the value comes from the environment: `read -rs {name} && export {name}`"
    ))]
    WithValue {
        /// What stands before the value.
        name: String,
    },
}

impl VariableKey {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VariableKey {
    type Err = VariableKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_good = !text.is_empty()
            && text.chars().all(is_part)
            && !text.starts_with(|c: char| c.is_ascii_digit());
        match (is_good, text.split_once('=')) {
            (true, _) => Ok(Self(text.to_owned())),
            (false, Some((name, _))) => Err(VariableKeyError::WithValue {
                name: one_line(name, 60),
            }),
            (false, None) => Err(VariableKeyError::NoName(one_line(text, 60))),
        }
    }
}

impl fmt::Display for VariableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose variable it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All repositories of a workspace.
    Workspace {
        /// The workspace.
        workspace: Slug,
    },
    /// One repository.
    Repository {
        /// The workspace.
        workspace: Slug,
        /// The repository.
        repository: Slug,
    },
    /// One deployment environment of a repository.
    Deployment {
        /// The workspace.
        workspace: Slug,
        /// The repository.
        repository: Slug,
        /// The environment's name.
        name: String,
    },
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace { workspace } => write!(f, "the workspace {workspace}"),
            Self::Repository {
                workspace,
                repository,
            } => write!(f, "{workspace}/{repository}"),
            Self::Deployment {
                workspace,
                repository,
                name,
            } => write!(
                f,
                "the deployment environment {} of {workspace}/{repository}",
                one_line(name, 60)
            ),
        }
    }
}

/// What becomes of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was none of this name.
    Created,
    /// There was one; a secured value can't be read, so it is always set anew.
    Replaced,
}
