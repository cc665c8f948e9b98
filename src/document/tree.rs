//! The tree of a document: every key and value knows where it is written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use compact_str::CompactString;
use serde_json::{Map, Value};

use super::budget::Cost;
use super::pointer::Pointer;
use super::scalar::Scalar;
use super::span::Span;

/// A node's index in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One YAML document of a file.
#[derive(Debug)]
pub struct Document {
    pub(super) number: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) root: Use,
    pub(super) unused_anchors: Vec<Span>,
    pub(super) orders: Orders,
}

/// The entries of large mappings in the order of their keys, made when a key is first asked for.
#[derive(Debug, Default)]
pub(super) struct Orders(Mutex<HashMap<NodeId, Arc<[u32]>>>);

/// Up to so many keys are looked through one by one.
const FEW_KEYS: usize = 64;

impl Orders {
    /// The first entry of a key in the mapping `node`.
    fn find<'d>(&self, node: NodeId, entries: &'d [Entry], key: &str) -> Option<&'d Entry> {
        let order = self.of(node, entries);
        let entry = |at: u32| entries.get(at as usize);
        let before = |&at: &u32| entry(at).is_some_and(|entry| entry.key.as_str() < key);
        let first = *order.get(order.partition_point(before))?;
        entry(first).filter(|entry| entry.key == key)
    }

    fn of(&self, node: NodeId, entries: &[Entry]) -> Arc<[u32]> {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let order = orders.entry(node).or_insert_with(|| {
            let mut order: Vec<u32> = (0..).take(entries.len()).collect();
            // Equal keys keep their order: the first one stands.
            order.sort_by_key(|&at| entries.get(at as usize).map(|entry| entry.key.as_str()));
            order.into()
        });
        Arc::clone(order)
    }
}

/// A value: where it is defined and what it is.
#[derive(Debug)]
pub struct Node {
    /// The text that defines it; a block collection ends with its last child.
    pub span: Span,
    /// Its explicit tag as written (`!main`, `!!str`), where it has one.
    pub tag: Option<Box<Tag>>,
    /// What it is.
    pub kind: NodeKind,
    /// What it costs to walk over it.
    pub(super) cost: Cost,
    /// What its keys alone cost; nothing where it is no mapping.
    pub(super) keys: Cost,
    /// Collections inside one another, aliases followed; 0 for a scalar.
    pub(super) height: u32,
}

/// An explicit tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// As written, with its `!`.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// What a node is.
#[derive(Debug)]
pub enum NodeKind {
    /// One value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Use>),
    /// Keys and values, in the order of the file, merged ones last.
    Mapping(Vec<Entry>),
}

/// A node used in a place: through an alias the place differs from the definition.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The node.
    pub node: NodeId,
    /// Where it is used: the alias, or the node's own text.
    pub at: Span,
}

/// One key of a mapping and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text, as consumers see it.
    pub key: CompactString,
    /// Where the key is written; for a merged entry, in the mapping that it comes from.
    pub key_span: Span,
    /// The value.
    pub value: Use,
    /// The place of use of the merge key's value that brought the entry here.
    pub merged: Option<Span>,
}

/// Where a pointer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key to blame, where the value belongs to a mapping: the place of use for merged entries.
    pub key: Option<Span>,
    /// The value to blame: the alias where one is used.
    pub value: Span,
    /// Where key or value is defined, where an alias or a merge key brought it.
    pub defined: Option<Span>,
}

impl Document {
    /// The document's number in its file, from 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The root value.
    #[must_use]
    pub fn root(&self) -> Use {
        self.root
    }

    /// The anchors (`&name`, with its `&`) that no alias names.
    #[must_use]
    pub fn unused_anchors(&self) -> &[Span] {
        &self.unused_anchors
    }

    /// A node of this document.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The root's node.
    #[must_use]
    pub fn root_node(&self) -> &Node {
        self.node(self.root.node)
    }

    /// The value below `key` of a mapping; none where `node` is no mapping.
    #[must_use]
    pub fn get(&self, node: NodeId, key: &str) -> Option<&Entry> {
        let entries = self.entries(node);
        if entries.len() > FEW_KEYS {
            return self.orders.find(node, entries, key);
        }
        entries.iter().find(|entry| entry.key == key)
    }

    /// The entries of a mapping; empty where `node` is something else.
    #[must_use]
    pub fn entries(&self, node: NodeId) -> &[Entry] {
        match &self.node(node).kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; empty where `node` is something else.
    #[must_use]
    pub fn items(&self, node: NodeId) -> &[Use] {
        match &self.node(node).kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar, where `node` is one.
    #[must_use]
    pub fn scalar(&self, node: NodeId) -> Option<&Scalar> {
        match &self.node(node).kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a string value, where `node` is one.
    #[must_use]
    pub fn string(&self, node: NodeId) -> Option<&str> {
        self.scalar(node).and_then(Scalar::as_str)
    }

    /// Where the texts of keys and values are written.
    pub fn texts(&self) -> impl Iterator<Item = Span> {
        self.nodes.iter().flat_map(|node| {
            let (own, entries) = match &node.kind {
                NodeKind::Scalar(_) => (Some(node.span), [].as_slice()),
                NodeKind::Sequence(_) => (None, [].as_slice()),
                NodeKind::Mapping(entries) => (None, entries.as_slice()),
            };
            own.into_iter()
                .chain(entries.iter().map(|entry| entry.key_span))
        })
    }

    /// Follows a pointer from the root; none where it leads nowhere.
    #[must_use]
    pub fn resolve(&self, pointer: &Pointer) -> Option<(NodeId, Place)> {
        let mut here = self.root;
        let mut place = self.place_of(here, None);
        for part in pointer.parts() {
            let (next, entry) = match &self.node(here.node).kind {
                NodeKind::Mapping(_) => {
                    let entry = self.get(here.node, part)?;
                    (entry.value, Some(entry))
                }
                NodeKind::Sequence(items) => (*items.get(part.parse::<usize>().ok()?)?, None),
                NodeKind::Scalar(_) => return None,
            };
            let outer = place;
            place = self.place_of(next, entry);
            // Below an alias every place lies in the definition: the blame stays with the use.
            if let Some(defined) = outer
                .defined
                .filter(|_| !contains(outer.value, place.value))
            {
                place = Place {
                    key: entry.map(|_| outer.value),
                    value: outer.value,
                    defined: Some(if contains(defined, place.value) {
                        place.value
                    } else {
                        place.defined.unwrap_or(defined)
                    }),
                };
            }
            here = next;
        }
        Some((here.node, place))
    }

    /// The document as JSON: numbers that JSON can't hold (`.inf`, `.nan`) become their text.
    ///
    /// Recursion is bounded by [`super::Limits::depth`], which loading has enforced.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.json_of(self.root.node)
    }

    /// One node as JSON, as [`Document::to_json`] does it.
    #[must_use]
    pub fn json_of(&self, node: NodeId) -> Value {
        match &self.node(node).kind {
            NodeKind::Scalar(scalar) => scalar.to_json(),
            NodeKind::Sequence(items) => {
                Value::Array(items.iter().map(|item| self.json_of(item.node)).collect())
            }
            NodeKind::Mapping(entries) => object(entries, |entry| self.json_of(entry.value.node)),
        }
    }

    /// The document as JSON, as [`Document::to_json`] makes it, but with `null` for each value in the
    /// mapping below `key`, of the root or of each item of it, and without those whose names are `plain`:
    /// for who asks nothing of them.
    #[must_use]
    pub fn outline(&self, key: &str, plain: fn(&str) -> bool) -> Value {
        let root = self.root.node;
        match &self.node(root).kind {
            NodeKind::Sequence(items) => {
                let outlined = items
                    .iter()
                    .map(|item| self.outline_of(item.node, key, plain));
                Value::Array(outlined.collect())
            }
            NodeKind::Mapping(_) | NodeKind::Scalar(_) => self.outline_of(root, key, plain),
        }
    }

    fn outline_of(&self, node: NodeId, key: &str, plain: fn(&str) -> bool) -> Value {
        let NodeKind::Mapping(entries) = &self.node(node).kind else {
            return self.json_of(node);
        };
        object(entries, |entry| match &self.node(entry.value.node).kind {
            NodeKind::Mapping(inner) if entry.key == key => {
                let others = inner.iter().filter(|entry| !plain(&entry.key));
                object(others, |_| Value::Null)
            }
            _ => self.json_of(entry.value.node),
        })
    }

    fn place_of(&self, used: Use, entry: Option<&Entry>) -> Place {
        let node = self.node(used.node);
        let aliased = (used.at != node.span).then_some(node.span);
        match entry {
            // What a merge key brings from its own text is blamed where it is written.
            Some(entry) => match entry.merged.filter(|&at| !contains(at, entry.key_span)) {
                Some(at) => Place {
                    key: Some(at),
                    value: at,
                    defined: Some(entry.key_span.to(entry.value.at)),
                },
                None => Place {
                    key: Some(entry.key_span),
                    value: used.at,
                    defined: aliased,
                },
            },
            None => Place {
                key: None,
                value: used.at,
                defined: aliased,
            },
        }
    }
}

/// A mapping as JSON. A duplicate key is a finding of its own; the first one stands.
fn object<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    value: impl Fn(&Entry) -> Value,
) -> Value {
    let mut map = Map::new();
    for entry in entries {
        map.entry(entry.key.as_str())
            .or_insert_with(|| value(entry));
    }
    Value::Object(map)
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
