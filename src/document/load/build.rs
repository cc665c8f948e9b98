//! The tree grows here: scalars, collections and aliases, each put where it belongs.

use std::collections::{HashMap, HashSet};

use granit_parser::StructureStyle;

use super::super::budget::Cost;
use super::super::merge::{self, Merge};
use super::super::problem::{Problem, ProblemKind};
use super::super::scalar::{Scalar, Style};
use super::super::span::Span;
use super::super::tree::{Entry, Node, NodeId, NodeKind, Tag, Use};
use super::{Content, Frame, Loader, PendingKey, Stop, excerpt};

/// Up to so many keys of a mapping are held against each other one by one.
const FEW_KEYS: usize = 16;

impl Loader<'_> {
    pub(super) fn scalar(
        &mut self,
        scalar: Scalar,
        at: Span,
        anchor: usize,
        tag: Option<Box<Tag>>,
    ) -> Result<(), Stop> {
        self.budget.write().map_err(|kind| Stop(kind, at))?;
        if anchor == 0
            && let Some(slot) = self.key_slot()
        {
            // A key is a text and a place: without an anchor nobody asks for it as a node.
            *slot = Some(PendingKey::new(scalar, at));
            return Ok(());
        }
        let node = self.push_scalar(scalar, at, tag);
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node));
        }
        self.attach(Use { node, at });
        Ok(())
    }

    pub(super) fn push_scalar(
        &mut self,
        scalar: Scalar,
        span: Span,
        tag: Option<Box<Tag>>,
    ) -> NodeId {
        let cost = Cost::of_text(&scalar.text);
        self.push(Node {
            span,
            tag,
            kind: NodeKind::Scalar(scalar),
            cost,
            keys: Cost::default(),
            height: 0,
        })
    }

    fn push(&mut self, node: Node) -> NodeId {
        // The limit on nodes is far below u32::MAX.
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    pub(super) fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        at: Span,
        anchor: usize,
        tag: Option<Box<Tag>>,
    ) -> Result<(), Stop> {
        let allowed = self.budget.allows_depth(self.frames.len(), 1);
        allowed.map_err(|kind| Stop(kind, self.first_character(at)))?;
        self.budget.write().map_err(|kind| Stop(kind, at))?;
        let node = self.push(Node {
            span: at,
            tag,
            kind: NodeKind::Sequence(Vec::new()),
            cost: Cost::default(),
            keys: Cost::default(),
            height: 1,
        });
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.frames.push(Frame {
            node,
            anchor,
            flow: style == StructureStyle::Flow,
            start: at.start,
            content,
        });
        Ok(())
    }

    pub(super) fn close(&mut self, at: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if frame.flow && self.frames.last().is_none_or(|outer| !outer.flow) {
            self.check_brackets(Span::new(frame.start, at.end))?;
        }
        let (kind, last) = match frame.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.at.end);
                (NodeKind::Sequence(items), last)
            }
            Content::Mapping {
                mut entries,
                merges,
                ..
            } => {
                let last = entries
                    .last()
                    .map(|entry| entry.value.at.end.max(entry.key_span.end))
                    .max(
                        merges
                            .last()
                            .map(|merge| merge.value.at.end.max(merge.key.end)),
                    );
                self.report_duplicates(&entries, &merges);
                self.merge(&merges, &mut entries)?;
                (NodeKind::Mapping(entries), last)
            }
        };
        // The end event of a block collection lies behind trailing blank lines and comments.
        let end = if frame.flow {
            at.end
        } else {
            last.unwrap_or(at.start)
        };
        let span = Span::new(frame.start, end);
        let (cost, keys, height) = self.measure(&kind);
        let node = &mut self.nodes[frame.node.index()];
        (node.span, node.kind) = (span, kind);
        (node.cost, node.keys, node.height) = (cost, keys, height);
        if frame.anchor != 0 {
            self.anchors.insert(frame.anchor, Some(frame.node));
        }
        self.attach(Use {
            node: frame.node,
            at: span,
        });
        Ok(())
    }

    fn merge(&mut self, merges: &[Merge], entries: &mut Vec<Entry>) -> Result<(), Stop> {
        if let Some(first) = merges.first() {
            let cost = merge::cost(&self.nodes, merges);
            let allowed = self.budget.expand(cost);
            allowed.map_err(|kind| Stop(kind, first.key))?;
        }
        for span in merge::apply(&self.nodes, merges, entries) {
            self.problem(ProblemKind::MergeValue, span);
        }
        Ok(())
    }

    /// What a collection costs as a whole and by its keys, and how high it is.
    fn measure(&self, kind: &NodeKind) -> (Cost, Cost, u32) {
        let (mut cost, mut keys, mut height) = (Cost::of_text(""), Cost::default(), 0);
        let mut hold = |used: &Use| {
            let node = &self.nodes[used.node.index()];
            cost = cost.and(node.cost);
            height = height.max(node.height);
        };
        match kind {
            NodeKind::Scalar(_) => {}
            NodeKind::Sequence(items) => items.iter().for_each(hold),
            NodeKind::Mapping(entries) => {
                for entry in entries {
                    hold(&entry.value);
                    keys = keys.and(Cost::of_text(&entry.key));
                }
            }
        }
        (cost.and(keys), keys, height + 1)
    }

    pub(super) fn alias(&mut self, anchor: usize, at: Span) -> Result<(), Stop> {
        self.unused.remove(&anchor);
        let Some(node) = self.anchors.get(&anchor).copied().flatten() else {
            let alias = excerpt(self.source.slice(at));
            return Err(Stop(ProblemKind::RecursiveAlias { alias }, at));
        };
        let Node { cost, height, .. } = self.nodes[node.index()];
        self.budget
            .write()
            .and_then(|()| self.budget.expand(cost))
            .and_then(|()| self.budget.allows_depth(self.frames.len(), height))
            .map_err(|kind| Stop(kind, at))?;
        self.attach(Use { node, at });
        Ok(())
    }

    /// Where the key goes that a mapping waits for; none where a value is due.
    fn key_slot(&mut self) -> Option<&mut Option<PendingKey>> {
        match &mut self.frames.last_mut()?.content {
            Content::Mapping { key, .. } if key.is_none() => Some(key),
            _ => None,
        }
    }

    /// Puts a finished value where it belongs.
    fn attach(&mut self, value: Use) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(value);
            return;
        };
        match &mut frame.content {
            Content::Sequence(items) => items.push(value),
            Content::Mapping {
                entries,
                key,
                merges,
            } => match key.take() {
                Some(key) if key.merge => merges.push(Merge {
                    key: key.span,
                    value,
                }),
                Some(key) => entries.push(Entry {
                    key: key.text,
                    key_span: key.span,
                    value,
                    merged: None,
                }),
                None => self.attach_key(value),
            },
        }
    }

    /// A key that has an anchor, is an alias, or is no scalar.
    fn attach_key(&mut self, value: Use) {
        let key = match &self.nodes[value.node.index()].kind {
            NodeKind::Scalar(scalar) => PendingKey::new(scalar.clone(), value.at),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                self.problem(ProblemKind::ComplexKey, value.at);
                PendingKey {
                    text: excerpt(self.source.slice(value.at)).into(),
                    span: value.at,
                    merge: false,
                }
            }
        };
        if let Some(slot) = self.key_slot() {
            *slot = Some(key);
        }
    }

    fn report_duplicates(&mut self, entries: &[Entry], merges: &[Merge]) {
        let own = entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.key_span));
        let keys = || {
            own.clone()
                .chain(merges.iter().map(|merge| ("<<", merge.key)))
        };
        let count = entries.len() + merges.len();
        let all_differ = if count <= FEW_KEYS {
            keys().enumerate().all(|(number, (key, _))| {
                let mut before = keys().take(number);
                before.all(|(other, _)| other != key)
            })
        } else {
            let mut seen = HashSet::with_capacity(count);
            keys().all(|(key, _)| seen.insert(key))
        };
        if all_differ {
            return;
        }
        let mut problems = std::mem::take(&mut self.stream.problems);
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(count);
        for (key, span) in keys() {
            let related = *first.entry(key).or_insert(span);
            if related != span {
                problems.push(self.limits, || Problem {
                    related: Some(related),
                    ..self.describe(
                        ProblemKind::DuplicateKey { key: excerpt(key) },
                        span,
                        &self.pointer().join(excerpt(key)),
                    )
                });
            }
        }
        self.stream.problems = problems;
    }
}

impl PendingKey {
    fn new(scalar: Scalar, span: Span) -> Self {
        Self {
            merge: scalar.text == "<<" && scalar.style == Style::Plain,
            text: scalar.text,
            span,
        }
    }
}
