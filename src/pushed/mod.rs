//! What an accepted push means for the world outside: entities for Port, commits to build, and who owns
//! what it declares. The repository may be on a disk or behind Bitbucket's REST API.

pub mod builds;
mod entities;
mod on_disk;
mod owners;
mod remote;

use crate::check::RepositoryFiles;
use crate::config::Config;
use crate::git::{CommitId, ObjectId, RefName};

pub use entities::Entities;
pub use on_disk::OnDisk;
pub use owners::StoredOwners;
pub use remote::Remote;

/// A repository that was pushed to, whoever reads it.
pub trait Pushed {
    /// Why something can't be read. It never stands for "nothing there".
    type Error;
    /// The files of a commit.
    type Files<'a>: RepositoryFiles<Error = Self::Error>
    where
        Self: 'a;

    /// The default branch; none where there is none.
    ///
    /// # Errors
    /// It can't be read.
    fn default_branch(&self) -> Result<Option<RefName>, Self::Error>;

    /// The commit that an id stands for, tags followed; none where it stands for something else.
    ///
    /// # Errors
    /// An object can't be read.
    fn commit(&self, id: &ObjectId) -> Result<Option<CommitId>, Self::Error>;

    /// Where a branch stands now; none where it is not there.
    ///
    /// # Errors
    /// It can't be read.
    fn tip(&self, branch: &RefName) -> Result<Option<CommitId>, Self::Error>;

    /// The files of a commit.
    fn files<'a>(&'a self, commit: &'a CommitId) -> Self::Files<'a>;

    /// Whether an error says that a commit is not there any more, as one may be that a forced push has
    /// left behind.
    fn is_forgotten(&self, _error: &Self::Error) -> bool {
        false
    }
}

/// The branch whose entities go to Port: the configured one, else the repository's default branch.
///
/// # Errors
/// The default branch can't be read.
pub fn port_branch<R: Pushed>(
    config: &Config,
    repository: &R,
) -> Result<Option<RefName>, R::Error> {
    match &config.port.branch {
        Some(branch) => Ok(Some(RefName::of_branch(branch))),
        None => repository.default_branch(),
    }
}
