//! What rules may ask of the repository round a document, whoever reads it.

use crate::document::Kind;

/// The files of a repository: at one commit, or in a work tree.
///
/// Paths start at the root and have `/` between their parts. Symbolic links are never followed.
pub trait RepositoryFiles {
    /// Why something can't be read. It never stands for "nothing there".
    type Error;

    /// The paths of all documents of a kind, whatever stands there.
    ///
    /// # Errors
    /// A folder can't be read.
    fn documents(&self, kind: &Kind) -> Result<Vec<String>, Self::Error>;

    /// What stands at a path, with the content of a file that has no more than `limit` bytes.
    ///
    /// # Errors
    /// A folder on the way or the file can't be read.
    fn at(&self, path: &str, limit: u64) -> Result<Standing, Self::Error>;

    /// A path as reports show it.
    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, or the path leads through something that is no folder.
    Nothing,
    /// A file.
    File(Vec<u8>),
    /// A file of more bytes than were asked for; it was not read.
    LargeFile {
        /// Its size.
        bytes: u64,
    },
    /// A symbolic link.
    Symlink,
    /// A submodule.
    Submodule,
    /// A folder.
    Folder,
}
