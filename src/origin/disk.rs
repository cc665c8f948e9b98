//! A repository on this node's disk.

use std::path::Path;

use super::{Origin, OriginError};
use crate::check::Standing;
use crate::declared::{Declared, declared};
use crate::document::{Kinds, Limits};
use crate::git::{self, CommitId, ObjectId, ObjectStore, Peeled, RefName, Repository};

/// A repository that git has opened.
#[derive(Clone, Copy)]
pub struct OnDisk<'a>(pub &'a Repository);

impl Origin for OnDisk<'_> {
    fn default_branch(&self) -> Result<Option<RefName>, OriginError> {
        Ok(self.0.default_branch()?)
    }

    fn moves(&self, name: &RefName) -> Result<RefName, OriginError> {
        Ok(self.0.moves(name)?)
    }

    fn commit(&self, id: &ObjectId) -> Result<Option<CommitId>, OriginError> {
        Ok(match self.0.peel(id)? {
            Peeled::Commit(commit) => Some(commit),
            Peeled::NotACommit { .. } => None,
        })
    }

    fn tip(&self, branch: &RefName) -> Result<Option<CommitId>, OriginError> {
        match self.0.reference(branch)? {
            Some(id) => self.commit(&id),
            None => Ok(None),
        }
    }

    fn declared(&self, commit: &CommitId, kinds: &Kinds) -> Result<Declared, OriginError> {
        Ok(declared(self.0, commit, kinds, &Limits::default())?)
    }

    fn file(&self, commit: &CommitId, path: &str, limit: u64) -> Result<Standing, OriginError> {
        Ok(git::read(self.0, commit, path, limit)?.into())
    }

    fn git_dir(&self) -> Option<&Path> {
        Some(self.0.directory())
    }
}
