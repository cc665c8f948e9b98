//! What is checked: one document, its places and what people call them.

use std::cell::OnceCell;
use std::collections::HashSet;

use serde_json::Value;

use crate::check::fault::{Fault, Violation};
use crate::check::findings::Draft;
use crate::check::instance::Values;
use crate::check::words::code;
use crate::document::{Document, Node, NodeId, NodeKind, Place, Pointer, Problem, Source, Span};
use crate::finding::RuleId;

/// One document of a file, and what of it nothing more is said.
#[derive(Debug)]
pub(in crate::check) struct Subject<'a> {
    pub(in crate::check) source: &'a Source,
    pub(in crate::check) document: &'a Document,
    json: OnceCell<Value>,
    blind: HashSet<Pointer>,
    /// Whether nothing is wrong with it as YAML.
    is_sound: bool,
}

impl Values for Subject<'_> {
    /// Of two equal keys JSON has the first one only.
    fn document(&self) -> Option<&Document> {
        self.is_sound.then_some(self.document)
    }

    fn json(&self) -> &Value {
        self.json()
    }

    fn made(&self) -> Option<&Value> {
        self.json.get()
    }
}

impl<'a> Subject<'a> {
    pub(in crate::check) fn new(
        source: &'a Source,
        document: &'a Document,
        problems: &[Problem],
    ) -> Self {
        // Of two equal keys the first one stands and is checked.
        let blind = problems
            .iter()
            .filter(|problem| problem.document == document.number() && problem.related.is_none())
            .map(|problem| Pointer::parse(&problem.pointer))
            .collect();
        Self {
            source,
            document,
            json: OnceCell::new(),
            blind,
            is_sound: problems.is_empty(),
        }
    }

    /// Its values as JSON; not every kind is checked by them.
    pub(in crate::check) fn json(&self) -> &Value {
        self.json.get_or_init(|| self.document.to_json())
    }

    /// From here on nothing is said of the value at `pointer` and of what is below it.
    pub(in crate::check) fn hide(&mut self, pointer: Pointer) {
        self.blind.insert(pointer);
    }

    /// Whether nothing more is said of the value at `pointer`.
    pub(in crate::check) fn is_blind(&self, pointer: &Pointer) -> bool {
        !self.blind.is_empty() && pointer.way().any(|above| self.blind.contains(above))
    }

    pub(super) fn is_hidden(&self, violation: &Violation) -> bool {
        if self.blind.is_empty() {
            return false;
        }
        self.is_blind(&violation.at)
            || match &violation.fault {
                Fault::Unknown { key } | Fault::Key { key, .. } => {
                    self.is_blind(&violation.at.join(key))
                }
                _ => false,
            }
    }

    /// The values of which nothing more is said.
    pub(in crate::check) fn hidden(&self) -> HashSet<NodeId> {
        let node = |pointer| Some(self.document.resolve(pointer)?.0);
        self.blind.iter().filter_map(node).collect()
    }

    /// Where a pointer leads: the root, where it leads nowhere.
    pub(in crate::check) fn find(&self, pointer: &Pointer) -> (&'a Node, Place) {
        let root = self.document.root();
        let here = Place {
            key: None,
            value: root.at,
            defined: None,
        };
        let (node, place) = self.document.resolve(pointer).unwrap_or((root.node, here));
        (self.document.node(node), place)
    }

    /// A finding of this document about the value at `pointer`.
    pub(in crate::check) fn draft(
        &self,
        rule: &RuleId,
        pointer: &Pointer,
        span: Span,
        message: impl Into<String>,
    ) -> Draft {
        Draft::new(rule.clone(), span, message).at(self.document.number(), pointer.to_string())
    }

    /// The text to mark for a value: never a whole mapping or list over several lines.
    pub(in crate::check) fn mark(&self, node: &Node, place: Place) -> Span {
        let is_long = self.source.slice(place.value).contains('\n');
        let is_collection = !matches!(node.kind, NodeKind::Scalar(_));
        if place.value.is_empty() || (is_long && is_collection) {
            return place.key.unwrap_or_else(|| self.beginning(node, place));
        }
        place.value
    }

    /// The first key of a mapping, or the first line of whatever else it is.
    pub(in crate::check) fn beginning(&self, node: &Node, place: Place) -> Span {
        if place.defined.is_none()
            && let NodeKind::Mapping(entries) = &node.kind
            && let Some(first) = entries.first().filter(|entry| entry.merged.is_none())
        {
            return first.key_span;
        }
        let text = self.source.slice(place.value);
        let line = text.lines().next().unwrap_or_default();
        Span::new(place.value.start, place.value.start + line.trim_end().len())
    }

    /// The line to write for a value: `key: value`, or `- value` in a list.
    pub(in crate::check) fn line(&self, pointer: &Pointer, value: &str) -> String {
        match self.key_of(pointer) {
            Some(key) if self.is_json(pointer) => format!("\"{key}\": {}", json_text(value)),
            Some(key) => format!("{key}: {value}"),
            None if self.is_item(pointer) => format!("- {value}"),
            None => value.to_owned(),
        }
    }

    /// Whether the value stands behind a `-`.
    pub(in crate::check) fn is_item(&self, pointer: &Pointer) -> bool {
        pointer.parent().is_some_and(|list| {
            let (node, _) = self.find(&list);
            matches!(node.kind, NodeKind::Sequence(_))
                && !self.source.slice(node.span).starts_with('[')
        })
    }

    /// Whether the key of the value is written as JSON writes keys.
    fn is_json(&self, pointer: &Pointer) -> bool {
        let (_, place) = self.find(pointer);
        place
            .key
            .is_some_and(|key| self.source.slice(key).starts_with('"'))
    }

    /// What messages call the value at `pointer`.
    pub(in crate::check) fn name(&self, pointer: &Pointer) -> String {
        if let Some(key) = self.key_of(pointer) {
            return code(key);
        }
        let (Some(index), Some(list)) = (pointer.last(), pointer.parent()) else {
            return "the document".to_owned();
        };
        let number = index.parse::<usize>().map_or(0, |index| index + 1);
        match self.key_of(&list) {
            Some(key) => format!("item {number} of {}", code(key)),
            None => format!("item {number} of the list"),
        }
    }

    fn key_of<'p>(&self, pointer: &'p Pointer) -> Option<&'p str> {
        let holder = pointer.parent()?;
        let (node, _) = self.find(&holder);
        pointer
            .last()
            .filter(|_| matches!(node.kind, NodeKind::Mapping(_)))
    }

    /// The text that defines the value at `pointer`.
    pub(super) fn text_of(&self, pointer: &Pointer) -> &'a str {
        self.source.slice(self.find(pointer).0.span)
    }

    pub(super) fn value(&self, pointer: &Pointer) -> &Value {
        self.json()
            .pointer(&pointer.to_string())
            .unwrap_or(&Value::Null)
    }
}

/// A value as JSON writes it: what is no JSON yet is text.
fn json_text(value: &str) -> String {
    match serde_json::from_str::<serde::de::IgnoredAny>(value) {
        Ok(_) => value.to_owned(),
        Err(_) => Value::String(value.to_owned()).to_string(),
    }
}
