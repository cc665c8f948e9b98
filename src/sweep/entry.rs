//! One repository of a sweep, as reports tell of it.

use serde::{Deserialize, Serialize};

use super::found::Found;
use crate::git::CommitId;
use crate::repository::RepositoryName;

/// What a sweep has to say of one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub repository: RepositoryName,
    /// The tip of the branch that goes to Port; none where there is none, or it can't be told.
    pub commit: Option<CommitId>,
    /// What became of it.
    pub what: What,
    /// What is to be done in Port, in a sweep that only tells.
    pub plan: Option<Planned>,
}

/// A plan as its own reports give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// For people.
    pub human: String,
    /// For programs: one JSON object.
    pub json: String,
    /// Entities that would be created.
    pub new: usize,
    /// Entities that would be changed.
    pub changed: usize,
    /// Entities that would be deleted.
    pub deleted: usize,
}

/// What became of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was read.
    Read(Found),
    /// Neither its tip nor the configuration changed since a sweep that read it.
    Unchanged(Found),
    /// Nothing was pushed to the branch that goes to Port.
    Empty,
    /// It can't be read: nothing follows from that.
    Unreadable {
        /// Why, in words.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// It is gone from the server, and its entities are to leave Port.
    Gone {
        /// How many.
        entities: usize,
    },
}

impl Entry {
    /// What was found in it, now or before.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        match &self.what {
            What::Read(found) | What::Unchanged(found) => Some(found),
            What::Empty | What::Unreadable { .. } | What::Gone { .. } => None,
        }
    }
}
