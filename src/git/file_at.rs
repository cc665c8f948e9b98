//! Single files of a commit, such as those that a `file://` property names.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::id::{CommitId, ObjectId};
use super::object::{Blob, EntryKind, Tree};
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

/// Looks that a folder takes entry by entry; from then on its entries are kept by name.
const PLAIN_LOOKS: usize = 4;

/// Bytes of folders that are kept for the next look.
const KEPT: usize = 64 * 1024 * 1024;

/// What stands in a folder under one name.
type Found = (EntryKind, ObjectId);

/// The files of one commit, asked for by path, thousands of them if need be.
///
/// Paths have `/` between their parts. Symbolic links are not followed, and `..` leads nowhere.
pub struct CommitFiles<'a, S: ?Sized> {
    store: &'a S,
    commit: &'a CommitId,
    root: OnceCell<ObjectId>,
    folders: RefCell<Folders>,
}

#[derive(Default)]
struct Folders {
    by_id: HashMap<ObjectId, Folder>,
    bytes: usize,
}

struct Folder {
    tree: Rc<Tree>,
    looks: usize,
    by_name: Option<HashMap<Box<[u8]>, Found>>,
}

impl<'a, S: ObjectStore + ?Sized> CommitFiles<'a, S> {
    /// The files of `commit`; nothing is read yet.
    #[must_use]
    pub fn new(store: &'a S, commit: &'a CommitId) -> Self {
        Self {
            store,
            commit,
            root: OnceCell::new(),
            folders: RefCell::default(),
        }
    }

    /// What stands at `path`, with no more than `limit` bytes of content.
    ///
    /// # Errors
    /// The commit, a folder on the way or the file can't be read.
    pub fn read(&self, path: &str, limit: u64) -> Result<FileAt, ReadError> {
        let Some((what, id)) = self.entry(path)? else {
            return Ok(FileAt::Missing);
        };
        let blob = |limit| {
            self.store
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

    /// Whether what stands at `path` is not the same in both commits: another content or mode, or
    /// only in one of them.
    ///
    /// # Errors
    /// A commit or a folder on the way can't be read.
    pub fn differs(&self, other: &Self, path: &str) -> Result<bool, ReadError> {
        let mut old = Some((EntryKind::Folder, self.root()?));
        let mut new = Some((EntryKind::Folder, other.root()?));
        for part in path.split('/') {
            if old == new {
                return Ok(false);
            }
            old = self.step(old, part, path)?;
            new = other.step(new, part, path)?;
        }
        Ok(old != new)
    }

    fn root(&self) -> Result<ObjectId, ReadError> {
        if let Some(root) = self.root.get() {
            return Ok(root.clone());
        }
        let root = self.store.root_tree(self.commit)?;
        Ok(self.root.get_or_init(|| root).clone())
    }

    fn entry(&self, path: &str) -> Result<Option<Found>, ReadError> {
        let mut here = Some((EntryKind::Folder, self.root()?));
        for part in path.split('/') {
            if here.is_none() {
                break;
            }
            here = self.step(here, part, path)?;
        }
        Ok(here)
    }

    /// The entry `part` of a folder; of anything else there is none.
    fn step(
        &self,
        from: Option<Found>,
        part: &str,
        path: &str,
    ) -> Result<Option<Found>, ReadError> {
        let Some((EntryKind::Folder, id)) = from else {
            return Ok(None);
        };
        self.look(&id, part.as_bytes())
            .map_err(|error| error.wanted_for(|| Wanted::File(path.to_owned())))
    }

    fn look(&self, id: &ObjectId, name: &[u8]) -> Result<Option<Found>, ReadError> {
        let mut folders = self.folders.borrow_mut();
        if let Some(folder) = folders.by_id.get_mut(id) {
            return folder.look(name);
        }
        let tree = self.store.tree(id)?;
        if folders.bytes + tree.bytes() > KEPT {
            *folders = Folders::default();
        }
        folders.bytes += tree.bytes();
        let folder = Folder {
            tree,
            looks: 0,
            by_name: None,
        };
        folders.by_id.entry(id.clone()).or_insert(folder).look(name)
    }
}

impl Folder {
    fn look(&mut self, name: &[u8]) -> Result<Option<Found>, ReadError> {
        if self.looks < PLAIN_LOOKS {
            self.looks += 1;
            let entry = self.tree.entry(name)?;
            return entry
                .map(|entry| Ok((entry.kind(), entry.id()?)))
                .transpose();
        }
        if self.by_name.is_none() {
            let mut by_name = HashMap::new();
            for entry in self.tree.entries() {
                let entry = entry?;
                let found = (entry.kind(), entry.id()?);
                // The first one of a name stands, as it does for a single look.
                by_name.entry(entry.name().into()).or_insert(found);
            }
            self.by_name = Some(by_name);
        }
        let by_name = self.by_name.as_ref();
        Ok(by_name.and_then(|by_name| by_name.get(name).cloned()))
    }
}

/// What stands at `path` of a commit, with no more than `limit` bytes of content.
///
/// # Errors
/// The commit, a folder on the way or the file can't be read.
pub fn read(
    store: &(impl ObjectStore + ?Sized),
    commit: &CommitId,
    path: &str,
    limit: u64,
) -> Result<FileAt, ReadError> {
    CommitFiles::new(store, commit).read(path, limit)
}
