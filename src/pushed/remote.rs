//! A repository that only Bitbucket's REST API can read.

use super::Pushed;
use crate::bitbucket::{Client, Problem};
use crate::document::Kinds;
use crate::git::{CommitId, ObjectId, RefName};
use crate::remote_commit::RemoteCommit;
use crate::repository::RepositoryName;

/// A repository on a Bitbucket Server.
pub struct Remote<'a> {
    /// The server.
    pub client: &'a Client,
    /// The repository.
    pub name: &'a RepositoryName,
    /// Which files are documents.
    pub kinds: &'a Kinds,
}

impl Pushed for Remote<'_> {
    type Error = Problem;
    type Files<'a>
        = RemoteCommit<'a>
    where
        Self: 'a;

    fn default_branch(&self) -> Result<Option<RefName>, Problem> {
        let branch = self.client.default_branch(self.name)?;
        Ok(branch.map(|branch| RefName::from_bytes(branch.id.as_bytes())))
    }

    /// Bitbucket announces commits alone where a branch is moved.
    fn commit(&self, id: &ObjectId) -> Result<Option<CommitId>, Problem> {
        Ok(Some(CommitId(id.clone())))
    }

    fn tip(&self, branch: &RefName) -> Result<Option<CommitId>, Problem> {
        let tip = self.client.tip(self.name, branch.as_str())?;
        Ok(tip.and_then(|tip| tip.parse().ok()).map(CommitId))
    }

    fn files<'a>(&'a self, commit: &'a CommitId) -> RemoteCommit<'a> {
        RemoteCommit::new(self.client, self.name, commit, self.kinds)
    }

    fn is_forgotten(&self, error: &Problem) -> bool {
        error.is_exception("NoSuchCommitException")
    }
}
