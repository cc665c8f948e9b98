//! Where an accepted push is read: its repository on this node's disk, or Bitbucket's REST API where
//! the hook is told no repository (facts: Bitbucket 8 and later).

mod disk;
mod rest;

use std::path::Path;

use crate::bitbucket::Problem;
use crate::check::Standing;
use crate::declared::Declared;
use crate::document::Kinds;
use crate::git::{CommitId, ObjectId, ReadError, RefName};

pub use disk::OnDisk;
pub use rest::{ByRest, DEFAULT_BRANCH};

/// Branches and files of one repository. What can't be read is an error, never "nothing there".
pub trait Origin {
    /// The default branch; none where the repository names none.
    ///
    /// # Errors
    /// It can't be read.
    fn default_branch(&self) -> Result<Option<RefName>, OriginError>;

    /// The branch that a push to this name moves: another one where it is a symbolic ref, which
    /// Bitbucket has none of but HEAD.
    ///
    /// # Errors
    /// It can't be read.
    fn moves(&self, name: &RefName) -> Result<RefName, OriginError>;

    /// The commit that an updated branch points to; none where it is something else.
    ///
    /// # Errors
    /// It can't be read.
    fn commit(&self, id: &ObjectId) -> Result<Option<CommitId>, OriginError>;

    /// Where a branch stands now; none where it is gone.
    ///
    /// # Errors
    /// It can't be read.
    fn tip(&self, branch: &RefName) -> Result<Option<CommitId>, OriginError>;

    /// What the repository declares at a commit.
    ///
    /// # Errors
    /// A file of it can't be read. What is wrong with the files makes the state undetermined.
    fn declared(&self, commit: &CommitId, kinds: &Kinds) -> Result<Declared, OriginError>;

    /// What stands at a path of a commit, with the content of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// It can't be read.
    fn file(&self, commit: &CommitId, path: &str, limit: u64) -> Result<Standing, OriginError>;

    /// The repository on this node's disk, where it is there.
    fn git_dir(&self) -> Option<&Path>;
}

/// Why something can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum OriginError {
    /// Of a repository on the disk.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Disk(#[from] ReadError),
    /// By Bitbucket's REST API: another time it may answer.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rest(#[from] Problem),
}
