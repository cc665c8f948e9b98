//! Repositories.

use serde::Deserialize;

use super::call::{Call, project_path, repository_path};
use super::client::Client;
use super::problem::Problem;
use super::project::Project;
use crate::repository::{NotARepositoryName, RepositoryName};

/// A repository as a server lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Repository {
    /// The slug: what stands in addresses.
    pub slug: String,
    /// The name that people read.
    #[serde(default)]
    pub name: String,
    /// The project.
    pub project: Project,
    /// Whether it can be read.
    #[serde(default)]
    pub state: RepositoryState,
    /// Whether it was archived: it can be read and not pushed to.
    #[serde(default)]
    pub archived: bool,
}

/// Whether a repository can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RepositoryState {
    /// It can.
    #[default]
    Available,
    /// It is being made.
    Initialising,
    /// It could not be made.
    InitialisationFailed,
    /// It was taken off line.
    Offline,
    /// A state that is not known here.
    #[serde(other)]
    Unknown,
}

impl RepositoryState {
    /// Why it can't be read, in words; none where it can.
    #[must_use]
    pub fn trouble(self) -> Option<&'static str> {
        match self {
            Self::Available | Self::Unknown => None,
            Self::Initialising => Some("Bitbucket is still making it"),
            Self::InitialisationFailed => Some("Bitbucket could not make it"),
            Self::Offline => Some("it is off line"),
        }
    }
}

impl Repository {
    /// The name by which everything else here knows it.
    ///
    /// # Errors
    /// Where the server's names are none.
    pub fn full_name(&self) -> Result<RepositoryName, NotARepositoryName> {
        format!("{}/{}", self.project.key, self.slug).parse()
    }
}

impl Client {
    /// All repositories of a project, by its key; `~user` for a user's own.
    ///
    /// # Errors
    /// What is in the way, in words, for the whole list or its rest.
    pub fn repositories(
        &self,
        project: &str,
    ) -> impl Iterator<Item = Result<Repository, Problem>> + '_ {
        let path = format!("/api/latest{}/repos", project_path(project));
        let what = format!("list the repositories of `{}`", shown(project));
        self.pages(Call::get(path, what))
    }

    /// All repositories that the user may see, those of users among them.
    ///
    /// # Errors
    /// What is in the way, in words, for the whole list or its rest.
    pub fn all_repositories(&self) -> impl Iterator<Item = Result<Repository, Problem>> + '_ {
        self.pages(Call::get("/api/latest/repos", "list the repositories"))
    }

    /// One repository.
    ///
    /// # Errors
    /// What is in the way, in words; [`Problem::is_not_found`] where there is none.
    pub fn repository(&self, name: &RepositoryName) -> Result<Repository, Problem> {
        let path = format!("/api/latest{}", repository_path(name));
        self.read(Call::get(path, format!("look up the repository {name}")))
    }
}

/// A name as messages show it.
fn shown(text: &str) -> String {
    crate::visible::one_line(text, 100)
}
