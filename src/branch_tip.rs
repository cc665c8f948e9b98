//! What a branch of a bare repository on this node's disk declares by now.

use crate::check::Checker;
use crate::declared::declared;
use crate::delivery::{Tip, Tips};
use crate::git::{HookEnvironment, ObjectStore, Peeled, ReadError, RefName, Repository};
use crate::outbox::CatalogJob;

/// Reads branches of the repositories that jobs name.
#[derive(Clone, Copy, Debug)]
pub struct BranchTips<'a> {
    /// Knows which files declare entities, and what they may cost.
    pub checker: &'a Checker,
}

impl Tips for BranchTips<'_> {
    fn read(&self, job: &CatalogJob) -> Tip {
        let Some(git_dir) = &job.git_dir else {
            return Tip::OutOfReach;
        };
        let Ok(store) = Repository::open(&HookEnvironment::at(git_dir)) else {
            return Tip::OutOfReach;
        };
        self.declared(&store, job).unwrap_or(Tip::OutOfReach)
    }
}

impl BranchTips<'_> {
    fn declared(&self, store: &Repository, job: &CatalogJob) -> Result<Tip, ReadError> {
        let branch = RefName::from_bytes(job.ref_name.as_bytes());
        // Where the branch is gone, the last that is known of it counts.
        let Some(id) = store.reference(&branch)? else {
            return Ok(Tip::OutOfReach);
        };
        let Peeled::Commit(commit) = store.peel(&id)? else {
            return Ok(Tip::OutOfReach);
        };
        let (kinds, limits) = (self.checker.kinds(), self.checker.limits());
        Ok(match declared(store, &commit, kinds, limits)?.state {
            Ok(state) => Tip::Declares(state.into_entities().collect()),
            Err(undetermined) => Tip::Undetermined(undetermined),
        })
    }
}
