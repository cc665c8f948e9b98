//! Every key and scalar that a document writes, each once, with the route to it.

use std::collections::HashSet;

use crate::document::{Document, Entry, Node, NodeId, NodeKind, Pointer, Scalar, Use};

use super::explain::Subject;

/// One part of a route.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

/// What is written in one place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written<'a> {
    /// The key of a mapping.
    Key(&'a Entry),
    /// A value that is one word, number or text.
    Value(&'a Node, &'a Scalar),
}

/// The way to what is written; a pointer is only made of it where somebody asks.
#[derive(Debug)]
pub(super) struct Route<'a>(Vec<Step<'a>>);

impl<'a> Route<'a> {
    /// The pointer of a value, or of the value below a key.
    pub(super) fn pointer(&self) -> Pointer {
        let text = |step: &Step<'_>| match step {
            Step::Key(key) => (*key).to_owned(),
            Step::Item(index) => index.to_string(),
        };
        self.0.iter().map(text).collect()
    }

    /// Whether the way leads through a key of this name.
    pub(super) fn passes(&self, name: &str) -> bool {
        let is_it = |step: &Step<'_>| matches!(step, Step::Key(key) if *key == name);
        self.0.iter().any(is_it)
    }

    /// The nearest key on the way to a value.
    pub(super) fn key(&self) -> Option<&'a str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Item(_) => None,
        })
    }
}

/// Shows `see` all that the document itself writes, in the order of the text; nothing twice for
/// being an alias or merged, and nothing of what is hidden.
pub(super) fn each<'a>(subject: &Subject<'a>, mut see: impl FnMut(&Route<'a>, Written<'a>)) {
    let mut walk = Walk {
        document: subject.document,
        hidden: subject.hidden(),
        route: Route(Vec::new()),
    };
    walk.value(subject.document.root(), &mut see);
}

struct Walk<'a> {
    document: &'a Document,
    hidden: HashSet<NodeId>,
    route: Route<'a>,
}

impl<'a> Walk<'a> {
    /// Recursion is bounded by the limit on depth, which loading has enforced.
    fn value(&mut self, used: Use, see: &mut impl FnMut(&Route<'a>, Written<'a>)) {
        let node = self.document.node(used.node);
        // An alias: its value is seen where it is written.
        if used.at != node.span || self.hidden.contains(&used.node) {
            return;
        }
        match &node.kind {
            NodeKind::Scalar(scalar) => see(&self.route, Written::Value(node, scalar)),
            NodeKind::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.below(Step::Item(index), *item, see);
                }
            }
            NodeKind::Mapping(entries) => {
                for entry in entries.iter().filter(|entry| entry.merged.is_none()) {
                    self.route.0.push(Step::Key(&entry.key));
                    see(&self.route, Written::Key(entry));
                    self.route.0.pop();
                    self.below(Step::Key(&entry.key), entry.value, see);
                }
            }
        }
    }

    fn below(&mut self, step: Step<'a>, used: Use, see: &mut impl FnMut(&Route<'a>, Written<'a>)) {
        self.route.0.push(step);
        self.value(used, see);
        self.route.0.pop();
    }
}
