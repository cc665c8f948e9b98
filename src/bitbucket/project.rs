//! Projects.

use serde::Deserialize;

use super::call::Call;
use super::client::Client;
use super::problem::Problem;

/// A project, or a user's own space.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Project {
    /// The key: `PRJ`, or `~user` for a user's own repositories.
    pub key: String,
    /// The name that people read.
    #[serde(default)]
    pub name: String,
    /// Whose it is.
    #[serde(default, rename = "type")]
    pub owner: ProjectOwner,
}

/// Whose a project is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ProjectOwner {
    /// A user's own.
    Personal,
    /// Everybody's.
    #[default]
    #[serde(other)]
    Normal,
}

impl Client {
    /// All projects that the user may see. Users' own spaces are not among them.
    ///
    /// # Errors
    /// What is in the way, in words, for the whole list or its rest.
    pub fn projects(&self) -> impl Iterator<Item = Result<Project, Problem>> + '_ {
        self.pages(Call::get("/api/latest/projects", "list the projects"))
    }
}
