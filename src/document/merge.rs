//! Merge keys (`<<`): the entries of another mapping, where this one has none of that name.

use std::collections::HashSet;

use super::load::Merge;
use super::span::Span;
use super::tree::{Entry, Node, NodeKind, Use};

/// Adds what a merge key brings to `entries`; answers with the values that are no mappings.
///
/// Own entries win over merged ones, and of several merged mappings the first wins, as the merge
/// key's definition says (<https://yaml.org/type/merge.html>).
pub(super) fn apply(nodes: &[Node], merge: &Merge, entries: &mut Vec<Entry>) -> Vec<Span> {
    let mut wrong = Vec::new();
    let mut taken: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let mut bring =
        |used: &Use, at: Span, entries: &mut Vec<Entry>| match &nodes[used.node.0 as usize].kind {
            NodeKind::Mapping(theirs) => {
                for entry in theirs {
                    if taken.insert(entry.key.clone()) {
                        entries.push(Entry {
                            merged: Some(at),
                            ..entry.clone()
                        });
                    }
                }
            }
            _ => wrong.push(if at.is_empty() { merge.key } else { at }),
        };
    match &nodes[merge.value.node.0 as usize].kind {
        NodeKind::Sequence(items) => {
            for item in items {
                bring(item, item.at, entries);
            }
        }
        _ => bring(&merge.value, merge.value.at, entries),
    }
    wrong
}
