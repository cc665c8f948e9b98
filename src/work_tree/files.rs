//! The files of a work tree, as the rules ask for them.

use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{WorkTree, is_submodule, shown};
use crate::check::{RepositoryFiles, Standing};
use crate::document::{Kind, Kinds};

/// A work tree whose documents are known by these kinds.
#[derive(Debug)]
pub struct WorkTreeFiles<'a> {
    tree: &'a WorkTree,
    kinds: &'a Kinds,
}

/// A file of a work tree that can't be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl<'a> WorkTreeFiles<'a> {
    /// The files of a work tree; nothing is read yet.
    #[must_use]
    pub fn new(tree: &'a WorkTree, kinds: &'a Kinds) -> Self {
        Self { tree, kinds }
    }

    /// Whether more than one document may stand at the paths of the kind: a look at the few names
    /// that the root may have, without a walk.
    fn may_hold_several(&self, kind: &Kind, names: &[&str]) -> bool {
        let mut count = 0;
        for name in names {
            let path = self.tree.root.join(name);
            let Ok(metadata) = path.symlink_metadata() else {
                continue;
            };
            count += match metadata.is_dir() {
                false => usize::from(self.kinds.of_path(name) == Some(kind)),
                true if self.kinds.may_contain_of(kind, name) => 2,
                true => 0,
            };
        }
        count > 1
    }
}

impl RepositoryFiles for WorkTreeFiles<'_> {
    type Error = Unreadable;

    /// What git ignores is left out. Where patterns leave it open in which folders documents lie, the
    /// whole work tree is walked through, as git itself does for each commit; a folder that is none
    /// may be anything, such as somebody's home, and there only given files count.
    fn documents(&self, kind: &Kind) -> Result<Vec<String>, Unreadable> {
        let may_be_several = match self.kinds.names_at_the_top_of(kind) {
            Some(names) => self.may_hold_several(kind, &names),
            None => self.tree.is_repository(),
        };
        if !may_be_several {
            return Ok(Vec::new());
        }
        Ok(self.tree.paths_of(self.kinds, kind))
    }

    fn at(&self, path: &str, limit: u64) -> Result<Standing, Unreadable> {
        let mut here = self.tree.root.clone();
        let mut standing = Ok(Standing::Folder);
        for part in path.split('/') {
            // Below anything else than a folder of this repository there is nothing, and what lies
            // in `.git` is never in a commit.
            if !matches!(standing, Ok(Standing::Folder)) || part == ".git" {
                return Ok(Standing::Nothing);
            }
            here.push(part);
            standing = match here.symlink_metadata() {
                Ok(metadata) => of_entry(&here, &metadata, limit),
                Err(error) if is_nothing(&error) => return Ok(Standing::Nothing),
                Err(error) => Err(error),
            };
        }
        standing.map_err(|source| Unreadable { path: here, source })
    }

    fn shown(&self, path: &str) -> String {
        shown(&self.tree.root_from_here().join(path))
    }
}

fn of_entry(path: &Path, metadata: &Metadata, limit: u64) -> io::Result<Standing> {
    let kind = metadata.file_type();
    Ok(if kind.is_symlink() {
        Standing::Symlink
    } else if kind.is_dir() && is_submodule(path) {
        Standing::Submodule
    } else if kind.is_dir() {
        Standing::Folder
    } else if !kind.is_file() {
        // A socket or a device is never in a commit.
        Standing::Nothing
    } else if metadata.len() > limit {
        Standing::LargeFile {
            bytes: metadata.len(),
        }
    } else {
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        Standing::File(bytes)
    })
}

/// Whether the error says that no file can have this path.
fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
    )
}
