//! A repository that only Bitbucket's REST API can read.

use std::path::Path;

use super::{Origin, OriginError};
use crate::bitbucket::{Client, Problem};
use crate::check::{RepositoryFiles, Standing};
use crate::declared::{Declared, declared_in};
use crate::document::{Kinds, Limits};
use crate::git::{CommitId, NotAnObjectId, ObjectId, RefName};
use crate::remote_commit::RemoteCommit;
use crate::repository::RepositoryName;

/// The name that stands for the default branch where nobody can tell which one it is.
pub const DEFAULT_BRANCH: &str = "HEAD";

/// A repository on a Bitbucket Server.
#[derive(Clone, Copy, Debug)]
pub struct ByRest<'a> {
    /// The server.
    pub client: &'a Client,
    /// The repository.
    pub repository: &'a RepositoryName,
}

impl ByRest<'_> {
    /// Where a branch stands now, [`DEFAULT_BRANCH`] being one; none where it is gone.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn tip_of(&self, branch: &str) -> Result<Option<CommitId>, Problem> {
        let tip = if branch == DEFAULT_BRANCH {
            self.client.default_tip(self.repository)?
        } else {
            self.client.tip(self.repository, branch)?
        };
        let what = || format!("read the tip of a branch of {}", self.repository);
        tip.map(|id| id.parse().map(CommitId))
            .transpose()
            .map_err(|_: NotAnObjectId| {
                Problem::not_understood(&what(), "the tip it names is no commit id")
            })
    }

    /// What the repository declares at a commit.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn declared_at(&self, commit: &CommitId, kinds: &Kinds) -> Result<Declared, Problem> {
        let files = RemoteCommit::new(self.client, self.repository, commit, kinds);
        declared_in(&files, &Limits::default())
    }
}

impl Origin for ByRest<'_> {
    fn default_branch(&self) -> Result<Option<RefName>, OriginError> {
        let branch = self.client.default_branch(self.repository)?;
        Ok(branch.map(|branch| RefName::from_bytes(branch.id.as_bytes())))
    }

    fn moves(&self, name: &RefName) -> Result<RefName, OriginError> {
        Ok(name.clone())
    }

    /// A branch points to commits only.
    fn commit(&self, id: &ObjectId) -> Result<Option<CommitId>, OriginError> {
        Ok(Some(CommitId(id.clone())))
    }

    fn tip(&self, branch: &RefName) -> Result<Option<CommitId>, OriginError> {
        Ok(self.tip_of(branch.as_str())?)
    }

    fn declared(&self, commit: &CommitId, kinds: &Kinds) -> Result<Declared, OriginError> {
        Ok(self.declared_at(commit, kinds)?)
    }

    fn file(&self, commit: &CommitId, path: &str, limit: u64) -> Result<Standing, OriginError> {
        let kinds = Kinds::default();
        let files = RemoteCommit::new(self.client, self.repository, commit, &kinds);
        Ok(files.at(path, limit)?)
    }

    fn git_dir(&self) -> Option<&Path> {
        None
    }
}
