//! What the server's branches declared before a push, read when an entity first asks for it.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::Judge;
use crate::catalog::EntityKey;
use crate::check::Before;
use crate::declared::declared;
use crate::git::{CommitId, Peeled, ReadError, RefUpdate};

/// What the branches of a push and the default branch declared before it.
pub(super) struct DeclaredBefore<'j> {
    judge: &'j Judge<'j>,
    updates: &'j [RefUpdate],
    read: OnceCell<Result<Option<HashSet<EntityKey>>, ReadError>>,
}

impl<'j> DeclaredBefore<'j> {
    /// Of this push; nothing is read yet.
    pub(super) fn new(judge: &'j Judge<'j>, updates: &'j [RefUpdate]) -> Self {
        Self {
            judge,
            updates,
            read: OnceCell::new(),
        }
    }

    /// What went wrong while reading: nothing may be said of such a push.
    pub(super) fn finish(self) -> Result<(), ReadError> {
        match self.read.into_inner() {
            Some(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// The entities; none where one of the states can't be told.
    fn keys(&self) -> Result<Option<HashSet<EntityKey>>, ReadError> {
        let Judge { store, checker, .. } = self.judge;
        let mut keys = HashSet::new();
        for commit in self.commits()? {
            match declared(*store, &commit, checker.kinds(), checker.limits())?.state {
                Ok(state) => keys.extend(state.keys().cloned()),
                Err(_) => return Ok(None),
            }
        }
        Ok(Some(keys))
    }

    /// Where the pushed branches and the default branch stood.
    fn commits(&self) -> Result<HashSet<CommitId>, ReadError> {
        let store = self.judge.store;
        let default = match store.default_branch()? {
            Some(branch) => store.reference(&branch)?,
            None => None,
        };
        let mut commits = HashSet::new();
        let old = self.updates.iter().filter_map(|update| update.old());
        for id in old.chain(default.as_ref()) {
            if let Peeled::Commit(commit) = store.peel(id)? {
                commits.insert(commit);
            }
        }
        Ok(commits)
    }
}

impl Before for DeclaredBefore<'_> {
    fn has(&self, blueprint: &str, identifier: &str) -> Option<bool> {
        let keys = self.read.get_or_init(|| self.keys());
        let key = EntityKey {
            blueprint: blueprint.to_owned(),
            identifier: identifier.to_owned(),
        };
        Some(keys.as_ref().ok()?.as_ref()?.contains(&key))
    }
}
