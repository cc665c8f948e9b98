//! Which of the outbox's jobs say what their branches declare by now.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::delivery::{Tip, Tips};
use crate::git::CommitId;
use crate::outbox::CatalogJob;
use crate::repository::RepositoryName;

/// Takes jobs that this sweep has just put into the outbox at their word, and asks for the tips of
/// all others: a push may have moved their branches on since.
pub struct SweptTips<'a> {
    others: &'a dyn Tips,
    fresh: Mutex<BTreeMap<RepositoryName, CommitId>>,
}

impl<'a> SweptTips<'a> {
    /// `others` are asked about everything that is not known to be fresh.
    #[must_use]
    pub fn new(others: &'a dyn Tips) -> Self {
        Self {
            others,
            fresh: Mutex::default(),
        }
    }

    /// Notes that the branch was at that commit a moment ago, and that nothing was delivered since.
    /// What is put into the outbox from now on comes after it.
    pub fn note(&self, repository: &RepositoryName, commit: &CommitId) {
        self.lock().insert(repository.clone(), commit.clone());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<RepositoryName, CommitId>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tips for SweptTips<'_> {
    fn read(&self, repository: &RepositoryName, job: &CatalogJob) -> Tip {
        // Once only: what has to be tried again is not fresh any more.
        let fresh = self.lock().remove(repository);
        match fresh {
            Some(commit) if commit == job.new => Tip::OutOfReach,
            _ => self.others.read(repository, job),
        }
    }
}
