//! One durable job.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::{Entity, EntityKey, Undetermined};
use crate::git::CommitId;
use crate::repository::RepositoryName;

use super::build_job::BuildJob;
use super::id::DeliveryId;
use super::system::System;

/// A delivery as it waits. No secret is ever part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Its name.
    pub id: DeliveryId,
    /// When it was put here.
    pub created: Timestamp,
    /// The repository whose push it comes from.
    pub repository: RepositoryName,
    /// What to do.
    pub job: Job,
    /// How often it was tried.
    pub attempts: u32,
    /// What was in the way the last time.
    pub last_problem: Option<Problem>,
    /// Not to be tried before.
    pub next_try: Timestamp,
    /// Whether it will be tried at all.
    pub state: State,
}

/// Whether a delivery will be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At `next_try`.
    Waiting,
    /// The remote system refused it for good: a person has to retry or discard it, or a newer push
    /// of the repository takes its place. Where another repository owns what it declares, it waits
    /// again once that one lets go.
    Refused,
    /// It would delete so much that a person has to approve it.
    Held,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Make Port agree with a commit of the default branch.
    Catalog(CatalogJob),
    /// Have a commit built, on Algorithmia or by the service of a trigger.
    Build(BuildJob),
}

/// The desired state of a repository at one commit, and what it was before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogJob {
    /// The branch, as `refs/heads/…`.
    pub ref_name: String,
    /// The branch's commit before the push; none where the branch is new.
    pub old: Option<CommitId>,
    /// The branch's commit after it.
    pub new: CommitId,
    /// The entities that `new` declares, or why that can't be told: then nothing is delivered.
    pub desired: Result<Vec<Entity>, Undetermined>,
    /// Whether that is all that the commit declares.
    #[serde(default, skip_serializing_if = "Extent::is_whole")]
    pub extent: Extent,
    /// The entities that `old` declared.
    pub previous: Vec<EntityKey>,
    /// Whether entities that left the files are deleted.
    pub delete: bool,
    /// The repository on this node's disk, where the state can be read that the branch has by now.
    #[serde(default)]
    pub git_dir: Option<PathBuf>,
    /// Whether a person has said that many deletions may be carried out.
    #[serde(default)]
    pub approved: bool,
}

/// How much of what a commit declares is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// All of it: what is not there has left the files.
    #[default]
    Whole,
    /// Some entries can't be told: nothing follows from what is not there.
    Part,
}

impl Extent {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// What was in the way of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Delivery {
    /// A delivery to be tried at once.
    #[must_use]
    pub fn new(repository: RepositoryName, job: Job) -> Self {
        let now = Timestamp::now();
        Self {
            id: DeliveryId::at(now),
            created: now,
            repository,
            job,
            attempts: 0,
            last_problem: None,
            next_try: now,
            state: State::Waiting,
        }
    }

    /// Whether it may be tried at this moment.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state == State::Waiting && self.next_try <= now
    }
}

impl Job {
    /// The system that it needs.
    #[must_use]
    pub fn system(&self) -> System {
        match self {
            Self::Catalog(_) => System::Port,
            Self::Build(job) => job.target.system(),
        }
    }
}

impl fmt::Display for Job {
    /// A few words for people: `3 entities of 0123456789 to Port`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog(job) => {
                match job.desired.as_ref().map(Vec::len) {
                    Ok(1) => f.write_str("1 entity")?,
                    Ok(count) => write!(f, "{count} entities")?,
                    Err(_) => f.write_str("unknown entities")?,
                }
                write!(f, " of {} to Port", job.new.short())
            }
            Self::Build(job) => job.fmt(f),
        }
    }
}
