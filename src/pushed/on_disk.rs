//! A repository on this machine's disk.

use super::Pushed;
use crate::committed::{Committed, Listed};
use crate::document::Kinds;
use crate::git::{CommitId, ObjectId, ObjectStore, Peeled, ReadError, RefName};

/// A repository on this machine's disk.
pub struct OnDisk<'a> {
    /// Its objects and refs.
    pub store: &'a dyn ObjectStore,
    /// Which files are documents.
    pub kinds: &'a Kinds,
}

impl Pushed for OnDisk<'_> {
    type Error = ReadError;
    type Files<'a>
        = Committed<'a>
    where
        Self: 'a;

    fn default_branch(&self) -> Result<Option<RefName>, ReadError> {
        self.store.default_branch()
    }

    fn commit(&self, id: &ObjectId) -> Result<Option<CommitId>, ReadError> {
        Ok(match self.store.peel(id)? {
            Peeled::Commit(commit) => Some(commit),
            Peeled::NotACommit { .. } => None,
        })
    }

    fn tip(&self, branch: &RefName) -> Result<Option<CommitId>, ReadError> {
        match self.store.reference(branch)? {
            Some(id) => self.commit(&id),
            None => Ok(None),
        }
    }

    fn files<'a>(&'a self, commit: &'a CommitId) -> Committed<'a> {
        Committed::new(self.store, commit, self.kinds, Listed::Nothing)
    }
}
