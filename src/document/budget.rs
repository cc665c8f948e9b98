//! What reading has cost so far, held against the limits.

use super::limits::Limits;
use super::problem::ProblemKind;

/// What a value costs whoever walks over it with its aliases followed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Keys and values, the value itself included.
    pub(super) nodes: u32,
    /// Bytes of their text.
    pub(super) bytes: u32,
}

impl Cost {
    pub(super) fn of_text(text: &str) -> Self {
        Self {
            nodes: 1,
            bytes: u32::try_from(text.len()).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// A file's account. One file, one account: many documents must not multiply what one may hold.
pub(super) struct Budget<'a> {
    limits: &'a Limits,
    written: usize,
    expanded: Expanded,
}

#[derive(Default)]
struct Expanded {
    nodes: usize,
    bytes: usize,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            written: 0,
            expanded: Expanded::default(),
        }
    }

    /// A key or value that is written in the file.
    pub(super) fn write(&mut self) -> Result<(), ProblemKind> {
        self.written += 1;
        if self.written > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err(ProblemKind::TooManyNodes { limit });
        }
        self.expand(Cost { nodes: 1, bytes: 0 })
    }

    /// What an alias or a merge key brings, as if it were written once more.
    pub(super) fn expand(&mut self, cost: Cost) -> Result<(), ProblemKind> {
        let total = &mut self.expanded;
        total.nodes = total.nodes.saturating_add(cost.nodes as usize);
        total.bytes = total.bytes.saturating_add(cost.bytes as usize);
        if total.nodes > self.limits.expanded {
            let limit = self.limits.expanded;
            return Err(ProblemKind::AliasExpansion { limit });
        }
        if total.bytes > self.limits.expanded_bytes {
            let limit = self.limits.expanded_bytes;
            return Err(ProblemKind::AliasText { limit });
        }
        Ok(())
    }

    /// Collections inside one another, `open` of them begun and `height` more to come.
    pub(super) fn allows_depth(&self, open: usize, height: u32) -> Result<(), ProblemKind> {
        if open.saturating_add(height as usize) > self.limits.depth {
            let limit = self.limits.depth;
            return Err(ProblemKind::TooDeep { limit });
        }
        Ok(())
    }
}
