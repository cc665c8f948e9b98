//! What a branch declares by now: a job may be older than its branch's tip.

use crate::catalog::{Entity, Undetermined};
use crate::http::Problem;
use crate::outbox::CatalogJob;
use crate::repository::RepositoryName;

/// What a branch declares at this moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Tip {
    /// These entities.
    Declares(Vec<Entity>),
    /// It can't be told: nothing follows from it.
    Undetermined(Undetermined),
    /// The server that knows can't be asked now: nothing is delivered before it can.
    NotNow(Problem),
    /// The repository can't be read from here, or stands where the job read it: the job's own state
    /// counts.
    OutOfReach,
}

/// Who can read the branches of repositories.
pub trait Tips: Sync {
    /// What the branch of a repository's job declares by now.
    fn read(&self, repository: &RepositoryName, job: &CatalogJob) -> Tip;
}
