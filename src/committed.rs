//! The files of a commit, as the rules ask for them.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::check::{RepositoryFiles, Standing};
use crate::document::{Kind, Kinds};
use crate::git::{
    Blob, CommitFiles, CommitId, DocumentPaths, EntryKind, FileAt, ObjectStore, ReadError,
    TreeDocument, documents_at,
};

/// The paths that hold documents of one kind, and no others.
pub struct PathsOf<'a> {
    /// All kinds.
    pub kinds: &'a Kinds,
    /// The kind.
    pub kind: &'a Kind,
}

impl DocumentPaths for PathsOf<'_> {
    fn is_document(&self, path: &str) -> bool {
        self.kinds.of_path(path) == Some(self.kind)
    }

    fn is_in_the_way(&self, path: &str) -> bool {
        self.kinds.of_folder(path) == Some(self.kind)
    }

    fn may_contain(&self, folder: &str) -> bool {
        self.kinds.may_contain_of(self.kind, folder)
    }

    fn names_at_the_top(&self) -> Option<Vec<&str>> {
        self.kinds.names_at_the_top_of(self.kind)
    }
}

/// A commit; nothing of it is read before somebody asks.
pub struct Committed<'a> {
    store: &'a dyn ObjectStore,
    commit: &'a CommitId,
    kinds: &'a Kinds,
    listed: Listed,
    /// What was listed here stands where it is known to: no folder is searched for it again.
    found: RefCell<HashMap<String, TreeDocument>>,
    files: CommitFiles<'a, dyn ObjectStore + 'a>,
}

/// The documents of a commit that were listed before.
#[derive(Clone, Debug)]
pub enum Listed {
    /// Nothing was.
    Nothing,
    /// Those of Port.
    Port(Vec<String>),
    /// Those of all kinds.
    All(Vec<String>),
}

impl Listed {
    /// The paths of documents.
    pub fn paths<'d>(documents: impl IntoIterator<Item = &'d TreeDocument>) -> Vec<String> {
        let paths = documents.into_iter().map(|document| document.path.clone());
        paths.collect()
    }
}

impl<'a> Committed<'a> {
    /// The files of a commit, of whose documents some are `listed` already.
    #[must_use]
    pub fn new(
        store: &'a dyn ObjectStore,
        commit: &'a CommitId,
        kinds: &'a Kinds,
        listed: Listed,
    ) -> Self {
        Self {
            store,
            commit,
            kinds,
            listed,
            found: RefCell::default(),
            files: CommitFiles::new(store, commit),
        }
    }
}

impl RepositoryFiles for Committed<'_> {
    type Error = ReadError;

    fn documents(&self, kind: &Kind) -> Result<Vec<String>, ReadError> {
        match (&self.listed, kind) {
            (Listed::Port(paths), Kind::Port) => return Ok(paths.clone()),
            (Listed::All(paths), _) => {
                let paths = paths.iter();
                let of_kind = paths.filter(|path| self.kinds.of_path(path) == Some(kind));
                return Ok(of_kind.cloned().collect());
            }
            (Listed::Port(_) | Listed::Nothing, _) => {}
        }
        let kinds = self.kinds;
        let documents = documents_at(self.store, self.commit, &PathsOf { kinds, kind })?;
        let paths = Listed::paths(&documents);
        let found = documents.into_iter();
        let found = found.map(|document| (document.path.clone(), document));
        self.found.borrow_mut().extend(found);
        Ok(paths)
    }

    fn at(&self, path: &str, limit: u64) -> Result<Standing, ReadError> {
        if let Some(document) = self.found.borrow().get(path) {
            return Ok(match document.what {
                EntryKind::File | EntryKind::Executable => {
                    match self.store.blob(&document.id, limit)? {
                        Blob::Content(bytes) => Standing::File(bytes),
                        Blob::TooLarge { bytes } => Standing::LargeFile { bytes },
                    }
                }
                EntryKind::Symlink => Standing::Symlink,
                EntryKind::Submodule => Standing::Submodule,
                EntryKind::Folder => Standing::Folder,
            });
        }
        Ok(self.files.read(path, limit)?.into())
    }
}

impl From<FileAt> for Standing {
    fn from(file: FileAt) -> Self {
        match file {
            FileAt::Missing => Self::Nothing,
            FileAt::Content { bytes, .. } => Self::File(bytes),
            FileAt::TooLarge { bytes, .. } => Self::LargeFile { bytes },
            FileAt::Symlink { .. } => Self::Symlink,
            FileAt::Submodule => Self::Submodule,
            FileAt::Folder => Self::Folder,
        }
    }
}
