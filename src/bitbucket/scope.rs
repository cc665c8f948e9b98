//! Where a setting stands: at a project or at one of its repositories.

use std::fmt;

use super::call::{project_path, repository_path};
use crate::repository::RepositoryName;

/// Where a setting stands. A project's holds for all of its repositories.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A project, by its key.
    Project(String),
    /// A repository.
    Repository(RepositoryName),
}

impl Scope {
    /// The API's path of a setting below it; `setting` begins with `/`.
    pub(super) fn path(&self, setting: &str) -> String {
        let own = match self {
            Self::Project(key) => project_path(key),
            Self::Repository(name) => repository_path(name),
        };
        format!("/api/latest{own}{setting}")
    }

    /// The project's key, of a repository its project's.
    #[must_use]
    pub fn project(&self) -> &str {
        match self {
            Self::Project(key) => key,
            Self::Repository(name) => name.project(),
        }
    }

    /// `project` or `repository`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Repository(_) => "repository",
        }
    }
}

/// The project's key, or `PROJECT/slug`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(key) => f.write_str(&crate::visible::one_line(key, 100)),
            Self::Repository(name) => name.fmt(f),
        }
    }
}
