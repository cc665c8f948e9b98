//! What a branch declares by now: a job may be older than its branch's tip.

use crate::catalog::{Entity, Undetermined};
use crate::outbox::CatalogJob;

/// What a branch declares at this moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Tip {
    /// These entities.
    Declares(Vec<Entity>),
    /// It can't be told: nothing follows from it.
    Undetermined(Undetermined),
    /// The repository can't be read from here: the job's own state counts.
    OutOfReach,
}

/// Who can read the branches of repositories.
pub trait Tips: Sync {
    /// What the branch of a job declares by now.
    fn read(&self, job: &CatalogJob) -> Tip;
}

/// Nobody: the jobs' own states count.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobsOnly;

impl Tips for JobsOnly {
    fn read(&self, _job: &CatalogJob) -> Tip {
        Tip::OutOfReach
    }
}
