//! Commits and folders read a moment ago: judging a push asks for the same few again and again.

use std::cell::RefCell;

use super::id::ObjectId;
use super::object::{Blob, Object, ObjectKind};

/// Objects that are kept.
const OBJECTS: usize = 8;
/// Bytes of the largest object that is kept: a folder of some ten thousand entries.
const BYTES: usize = 1024 * 1024;

/// The objects read last. An id names one content for ever, so that none of them can be stale.
#[derive(Debug, Default)]
pub(super) struct Memory(RefCell<Vec<(ObjectId, Object)>>);

impl Memory {
    pub(super) fn recall(&self, id: &ObjectId) -> Option<Object> {
        let kept = self.0.borrow();
        let found = kept.iter().find(|(other, _)| other == id);
        found.map(|(_, object)| object.clone())
    }

    pub(super) fn keep(&self, id: &ObjectId, object: &Object) {
        let is_small = matches!(&object.content, Blob::Content(bytes) if bytes.len() <= BYTES);
        if !is_small || !matches!(object.kind, ObjectKind::Commit | ObjectKind::Tree) {
            return;
        }
        let mut kept = self.0.borrow_mut();
        if kept.len() == OBJECTS {
            kept.remove(0);
        }
        kept.push((id.clone(), object.clone()));
    }
}
