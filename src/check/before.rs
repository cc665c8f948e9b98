//! What was declared before the documents that are checked: an entity that is new needs everything
//! its blueprint requires, one that Port holds already may leave out what it has.

/// What is known of the entities that were declared before.
pub trait Before {
    /// Whether the entity was declared; none where that can't be told.
    fn has(&self, blueprint: &str, identifier: &str) -> Option<bool>;
}

/// Nothing is known: files of a work tree have no before.
#[derive(Clone, Copy, Debug)]
pub struct Unknown;

impl Before for Unknown {
    fn has(&self, _: &str, _: &str) -> Option<bool> {
        None
    }
}
