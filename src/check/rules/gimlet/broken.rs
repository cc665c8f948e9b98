//! What a text of a grammar of its own stumbles over: a glob, a template.

use std::ops::Range;

/// The first fault of a text, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken<F> {
    /// The bytes of the text to change.
    pub(super) at: Range<usize>,
    pub(super) fault: F,
}
