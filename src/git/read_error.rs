//! Why something of a repository can't be read. It never stands for "nothing there".

use std::fmt;

use super::id::ObjectId;
use super::object::ObjectKind;
use crate::visible::visible;

/// What could not be read, what for, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ReadError {
    /// An object.
    #[error("{wanted} (object {id}) can't be read: {fault}")]
    #[diagnostic(help(
        "its content isn't known, so nothing may be said about it: push again; if it stays, have the repository checked on the server with `git fsck`"
    ))]
    Object {
        /// The object.
        id: ObjectId,
        /// What for.
        wanted: Wanted,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The refs, or one of them.
    #[error("the repository's refs can't be read: {reason}")]
    #[diagnostic(help(
        "have the repository checked on the server with `git fsck` and `git for-each-ref`"
    ))]
    References {
        /// What libgit2 or git said.
        reason: String,
    },
    /// More folders than a walk may enter.
    #[error("the documents can't be found: {0}")]
    #[diagnostic(help(
        "narrow the configured file patterns, for example `*/port.yaml` instead of `**/port.yaml`"
    ))]
    Walk(WalkLimit),
}

/// The limit that a walk through the folders of a commit has hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalkLimit {
    /// Folders inside one another.
    #[error("folders lie deeper than {0} inside one another, the most pushgate follows")]
    Depth(usize),
    /// Folders in all.
    #[error("the patterns lead into more than {0} folders, the most pushgate enters")]
    Folders(usize),
}

/// What an object is needed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An object by its id.
    Object,
    /// A ref's tip, by the ref's name.
    Tip(String),
    /// A commit.
    Commit,
    /// The topmost folder of a commit.
    Root,
    /// A folder of a commit.
    Folder(String),
    /// A file of a commit.
    File(String),
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object => f.write_str("an object"),
            Self::Tip(name) => write!(f, "the tip of `{}`", visible(name)),
            Self::Commit => f.write_str("a commit"),
            Self::Root => f.write_str("the topmost folder"),
            Self::Folder(path) => write!(f, "the folder `{}`", visible(path)),
            Self::File(path) => write!(f, "`{}`", visible(path)),
        }
    }
}

/// What is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is missing or damaged; in the words of libgit2 or git.
    #[error("{0}")]
    Unreadable(String),
    /// Its bytes make no sense.
    #[error("{0}")]
    Malformed(&'static str),
    /// It is something else than it must be.
    #[error("it is a {found}, not a {expected}")]
    Unexpected {
        /// What it must be.
        expected: ObjectKind,
        /// What it is.
        found: ObjectKind,
    },
    /// A commit, tag or tree of a size that no honest one has.
    #[error("it has {bytes} bytes, more than the {limit} that pushgate reads")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Tags on tags without end.
    #[error("more than {0} tags point to one another")]
    TagChain(usize),
}

impl ReadError {
    pub(super) fn object(id: &ObjectId, fault: Fault) -> Self {
        Self::Object {
            id: id.clone(),
            wanted: Wanted::Object,
            fault,
        }
    }

    /// Says what the object is needed for, unless that was said already.
    pub(super) fn wanted_for(self, purpose: impl FnOnce() -> Wanted) -> Self {
        match self {
            Self::Object {
                id,
                wanted: Wanted::Object,
                fault,
            } => Self::Object {
                id,
                wanted: purpose(),
                fault,
            },
            other => other,
        }
    }
}
