//! The documents that a ref update brings.

use std::collections::HashSet;

use super::id::{CommitId, ObjectId};
use super::object::ObjectKind;
use super::read_error::{ReadError, Wanted};
use super::ref_update::{RefName, RefUpdate};
use super::store::{Branch, ObjectStore, Peeled};
use super::walk::{DocumentPaths, TreeDocument, differing};

/// What a ref update brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Documents that are new or different, by path; none is a known "nothing to check".
    Documents {
        /// The commit that the ref shall point to, tags followed.
        commit: CommitId,
        /// The documents, and whatever stands in a document's place.
        documents: Vec<TreeDocument>,
    },
    /// The ref shall point to something that is no commit and has no documents: a tag on a file.
    NotACommit {
        /// What it is.
        kind: ObjectKind,
    },
    /// The ref goes away.
    Deleted,
}

/// Every document of a commit, by path.
///
/// # Errors
/// The commit or a folder that may hold documents can't be read.
pub fn documents_at(
    store: &(impl ObjectStore + ?Sized),
    commit: &CommitId,
    paths: &(impl DocumentPaths + ?Sized),
) -> Result<Vec<TreeDocument>, ReadError> {
    let root = store.root_tree(commit)?;
    differing(store, None, &root, paths)
}

/// The documents of `new` that are not the same in `old`: another content, another mode, or not
/// there. Documents that only `old` has are none.
///
/// # Errors
/// A commit or a folder that may hold documents can't be read.
pub fn documents_between(
    store: &(impl ObjectStore + ?Sized),
    old: &CommitId,
    new: &CommitId,
    paths: &(impl DocumentPaths + ?Sized),
) -> Result<Vec<TreeDocument>, ReadError> {
    let new = store.root_tree(new)?;
    let old = store.root_tree(old)?;
    differing(store, Some(&old), &new, paths)
}

/// The documents that a ref update brings.
///
/// Of a ref that moves these are the documents that differ between the two tips, whatever lies
/// between them. Of a new ref they are those that none of the existing branches which `accounts`
/// names holds at that path already, so that a branch of a branch brings nothing; that is true as
/// long as the refs have not moved, in pre-receive.
///
/// # Errors
/// The pushed commit, the old one, or a folder that may hold documents can't be read.
pub fn changed_documents(
    store: &(impl ObjectStore + ?Sized),
    update: &RefUpdate,
    paths: &(impl DocumentPaths + ?Sized),
    accounts: impl Fn(&RefName) -> bool,
) -> Result<Change, ReadError> {
    let (name, old, new) = match update {
        RefUpdate::Created { name, new } => (name, None, new),
        RefUpdate::Moved { name, old, new } => (name, Some(old), new),
        RefUpdate::Deleted { .. } => return Ok(Change::Deleted),
    };
    let tip = |id| {
        store
            .peel(id)
            .map_err(|error| error.wanted_for(|| Wanted::Tip(name.as_str().to_owned())))
    };
    let commit = match tip(new)? {
        Peeled::Commit(commit) => commit,
        Peeled::NotACommit { kind } => return Ok(Change::NotACommit { kind }),
    };
    let before = match old.map(tip).transpose()? {
        Some(Peeled::Commit(before)) => Some(before),
        Some(Peeled::NotACommit { .. }) | None => None,
    };
    let documents = match before {
        Some(before) => documents_between(store, &before, &commit, paths)?,
        None => {
            // The ref itself does not hold yet what it brings.
            let accounts = |other: &RefName| other != name && accounts(other);
            brought_by_new_ref(store, &commit, paths, accounts)?
        }
    };
    Ok(Change::Documents { commit, documents })
}

fn brought_by_new_ref(
    store: &(impl ObjectStore + ?Sized),
    commit: &CommitId,
    paths: &(impl DocumentPaths + ?Sized),
    accounts: impl Fn(&RefName) -> bool,
) -> Result<Vec<TreeDocument>, ReadError> {
    let root = store.root_tree(commit)?;
    let default = store.default_branch().ok().flatten();
    let default_root = default
        .as_ref()
        .filter(|default| accounts(default))
        .and_then(|default| store.reference(default).ok().flatten())
        .and_then(|tip| root_of_tip(store, &tip));
    // A branch that can't be read accounts for nothing: more is checked then, never less.
    let mut brought = match default_root
        .as_ref()
        .map(|held| differing(store, Some(held), &root, paths))
    {
        Some(Ok(brought)) => brought,
        Some(Err(_)) | None => differing(store, None, &root, paths)?,
    };
    // What came with this very push no branch can hold: in the usual case no other one is asked.
    let mut open = brought.clone();
    open.retain(|document| !store.arrives_with_the_push(&document.id));
    if open.is_empty() {
        return Ok(brought);
    }
    let mut seen: HashSet<ObjectId> = default_root.into_iter().collect();
    let Ok(branches) = store.branches() else {
        return Ok(brought);
    };
    for Branch { name: other, tip } in branches.map_while(Result::ok) {
        if Some(&other) == default.as_ref() || !accounts(&other) {
            continue;
        }
        let Some(held) = root_of_tip(store, &tip) else {
            continue;
        };
        if !seen.insert(held.clone()) {
            continue;
        }
        let Ok(rest) = differing(store, Some(&held), &root, paths) else {
            continue;
        };
        let held_there = |document: &TreeDocument| {
            rest.binary_search_by(|one| one.path.cmp(&document.path))
                .is_err()
        };
        brought.retain(|document| !held_there(document));
        open.retain(|document| !held_there(document));
        if open.is_empty() {
            break;
        }
    }
    Ok(brought)
}

fn root_of_tip(store: &(impl ObjectStore + ?Sized), tip: &ObjectId) -> Option<ObjectId> {
    match store.peel(tip).ok()? {
        Peeled::Commit(commit) => store.root_tree(&commit).ok(),
        Peeled::NotACommit { .. } => None,
    }
}
