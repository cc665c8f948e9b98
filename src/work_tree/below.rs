//! What of the entries below a folder is a document.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::DirEntry;

use super::{Candidate, Place, WorkTree, is_submodule, with_slashes};
use crate::document::{Kind, Kinds};

/// A folder of a work tree that is walked through.
pub(super) struct Below {
    tree: Arc<WorkTree>,
    /// The folder, as it was given.
    folder: PathBuf,
    /// Its path from the root.
    path: Option<String>,
    /// Whether the folder that a kind has to itself is another repository's, once that was asked.
    is_taken: OnceLock<bool>,
}

impl Below {
    /// The folder of a work tree, as it was given.
    pub(super) fn new(tree: &WorkTree, folder: &Path) -> Self {
        Self {
            tree: Arc::new(tree.clone()),
            folder: folder.to_owned(),
            path: tree.relative(folder),
            is_taken: OnceLock::new(),
        }
    }

    /// The path of an entry from the root, as [`WorkTree::relative`] tells it, which asks the system
    /// where it is each time.
    pub(super) fn path_of(&self, entry: &DirEntry) -> Option<String> {
        let below = with_slashes(entry.path().strip_prefix(&self.folder).ok()?);
        let mut path = self.path.clone()?;
        if !path.is_empty() && !below.is_empty() {
            path.push('/');
        }
        path.push_str(&below);
        Some(path)
    }

    pub(super) fn candidate(
        &self,
        entry: &DirEntry,
        kinds: &Kinds,
        kind: Option<&Kind>,
    ) -> Option<Candidate> {
        let what = entry.file_type()?;
        let is_folder = what.is_dir();
        // A pipe, a socket or a device is never in a commit, and reading a pipe may never end.
        if !is_folder && !what.is_file() && !what.is_symlink() {
            return None;
        }
        if let Some(kind) = kind {
            if is_folder {
                return None;
            }
            let extension = entry.path().extension()?.to_str()?;
            let is_taken = matches!(extension, "yaml" | "yml" | "json");
            return is_taken.then(|| Candidate::new(entry.path(), kind.clone(), None));
        }
        let path = self.path_of(entry)?;
        let leads_elsewhere = || what.is_symlink() || is_folder && is_submodule(entry.path());
        let of_own_folder = kinds.of_own_folder(&path).filter(|_| leads_elsewhere());
        let of_what_stands_there = match is_folder {
            // git knows no empty ones.
            true => kinds
                .of_folder(&path)
                .filter(|_| holds_something(entry.path())),
            false => kinds.of_path(&path),
        };
        let kind = of_what_stands_there.or(of_own_folder)?.clone();
        if self.is_of_a_submodule(&path, kinds) {
            return None;
        }
        let tree = Arc::clone(&self.tree);
        let place = Place { tree, path };
        Some(Candidate::new(entry.path(), kind, Some(place)))
    }

    /// Whether a document's path leads through a folder that another repository has taken from its kind;
    /// with thousands of files in it, it is looked at once.
    fn is_of_a_submodule(&self, path: &str, kinds: &Kinds) -> bool {
        let is_taken = |folder| {
            *self
                .is_taken
                .get_or_init(|| is_submodule(&self.tree.root.join(folder)))
        };
        path.split_once('/')
            .is_some_and(|(folder, _)| kinds.of_own_folder(folder).is_some() && is_taken(folder))
    }
}

fn holds_something(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}
