//! The documents of a work tree, as a developer or CI has them on disk.

mod below;
mod files;

use std::cmp::Ordering;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, mpsc};

use ignore::{DirEntry, WalkBuilder, WalkState};
use memchr::memrchr;

use crate::document::{Kind, Kinds};

use below::Below;

pub use files::{Unreadable, WorkTreeFiles};

/// A file that is to be checked.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where it is, as given or found below what was given.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Where it lies in its work tree; none where its path there makes it no document, so that it
    /// stands for itself.
    pub place: Option<Place>,
}

/// A document's place in its work tree.
#[derive(Clone, Debug)]
pub struct Place {
    /// The work tree.
    pub tree: Arc<WorkTree>,
    /// The path from its root, with `/` between its parts.
    pub path: String,
}

impl Candidate {
    /// A file to be checked; `./x` and `x` are the same one.
    #[must_use]
    pub fn new(path: &Path, kind: Kind, place: Option<Place>) -> Self {
        let path = path.strip_prefix(".").unwrap_or(path).to_owned();
        Self { path, kind, place }
    }

    /// Whether it is what stands in place of a folder that its kind has to itself.
    #[must_use]
    pub fn is_own_folder(&self, kinds: &Kinds) -> bool {
        let place = self.place.as_ref();
        place.is_some_and(|place| kinds.of_own_folder(&place.path).is_some())
    }

    /// The order of paths. Two files of one folder, which may hold thousands, are told apart by their
    /// names alone, and others from where they differ: to take paths into their parts costs ten times as
    /// much.
    #[must_use]
    pub fn by_path(&self, other: &Self) -> Ordering {
        let own = self.path.as_os_str().as_encoded_bytes();
        let others = other.path.as_os_str().as_encoded_bytes();
        let name = memrchr(b'/', own);
        let at = name.unwrap_or_default();
        if name == memrchr(b'/', others) && own[..at] == others[..at] {
            return own[at..].cmp(&others[at..]);
        }
        let same = own
            .iter()
            .zip(others)
            .take_while(|(own, other)| own == other);
        let same = same.count();
        let (own, others) = (&own[same..], &others[same..]);
        if own.contains(&b'/') || others.contains(&b'/') {
            return self.path.cmp(&other.path);
        }
        own.cmp(others)
    }
}

/// A work tree of git, or a folder outside of any.
#[derive(Clone, Debug)]
pub struct WorkTree {
    root: PathBuf,
    is_repository: bool,
}

impl WorkTree {
    /// The work tree that a path lies in: the nearest folder above it that holds `.git`; where
    /// there is none, the folder itself, or the file's folder.
    #[must_use]
    pub fn around(path: &Path) -> Self {
        let absolute = normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let folder = if absolute.is_dir() {
            absolute
        } else {
            absolute.parent().map_or_else(PathBuf::new, Path::to_owned)
        };
        match folder
            .ancestors()
            .find(|folder| folder.join(".git").exists())
        {
            Some(root) => Self {
                root: root.to_owned(),
                is_repository: true,
            },
            None => Self {
                root: folder,
                is_repository: false,
            },
        }
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it is git's, and no folder outside of any.
    #[must_use]
    pub fn is_repository(&self) -> bool {
        self.is_repository
    }

    /// Its root as a path from the working directory, if that lies in it: `.`, `..`, `../..`.
    #[must_use]
    pub fn root_from_here(&self) -> PathBuf {
        let here = std::path::absolute(".").map(|here| normal(&here));
        match here.as_deref().map(|here| here.strip_prefix(&self.root)) {
            Ok(Ok(below)) if below.as_os_str().is_empty() => PathBuf::from("."),
            Ok(Ok(below)) => below.components().map(|_| "..").collect(),
            _ => self.root.clone(),
        }
    }

    /// A file given by hand as a document: of the kind that its path from the root says, else its
    /// name, since who names a file wants it checked; none where neither tells.
    #[must_use]
    pub fn candidate(self, kinds: &Kinds, path: &Path) -> Option<Candidate> {
        let relative = self.relative(path)?;
        let of_link = || {
            let kind = kinds.of_own_folder(&relative)?;
            path.is_symlink().then_some(kind)
        };
        let Some(kind) = kinds.of_path(&relative).or_else(of_link).cloned() else {
            // Outside of any work tree a file's own folder is the root, and its name tells something.
            let whole = with_slashes(&normal(&std::path::absolute(path).ok()?));
            let kind = kinds.of_file_name(&whole)?.clone();
            return Some(Candidate::new(path, kind, None));
        };
        let place = Place {
            tree: Arc::new(self),
            path: relative,
        };
        Some(Candidate::new(path, kind, Some(place)))
    }

    /// The documents in and below a folder, as [`WorkTree::each_document_below`] tells of them.
    #[must_use]
    pub fn documents_below(
        &self,
        folder: &Path,
        kinds: &Kinds,
        kind: Option<&Kind>,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        self.each_document_below(folder, kinds, kind, |candidate| found.push(candidate));
        found
    }

    /// Tells of the documents in and below a folder that git does not ignore, and of the folders that
    /// stand in the place of one, in any order. With a `kind`, every YAML and JSON file is one of that
    /// kind.
    pub fn each_document_below(
        &self,
        folder: &Path,
        kinds: &Kinds,
        kind: Option<&Kind>,
        each: impl FnMut(Candidate),
    ) {
        let of = kinds.clone();
        let everywhere = kind.is_some();
        self.walk(
            folder,
            move |below, entry| {
                let is_entered = |relative: String| {
                    of.may_contain(&relative) || of.of_folder(&relative).is_some()
                };
                everywhere || below.path_of(entry).is_some_and(is_entered)
            },
            |below, entry| below.candidate(entry, kinds, kind),
            each,
        );
    }

    /// The paths from the root of all documents of one kind that git does not ignore, in order.
    #[must_use]
    pub fn paths_of(&self, kinds: &Kinds, kind: &Kind) -> Vec<String> {
        let (of, only) = (kinds.clone(), kind.clone());
        let mut paths = Vec::new();
        self.walk(
            &self.root,
            move |below, entry| {
                let is_entered = |relative: String| {
                    of.may_contain_of(&only, &relative)
                        && (of.of_own_folder(&relative).is_none() || !is_submodule(entry.path()))
                };
                below.path_of(entry).is_some_and(is_entered)
            },
            |below, entry| {
                let path = below.path_of(entry)?;
                let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
                (is_file && kinds.of_path(&path) == Some(kind)).then_some(path)
            },
            |path| paths.push(path),
        );
        paths.sort();
        paths
    }

    /// Hands on what `take` makes of the entries in and below a folder that git does not ignore, in any
    /// order; of folders, only those that `enter` names are read.
    fn walk<T: Send>(
        &self,
        folder: &Path,
        enter: impl Fn(&Below, &DirEntry) -> bool + Send + Sync + 'static,
        take: impl Fn(&Below, &DirEntry) -> Option<T> + Sync,
        each: impl FnMut(T),
    ) {
        let below = Arc::new(Below::new(self, folder));
        let mut walk = WalkBuilder::new(folder);
        let filter = Arc::clone(&below);
        walk.hidden(false)
            .require_git(self.is_repository)
            .filter_entry(move |entry| {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                !is_folder || entry.file_name() != ".git" && enter(&filter, entry)
            });
        // The threads of a walk wait for one another by sleeping: where there is one folder to read, they
        // take longer than reading it does.
        if is_flat(folder) {
            let entries = walk.build().flatten();
            return entries
                .filter_map(|entry| take(&below, &entry))
                .for_each(each);
        }
        let (found, taken) = mpsc::channel();
        walk.build_parallel().run(|| {
            let (found, below, take) = (found.clone(), Arc::clone(&below), &take);
            Box::new(move |entry| {
                if let Ok(entry) = entry
                    && let Some(one) = take(&below, &entry)
                {
                    // The receiver lives until the walk is over.
                    let _ = found.send(one);
                }
                WalkState::Continue
            })
        });
        drop(found);
        taken.into_iter().for_each(each);
    }

    /// The path from the root, with `/` between its parts; none for one outside.
    fn relative(&self, path: &Path) -> Option<String> {
        let absolute = normal(&std::path::absolute(path).ok()?);
        let relative = absolute.strip_prefix(&self.root).ok()?;
        Some(with_slashes(relative))
    }
}

/// Whether a folder is another repository's.
fn is_submodule(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// Whether a folder holds no other one.
fn is_flat(folder: &Path) -> bool {
    // Where folders count those within as links to them, it needn't be read for that.
    match folder.metadata().map(|folder| folder.nlink()) {
        Err(_) | Ok(3..) => return false,
        Ok(2) => return true,
        Ok(_) => {}
    }
    let is_folder = |entry: std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    std::fs::read_dir(folder).is_ok_and(|entries| !entries.flatten().any(is_folder))
}

/// A name that is no UTF-8 hides no document.
fn with_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// A path as reports show it: with `/`, without a leading `./`.
#[must_use]
pub fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

/// The path without `.` and `..`, by its text alone: links are not followed.
#[must_use]
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(path: &str) -> Candidate {
        Candidate {
            path: path.into(),
            kind: Kind::Port,
            place: None,
        }
    }

    proptest! {
        #[test]
        fn candidates_are_ordered_as_their_paths_are(
            a in "(/|\\.\\./)?([a-c]{1,2}[-.]?/){0,3}[a-c]{1,2}[-.]?[a-c]?",
            b in "(/|\\.\\./)?([a-c]{1,2}[-.]?/){0,3}[a-c]{1,2}[-.]?[a-c]?",
        ) {
            prop_assert_eq!(at(&a).by_path(&at(&b)), Path::new(&a).cmp(Path::new(&b)));
        }
    }
}
