//! Commits and folders read a moment ago: judging a push asks for the same few again and again.

use std::cell::RefCell;
use std::rc::Rc;

use super::id::ObjectId;
use super::object::{Blob, Object, ObjectKind, Tree};

/// Objects of each kind that are kept: both sides of an update, and a few folders below.
const KEPT: usize = 8;
/// Bytes of the largest folder that is kept: some ten thousand entries.
const FOLDER: usize = 1024 * 1024;
/// Bytes of the largest commit that is kept.
const COMMIT: usize = 64 * 1024;

/// What was read last. An id names one content for ever, so that none of it can be stale.
#[derive(Debug, Default)]
pub(super) struct Memory {
    commits: RefCell<Vec<(ObjectId, Object)>>,
    folders: RefCell<Vec<(ObjectId, Rc<Tree>)>>,
}

impl Memory {
    pub(super) fn commit(&self, id: &ObjectId) -> Option<Object> {
        recall(&self.commits, id)
    }

    pub(super) fn keep_commit(&self, id: &ObjectId, object: &Object) {
        let is_small = matches!(&object.content, Blob::Content(bytes) if bytes.len() <= COMMIT);
        if object.kind == ObjectKind::Commit && is_small {
            keep(&self.commits, id, object.clone());
        }
    }

    pub(super) fn folder(&self, id: &ObjectId) -> Option<Rc<Tree>> {
        recall(&self.folders, id)
    }

    pub(super) fn keep_folder(&self, id: &ObjectId, tree: &Rc<Tree>) {
        if tree.bytes() <= FOLDER {
            keep(&self.folders, id, Rc::clone(tree));
        }
    }
}

fn recall<T: Clone>(kept: &RefCell<Vec<(ObjectId, T)>>, id: &ObjectId) -> Option<T> {
    let kept = kept.borrow();
    let found = kept.iter().find(|(other, _)| other == id);
    found.map(|(_, value)| value.clone())
}

fn keep<T>(kept: &RefCell<Vec<(ObjectId, T)>>, id: &ObjectId, value: T) {
    let mut kept = kept.borrow_mut();
    if kept.len() == KEPT {
        kept.remove(0);
    }
    kept.push((id.clone(), value));
}
