//! Merge keys (`<<`): the entries of another mapping, where this one has none of that name.

use std::collections::HashSet;

use super::budget::Cost;
use super::span::Span;
use super::tree::{Entry, Node, NodeKind, Use};

/// A `<<` key: where it stands and what it brings.
pub(super) struct Merge {
    pub(super) key: Span,
    pub(super) value: Use,
}

impl Merge {
    /// The uses of mappings that it names; one where the value is no list.
    fn sources<'n>(&'n self, nodes: &'n [Node]) -> &'n [Use] {
        match &nodes[self.value.node.index()].kind {
            NodeKind::Sequence(items) => items,
            _ => std::slice::from_ref(&self.value),
        }
    }
}

/// What `merges` would copy at most; to be allowed before [`apply`].
pub(super) fn cost(nodes: &[Node], merges: &[Merge]) -> Cost {
    merges
        .iter()
        .flat_map(|merge| merge.sources(nodes))
        .map(|used| nodes[used.node.index()].keys)
        .fold(Cost::default(), Cost::and)
}

/// Adds what merge keys bring to `entries`; answers with the values that are no mappings.
///
/// Own entries win over merged ones, and of several merged mappings the first wins, as the merge
/// key's definition says (<https://yaml.org/type/merge.html>).
pub(super) fn apply(nodes: &[Node], merges: &[Merge], entries: &mut Vec<Entry>) -> Vec<Span> {
    let mut wrong = Vec::new();
    if merges.is_empty() {
        return wrong;
    }
    let mut brought = Vec::new();
    let mut taken: HashSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    for merge in merges {
        for used in merge.sources(nodes) {
            let NodeKind::Mapping(theirs) = &nodes[used.node.index()].kind else {
                wrong.push(if used.at.is_empty() {
                    merge.key
                } else {
                    used.at
                });
                continue;
            };
            for entry in theirs {
                if taken.insert(&entry.key) {
                    brought.push(Entry {
                        merged: Some(used.at),
                        ..entry.clone()
                    });
                }
            }
        }
    }
    drop(taken);
    entries.append(&mut brought);
    wrong
}
