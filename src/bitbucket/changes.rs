//! What changed between two commits.

use serde::Deserialize;

use super::call::{Call, repository_path};
use super::client::Client;
use super::problem::Problem;
use crate::repository::RepositoryName;

/// A path that changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Change {
    /// The path, after the change.
    path: Path,
    /// What happened to it.
    #[serde(rename = "type")]
    pub kind: ChangeKind,
}

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeKind {
    /// It is new.
    Add,
    /// It is a copy.
    Copy,
    /// It is gone.
    Delete,
    /// It changed.
    Modify,
    /// It has another name.
    Move,
    /// Something that is not known here.
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Path {
    #[serde(rename = "toString")]
    whole: String,
}

impl Change {
    /// The path, after the change.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path.whole
    }
}

/// The changes between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// All of them.
    All(Vec<Change>),
    /// There may be more than the server tells: every file has to be looked at.
    TooMany,
}

/// So many changes are told at least by every server, which is where some stop (facts: the hard cap
/// `page.max.changes`, whose default is 1,000).
const SURE: usize = 1000;

impl Client {
    /// The paths that changed from one commit to another.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn changes(
        &self,
        name: &RepositoryName,
        since: &str,
        until: &str,
    ) -> Result<Changes, Problem> {
        let path = format!("/api/latest{}/changes", repository_path(name));
        let what = format!("list what changed in {name}");
        let call = Call::get(path, what)
            .query("since", since)
            .query("until", until);
        let mut changes = Vec::new();
        for change in self.pages(call) {
            changes.push(change?);
            // The server ends its list here as if there were no more.
            if changes.len() >= SURE {
                return Ok(Changes::TooMany);
            }
        }
        Ok(Changes::All(changes))
    }
}
