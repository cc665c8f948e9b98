//! The way through the folders of a commit that enters only those that may hold documents.

use super::id::ObjectId;
use super::object::{Entries, Entry, EntryKind, FirstBytes, Tree};
use super::read_error::{ReadError, WalkLimit, Wanted};
use super::store::ObjectStore;
use crate::visible::bytes_in_words;

/// Folders inside one another, as git itself allows them (`core.maxTreeDepth`).
const DEPTH: usize = 2048;

/// Folders entered in one walk: more than the largest repositories known have, and an end for a
/// tree that holds itself ten times on each of ten levels.
const FOLDERS: usize = 200_000;

/// Which paths are documents.
pub trait DocumentPaths {
    /// Whether the file at this path, `/` between its parts, is a document.
    fn is_document(&self, path: &str) -> bool;

    /// Whether a folder or submodule at this path stands in a document's place; it is only asked for
    /// the paths of documents.
    fn is_in_the_way(&self, path: &str) -> bool;

    /// Whether the folder at this path is there for documents alone, so that a link or a submodule in
    /// its place hides them.
    fn is_own_folder(&self, _path: &str) -> bool {
        false
    }

    /// Whether documents may lie below this folder, at any depth. It is not asked for the topmost
    /// one.
    fn may_contain(&self, folder: &str) -> bool;

    /// The only names in the topmost folder that documents have or lie below, where they can be
    /// listed: a folder of thousands is then passed over without a look at each path.
    fn names_at_the_top(&self) -> Option<Vec<&str>> {
        None
    }
}

/// What stands at a document's path, or in place of a folder of documents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TreeDocument {
    /// The path, `/` between its parts.
    pub path: String,
    /// The blob; of a folder the tree, of a submodule a commit of the other repository.
    pub id: ObjectId,
    /// What it is: only a file can be checked.
    pub what: EntryKind,
}

struct Folder {
    /// Empty or with `/` at the end.
    prefix: String,
    depth: usize,
    old: Option<ObjectId>,
    new: ObjectId,
}

/// The documents below the tree `new` that are not the same below the tree `old`, by path.
///
/// Folders that are the same on both sides are not read.
pub(super) fn differing(
    store: &(impl ObjectStore + ?Sized),
    old: Option<&ObjectId>,
    new: &ObjectId,
    paths: &(impl DocumentPaths + ?Sized),
) -> Result<Vec<TreeDocument>, ReadError> {
    let mut found = Vec::new();
    if old == Some(new) {
        return Ok(found);
    }
    // A list of its own instead of recursion: a push decides how deep its folders go.
    let mut waiting = vec![Folder {
        prefix: String::new(),
        depth: 0,
        old: old.cloned(),
        new: new.clone(),
    }];
    let mut entered = 0;
    while let Some(folder) = waiting.pop() {
        entered += 1;
        if entered > FOLDERS {
            return Err(ReadError::Walk(WalkLimit::Folders(FOLDERS)));
        }
        if folder.depth > DEPTH {
            return Err(ReadError::Walk(WalkLimit::Depth(DEPTH)));
        }
        enter(store, &folder, paths, &mut found, &mut waiting)?;
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn enter(
    store: &(impl ObjectStore + ?Sized),
    folder: &Folder,
    paths: &(impl DocumentPaths + ?Sized),
    found: &mut Vec<TreeDocument>,
    waiting: &mut Vec<Folder>,
) -> Result<(), ReadError> {
    let name = || match folder.prefix.strip_suffix('/') {
        Some(path) => Wanted::Folder(path.to_owned()),
        None => Wanted::Root,
    };
    let read = |id: &ObjectId| store.tree(id).map_err(|error| error.wanted_for(name));
    let new = read(&folder.new)?;
    let old = folder.old.as_ref().map(read).transpose()?;
    let only = match folder.prefix.as_str() {
        "" => paths.names_at_the_top(),
        _ => None,
    };
    let mut alongside = Alongside::of(old.as_deref().filter(|_| only.is_none()), &new);
    let mut path = folder.prefix.clone();
    let first = only.as_deref().map(FirstBytes::of);
    let mut entries = new.entries();
    loop {
        if let Some(first) = &first {
            entries.pass_over_all_but(first);
        }
        let Some(entry) = entries.next() else {
            break;
        };
        let entry = entry.map_err(|error| error.wanted_for(name))?;
        if let Some(names) = &only {
            if !names.iter().any(|name| name.as_bytes() == entry.name()) {
                continue;
            }
        } else if alongside.passes(&entry, entries.bytes()) {
            continue;
        }
        path.truncate(folder.prefix.len());
        path.push_str(&bytes_in_words(entry.name()));
        let is_document = match entry.kind() {
            EntryKind::File | EntryKind::Executable => paths.is_document(&path),
            EntryKind::Symlink => paths.is_document(&path) || paths.is_own_folder(&path),
            EntryKind::Folder => paths.is_document(&path) && paths.is_in_the_way(&path),
            EntryKind::Submodule => {
                paths.is_document(&path) && paths.is_in_the_way(&path) || paths.is_own_folder(&path)
            }
        };
        let leads_on = entry.kind() == EntryKind::Folder && paths.may_contain(&path);
        if !is_document && !leads_on {
            continue;
        }
        let before = Before::of(old.as_deref(), &entry);
        if matches!(before, Before::Same) {
            continue;
        }
        if is_document {
            found.push(TreeDocument {
                path: path.clone(),
                id: entry.id()?,
                what: entry.kind(),
            });
        }
        if leads_on {
            waiting.push(Folder {
                prefix: format!("{path}/"),
                depth: folder.depth + 1,
                old: match before {
                    Before::Folder(id) => Some(id),
                    Before::Same | Before::Other => None,
                },
                new: entry.id()?,
            });
        }
    }
    Ok(())
}

/// The old folder's entries, followed beside the new one's so that equal ones are passed over at
/// next to no price: most of a large folder is the same on both sides.
///
/// It may miss some, where a folder isn't sorted as it should be; [`Before`] is what decides.
struct Alongside<'tree> {
    rest: Option<Entries<'tree>>,
    /// Bytes from here on that are the same on both sides, both at the start of an entry.
    same: usize,
}

impl<'tree> Alongside<'tree> {
    fn of(old: Option<&'tree Tree>, new: &Tree) -> Self {
        let rest = old.map(Tree::entries);
        let same = rest
            .as_ref()
            .map_or(0, |rest| common(rest.bytes(), new.entries().bytes()));
        Self { rest, same }
    }

    /// Whether the old folder has the very same entry; `following` is what comes after it.
    fn passes(&mut self, entry: &Entry<'_>, following: &[u8]) -> bool {
        let Some(rest) = &mut self.rest else {
            return false;
        };
        let length = entry.raw.len();
        if length <= self.same {
            self.same -= length;
            rest.skip_bytes(length);
            return true;
        }
        self.same = 0;
        // What can't be parsed of the old side is taken for absent: a push may well mend it.
        while let Some(Ok(old)) = rest.peek() {
            if old.name() > entry.name() {
                break;
            }
            rest.skip_bytes(old.raw.len());
            if old.name() == entry.name() {
                self.same = common(rest.bytes(), following);
                return old.raw == entry.raw;
            }
        }
        false
    }
}

/// How many bytes are the same at the start of both.
fn common(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let blocks = a
        .chunks_exact(BLOCK)
        .zip(b.chunks_exact(BLOCK))
        .take_while(|(a, b)| a == b)
        .count();
    let start = blocks * BLOCK;
    let rest = a[start..]
        .iter()
        .zip(&b[start..])
        .take_while(|(a, b)| a == b)
        .count();
    start + rest
}

/// What stood in an entry's place.
enum Before {
    /// The very same.
    Same,
    /// A folder with other content.
    Folder(ObjectId),
    /// Nothing, or something else.
    Other,
}

impl Before {
    fn of(old: Option<&Tree>, entry: &Entry<'_>) -> Self {
        let mut before = Self::Other;
        for old in old
            .into_iter()
            .flat_map(Tree::entries)
            .map_while(Result::ok)
        {
            if old.name() != entry.name() {
                continue;
            }
            if old.holds_the_same(entry) {
                return Self::Same;
            }
            if old.kind() == EntryKind::Folder
                && entry.kind() == EntryKind::Folder
                && let Ok(id) = old.id()
            {
                before = Self::Folder(id);
            }
        }
        before
    }
}
