//! Folders read a moment ago: judging a push asks for the same few again and again.

use std::cell::RefCell;
use std::rc::Rc;

use super::id::ObjectId;
use super::object::Tree;

/// Folders that are kept: the top ones of both sides of an update, and a few below.
const FOLDERS: usize = 8;
/// Bytes of the largest folder that is kept: some ten thousand entries.
const BYTES: usize = 1024 * 1024;

/// The folders read last. An id names one content for ever, so that none of them can be stale.
#[derive(Debug, Default)]
pub(super) struct Memory(RefCell<Vec<(ObjectId, Rc<Tree>)>>);

impl Memory {
    pub(super) fn recall(&self, id: &ObjectId) -> Option<Rc<Tree>> {
        let kept = self.0.borrow();
        let found = kept.iter().find(|(other, _)| other == id);
        found.map(|(_, tree)| Rc::clone(tree))
    }

    pub(super) fn keep(&self, id: &ObjectId, tree: &Rc<Tree>) {
        if tree.bytes() > BYTES {
            return;
        }
        let mut kept = self.0.borrow_mut();
        if kept.len() == FOLDERS {
            kept.remove(0);
        }
        kept.push((id.clone(), Rc::clone(tree)));
    }
}
