//! Single files of a commit, such as those that a `file://` property names.

use super::id::{CommitId, ObjectId};
use super::object::{Blob, EntryKind};
use super::read_error::{ReadError, Wanted};
use super::store::ObjectStore;

/// What stands at a path of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAt {
    /// Nothing, or the path leads through something that is no folder.
    Missing,
    /// A file.
    Content {
        /// Its blob.
        id: ObjectId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A file with more bytes than were asked for; it was not read.
    TooLarge {
        /// Its blob.
        id: ObjectId,
        /// Its size.
        bytes: u64,
    },
    /// A symbolic link.
    Symlink {
        /// Where it points to, as it was pushed; U+FFFD where that is no UTF-8.
        target: String,
    },
    /// A submodule.
    Submodule,
    /// A folder.
    Folder,
}

/// A longer target than any file system allows is cut off.
const TARGET: u64 = 4096;

/// What stands at `path` of a commit, with no more than `limit` bytes of content.
///
/// The path has `/` between its parts. Symbolic links are not followed, and `..` leads nowhere.
///
/// # Errors
/// The commit, a folder on the way or the file can't be read.
pub fn read(
    store: &(impl ObjectStore + ?Sized),
    commit: &CommitId,
    path: &str,
    limit: u64,
) -> Result<FileAt, ReadError> {
    let root = store.root_tree(commit)?;
    let Some((what, id)) = entry_at(store, root, path)? else {
        return Ok(FileAt::Missing);
    };
    let blob = |limit| {
        store
            .blob(&id, limit)
            .map_err(|error| error.wanted_for(|| Wanted::File(path.to_owned())))
    };
    Ok(match what {
        EntryKind::File | EntryKind::Executable => match blob(limit)? {
            Blob::Content(bytes) => FileAt::Content { id, bytes },
            Blob::TooLarge { bytes } => FileAt::TooLarge { id, bytes },
        },
        EntryKind::Symlink => FileAt::Symlink {
            target: match blob(TARGET)? {
                Blob::Content(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Blob::TooLarge { bytes } => format!("(a target of {bytes} bytes)"),
            },
        },
        EntryKind::Submodule => FileAt::Submodule,
        EntryKind::Folder => FileAt::Folder,
    })
}

/// Whether what stands at `path` is not the same in both commits: another content or mode, or only
/// in one of them.
///
/// # Errors
/// A commit or a folder on the way can't be read.
pub fn differs(
    store: &(impl ObjectStore + ?Sized),
    old: &CommitId,
    new: &CommitId,
    path: &str,
) -> Result<bool, ReadError> {
    let mut old = Some((EntryKind::Folder, store.root_tree(old)?));
    let mut new = Some((EntryKind::Folder, store.root_tree(new)?));
    for part in path.split('/') {
        if old == new {
            return Ok(false);
        }
        old = step(store, old, part, path)?;
        new = step(store, new, part, path)?;
    }
    Ok(old != new)
}

/// What stands at `path` below the tree `root`.
fn entry_at(
    store: &(impl ObjectStore + ?Sized),
    root: ObjectId,
    path: &str,
) -> Result<Option<(EntryKind, ObjectId)>, ReadError> {
    let mut here = Some((EntryKind::Folder, root));
    for part in path.split('/') {
        here = step(store, here, part, path)?;
    }
    Ok(here)
}

/// The entry `part` of a folder; of anything else there is none.
fn step(
    store: &(impl ObjectStore + ?Sized),
    from: Option<(EntryKind, ObjectId)>,
    part: &str,
    path: &str,
) -> Result<Option<(EntryKind, ObjectId)>, ReadError> {
    let Some((EntryKind::Folder, id)) = from else {
        return Ok(None);
    };
    let look = || {
        let tree = store.tree(&id)?;
        match tree.entry(part.as_bytes())? {
            Some(entry) => Ok(Some((entry.kind(), entry.id()?))),
            None => Ok(None),
        }
    };
    look().map_err(|error: ReadError| error.wanted_for(|| Wanted::File(path.to_owned())))
}
