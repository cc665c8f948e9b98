//! The way through the tree by the table: every value held against its shape, once.

use std::cell::Cell;
use std::collections::HashSet;

use super::keys::Present;
use super::names::Names;
use super::rules::LIMIT;
use super::shape::{List, Map, Object, Role, Shape};
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::words::{count, whole};
use crate::document::{
    Document, Entry, Node, NodeId, NodeKind, Pointer, Scalar, ScalarValue, Span, Use,
};
use crate::finding::RuleId;

/// One part of the route to a value.
#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

/// A value and the key that it stands behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    pub(super) key: Option<Span>,
    pub(super) used: Use,
}

/// A walk over one document.
pub(super) struct Walk<'w, 'a, 's> {
    pub(super) subject: &'w Subject<'a>,
    pub(super) document: &'a Document,
    pub(super) findings: &'w mut Findings<'s>,
    route: Vec<Part<'a>>,
    /// What is written once and used often is checked once: the time is that of the file as it is
    /// written, whatever its aliases make of it.
    seen: HashSet<(NodeId, *const ())>,
    told: HashSet<(&'static str, Span)>,
    pub(super) names: Names<'a>,
    /// How many unknown keys were compared with the known ones.
    pub(super) compared: Cell<usize>,
}

impl<'w, 'a, 's> Walk<'w, 'a, 's> {
    pub(super) fn new(subject: &'w Subject<'a>, findings: &'w mut Findings<'s>) -> Self {
        Self {
            subject,
            document: subject.document,
            findings,
            route: Vec::new(),
            seen: HashSet::new(),
            told: HashSet::new(),
            names: Names::of(subject.document),
            compared: Cell::new(0),
        }
    }

    /// Adds a finding about the value here, once for each text that is written.
    pub(super) fn tell(
        &mut self,
        rule: &'static RuleId,
        span: Span,
        draft: impl FnOnce(&Subject<'a>, &Pointer) -> Draft,
    ) {
        if !self.told.insert((rule.as_str(), span)) {
            return;
        }
        let at = self.pointer();
        // What YAML itself has said enough about.
        if self.subject.is_blind(&at) {
            return;
        }
        let subject = self.subject;
        self.findings.add_with(rule, || draft(subject, &at));
    }

    /// The same about a value below the one here.
    pub(super) fn tell_at(
        &mut self,
        key: &'a str,
        rule: &'static RuleId,
        span: Span,
        draft: impl FnOnce(&Subject<'a>, &Pointer) -> Draft,
    ) {
        self.below(Part::Key(key), |walk| walk.tell(rule, span, draft));
    }

    fn pointer(&self) -> Pointer {
        let parts = self.route.iter().map(|part| match part {
            Part::Key(key) => (*key).to_owned(),
            Part::Index(index) => index.to_string(),
        });
        parts.collect()
    }

    fn below(&mut self, part: Part<'a>, act: impl FnOnce(&mut Self)) {
        self.route.push(part);
        act(self);
        self.route.pop();
    }

    pub(super) fn in_key(&mut self, key: &'a str, act: impl FnOnce(&mut Self)) {
        self.below(Part::Key(key), act);
    }

    pub(super) fn in_item(&mut self, index: usize, act: impl FnOnce(&mut Self)) {
        self.below(Part::Index(index), act);
    }

    pub(super) fn node(&self, here: Here) -> &'a Node {
        self.document.node(here.used.node)
    }

    /// The text to mark for a value, where it is written: never a whole mapping or list.
    pub(super) fn mark(&self, here: Here) -> Span {
        let node = self.node(here);
        let is_alias = here.used.at != node.span;
        match &node.kind {
            _ if node.span.is_empty() => here.key.unwrap_or(here.used.at),
            NodeKind::Scalar(_) => node.span,
            _ if !is_alias && let Some(key) = here.key => key,
            NodeKind::Mapping(entries) if let Some(first) = entries.first() => first.key_span,
            _ => {
                let text = self.subject.source.slice(node.span);
                let line = text.lines().next().unwrap_or_default();
                Span::new(node.span.start, node.span.start + line.trim_end().len())
            }
        }
    }

    pub(super) fn value(&mut self, shape: &'static Shape, here: Here) {
        let node = self.node(here);
        if !matches!(node.kind, NodeKind::Scalar(_)) {
            let shape = std::ptr::from_ref(shape).cast();
            if !self.seen.insert((here.used.node, shape)) {
                return;
            }
        }
        match (shape, &node.kind) {
            (Shape::Any, _) => {}
            (Shape::Either(shapes), _) => match shapes.iter().find(|shape| takes(shape, node)) {
                Some(Shape::Word(words)) if !is_one_of(words, node) => {
                    self.wrong_type(shape, here);
                }
                Some(shape) => self.value(shape, here),
                None => self.wrong_type(shape, here),
            },
            (Shape::Script, _) => self.script(here),
            (Shape::Word(words), NodeKind::Scalar(scalar))
                if scalar.value != ScalarValue::Null && !is_one_of(words, node) =>
            {
                self.wrong_word(words, scalar, here);
            }
            _ if !takes(shape, node) => self.wrong_type(shape, here),
            (Shape::Text { least, most }, NodeKind::Scalar(scalar)) => {
                self.length(*least, *most, scalar, here);
            }
            (Shape::Whole { least }, NodeKind::Scalar(scalar)) => {
                self.least(*least, scalar, here);
            }
            (Shape::Image, _) => self.image_name(here),
            (Shape::Import, NodeKind::Scalar(scalar)) => self.import(scalar, here),
            (Shape::List(list), NodeKind::Sequence(items)) => self.list(list, items, here),
            (Shape::Map(map), NodeKind::Mapping(entries)) => self.map(map, entries, here),
            (Shape::Object(object), NodeKind::Mapping(entries)) => {
                self.object(object, entries, here);
            }
            _ => {}
        }
    }

    fn list(&mut self, list: &'static List, items: &'a [Use], here: Here) {
        self.amount(items.len(), list.least, list.most, "item", here);
        if list.role == Role::Uploads {
            self.uploads(items);
        }
        for (index, item) in items.iter().enumerate() {
            let item = Here {
                key: None,
                used: *item,
            };
            self.in_item(index, |walk| walk.value(&list.items, item));
        }
        match list.role {
            Role::Pipeline | Role::CustomPipeline => self.pipeline(list.role, items),
            Role::Caches => self.caches(items),
            Role::Services => self.services(items),
            Role::Scopes => self.scopes(items),
            _ => {}
        }
    }

    fn map(&mut self, map: &'static Map, entries: &'a [Entry], here: Here) {
        self.amount(entries.len(), map.least, map.most, "entry", here);
        for entry in entries {
            let value = Here::of(entry);
            self.in_key(&entry.key, |walk| walk.value(&map.values, value));
        }
        if map.role == Role::InputVariables {
            self.named_secrets(entries);
        }
    }

    fn object(&mut self, object: &'static Object, entries: &'a [Entry], here: Here) {
        let beside = match object.role {
            Role::Item | Role::StageItem => self.item(object, entries, here),
            _ => None,
        };
        let there = Present::of(object, entries);
        for entry in entries {
            let known = object.keys.iter().find(|key| key.name == entry.key);
            let value = Here::of(entry);
            // One finding says that what stands beside an empty key belongs below it.
            if beside.is_some_and(|empty| empty == entry.key || known.is_none()) {
                continue;
            }
            match known {
                Some(key) => self.in_key(&entry.key, |walk| walk.value(&key.shape, value)),
                None => self.unknown(object, there, entry),
            }
        }
        self.missing(object, entries, there, here);
        self.role(object, entries, there, here);
    }

    fn role(&mut self, object: &'static Object, entries: &'a [Entry], there: Present, here: Here) {
        match object.role {
            Role::Step => self.step(object, entries, there, here),
            Role::ImageObject => self.image_object(entries, here),
            Role::Aws => self.aws(entries, here),
            Role::Storage => self.storage(entries, here),
            Role::Changesets => self.changesets(entries),
            Role::Pipe => self.pipe(entries),
            Role::Variable => self.variable(entries),
            _ => {}
        }
    }

    /// How many items or entries there may be.
    fn amount(&mut self, is: usize, least: usize, most: usize, noun: &str, here: Here) {
        if (least..=most).contains(&is) {
            return;
        }
        let span = self.mark(here);
        self.tell(&LIMIT, span, |subject, at| {
            let name = subject.name(at);
            if is < least {
                let message = format!("{name} is empty");
                let help = match at.last() {
                    Some(_) => format!("write at least one {noun}, or remove the key"),
                    None => format!("write at least one {noun}"),
                };
                return subject.draft(&LIMIT, at, span, message).help(help);
            }
            let plural = |number: usize| match noun {
                "entry" if number != 1 => format!("{number} entries"),
                _ => count(number as u64, noun),
            };
            let message = format!(
                "{name} has {}, and Bitbucket takes {most} at most",
                plural(is)
            );
            let help = format!("remove {}", plural(is - most));
            subject.draft(&LIMIT, at, span, message).help(help)
        });
    }

    fn length(&mut self, least: usize, most: usize, scalar: &Scalar, here: Here) {
        // Counting has an end at the first character too many.
        let is = scalar.text.chars().take(most.saturating_add(1)).count();
        if (least..=most).contains(&is) {
            return;
        }
        let span = self.mark(here);
        self.tell(&LIMIT, span, |subject, at| {
            let name = subject.name(at);
            let (message, help) = if is < least {
                let message = format!("{name} is empty");
                (
                    message,
                    "write text between the quotes, or remove the key".to_owned(),
                )
            } else {
                let message =
                    format!("{name} has more than {most} characters, and Bitbucket takes no more");
                (message, format!("shorten it to {most} characters"))
            };
            subject.draft(&LIMIT, at, span, message).help(help)
        });
    }

    fn least(&mut self, least: i128, scalar: &Scalar, here: Here) {
        let is_too_small = match scalar.value {
            ScalarValue::Int(value) => value < least,
            #[expect(clippy::cast_precision_loss, reason = "the limits are small")]
            ScalarValue::Float(value) => value < least as f64,
            _ => false,
        };
        if !is_too_small {
            return;
        }
        let span = self.mark(here);
        self.tell(&LIMIT, span, |subject, at| {
            let name = subject.name(at);
            let message = format!("{name} must be {least} at least, but is {}", scalar.text);
            let line = subject.line(at, &least.to_string());
            let help = match least {
                1 => format!("write a whole number above 0, such as {}", whole(&line)),
                _ => format!("write {} or more", whole(&line)),
            };
            subject.draft(&LIMIT, at, span, message).help(help)
        });
    }
}

impl Here {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            key: Some(entry.key_span),
            used: entry.value,
        }
    }
}

/// Whether the value has the type of the shape.
fn takes(shape: &Shape, node: &Node) -> bool {
    match (shape, &node.kind) {
        (Shape::Any, _)
        | (Shape::List(_) | Shape::Script, NodeKind::Sequence(_))
        | (Shape::Map(_) | Shape::Object(_), NodeKind::Mapping(_)) => true,
        (Shape::Either(shapes), _) => shapes.iter().any(|shape| takes(shape, node)),
        (_, NodeKind::Scalar(scalar)) => match shape {
            Shape::Text { .. } | Shape::Word(_) | Shape::Image | Shape::Import => {
                scalar.as_str().is_some()
            }
            Shape::Flag => matches!(scalar.value, ScalarValue::Bool(_)),
            Shape::Whole { .. } => is_whole(scalar.value),
            _ => false,
        },
        _ => false,
    }
}

fn is_one_of(words: &[&str], node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar(scalar) => scalar.as_str().is_some_and(|text| words.contains(&text)),
        _ => false,
    }
}

/// JSON knows no difference between `2` and `2.0`.
fn is_whole(value: ScalarValue) -> bool {
    match value {
        ScalarValue::Int(_) => true,
        ScalarValue::Float(value) => value.fract() == 0.0,
        _ => false,
    }
}
