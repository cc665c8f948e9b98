//! The way through the tree by the table: every value held against its shape, once.

use std::cell::Cell;
use std::collections::HashSet;

use super::keys::Present;
use super::names::Names;
use super::rules::{LIMIT, TYPE, VALUE};
use super::shape::{List, Map, Object, Role, Shape};
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::rules::yaml::quoted;
use crate::check::suggest;
use crate::check::words::{all_of, code, count, is_copyable, one_of, whole};
use crate::document::{
    Document, Entry, Node, NodeId, NodeKind, Pointer, Scalar, ScalarValue, Span, Style, Use,
};
use crate::finding::{Fix, RuleId};

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

    fn wrong_word(&mut self, words: &'static [&'static str], scalar: &Scalar, here: Here) {
        let span = self.mark(here);
        self.tell(&VALUE, span, |subject, at| {
            let name = subject.name(at);
            let quoted: Vec<String> = words.iter().map(|word| code(word)).collect();
            let message = format!(
                "{name} must be {}, but is {}",
                one_of(&quoted),
                code(&scalar.text)
            );
            let draft = subject.draft(&VALUE, at, span, message);
            let line = |word: &str| whole(&subject.line(at, word));
            match meant(&scalar.text, words) {
                Some(word) => draft
                    .label(format!("did you mean {}?", code(word)))
                    .help(format!("write {}", line(word)))
                    .fix(Fix::replace(span, word)),
                None => {
                    let lines: Vec<String> = words.iter().map(|word| line(word)).collect();
                    draft.help(format!("write {}", one_of(&lines)))
                }
            }
        });
    }

    /// A value of another type than its shape's.
    pub(super) fn wrong_type(&mut self, shape: &'static Shape, here: Here) {
        let span = self.mark(here);
        let node = self.node(here);
        self.tell(&TYPE, span, |subject, at| {
            let name = subject.name(at);
            let must = must(shape);
            let scalar = match &node.kind {
                NodeKind::Scalar(scalar) if scalar.value == ScalarValue::Null => {
                    let message = format!("{name} has no value");
                    return subject
                        .draft(&TYPE, at, span, message)
                        .label(format!("it must be {must}"))
                        .help(no_value(subject, at, &must));
                }
                NodeKind::Scalar(scalar) => scalar,
                NodeKind::Sequence(_) => {
                    let message = format!("{name} must be {must}, but is a list");
                    return subject
                        .draft(&TYPE, at, span, message)
                        .help(format!("write {must} in place of the list"));
                }
                NodeKind::Mapping(_) => {
                    let message = format!("{name} must be {must}, but is a mapping");
                    return subject
                        .draft(&TYPE, at, span, message)
                        .help(format!("write {must} in place of the mapping"));
                }
            };
            let is = match scalar.value {
                ScalarValue::Bool(_) => code(&scalar.text),
                ScalarValue::Int(_) | ScalarValue::Float(_) => "a number".to_owned(),
                _ if must.ends_with('`') => code(&scalar.text),
                _ => "text".to_owned(),
            };
            let message = format!("{name} must be {must}, but is {is}");
            let draft = subject.draft(&TYPE, at, span, message);
            match in_its_place(shape, scalar) {
                Some(text) => {
                    let draft = match why(scalar, &text) {
                        Some(label) => draft.label(label),
                        None => draft,
                    };
                    draft
                        .help(format!("write {}", whole(&subject.line(at, &text))))
                        .fix(Fix::replace(span, text))
                }
                None => draft.help(other_value(subject, at, shape, scalar, &must)),
            }
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

/// What a value must be, in words.
fn must(shape: &Shape) -> String {
    match shape {
        Shape::Any => "a value".to_owned(),
        Shape::Text { .. } => "text".to_owned(),
        Shape::Image => "the name of an image".to_owned(),
        Shape::Import => "text such as `repository:branch:pipeline`".to_owned(),
        Shape::Word(words) => {
            let quoted: Vec<String> = words.iter().map(|word| code(word)).collect();
            one_of(&quoted)
        }
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Whole { .. } => "a whole number".to_owned(),
        Shape::List(_) | Shape::Script => "a list".to_owned(),
        Shape::Map(_) | Shape::Object(_) => "a mapping".to_owned(),
        Shape::Either(shapes) => {
            let parts: Vec<String> = shapes.iter().map(must).collect();
            one_of(&parts)
        }
    }
}

/// The word that was meant by one that Bitbucket does not know.
fn meant(text: &str, words: &[&'static str]) -> Option<&'static str> {
    // Between `2x` and `32x` lies no slip of the finger.
    let is_size = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    if words.iter().any(|word| is_size(word)) {
        let number = text.trim_end_matches(['x', 'X']);
        let mut words = words.iter().copied();
        return words.find(|word| word.strip_suffix('x') == Some(number));
    }
    let near = suggest::nearest(text, words.iter().copied())?;
    words.iter().copied().find(|word| *word == near)
}

/// How the value was meant, written so that it has the shape's type.
fn in_its_place(shape: &Shape, scalar: &Scalar) -> Option<String> {
    let text = scalar.text.as_str();
    match shape {
        Shape::Text { .. } | Shape::Image if scalar.as_str().is_none() && is_copyable(text) => {
            Some(quoted(text))
        }
        Shape::Flag => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" => Some("true".to_owned()),
            "no" | "off" | "false" => Some("false".to_owned()),
            _ => None,
        },
        Shape::Whole { .. } => {
            let digits = text.trim();
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            (is_number && digits.len() < 19).then(|| digits.to_owned())
        }
        Shape::List(list) => {
            let is_plain = scalar.style == Style::Plain
                && is_copyable(text)
                && !text.contains(|c: char| "[]{},#:&*!|>'\"%@`".contains(c));
            let fits = matches!(list.items, Shape::Text { .. } | Shape::Either(_));
            (is_plain && fits && scalar.as_str().is_some()).then(|| format!("[{text}]"))
        }
        Shape::Word(words) => meant(text, words).map(str::to_owned),
        Shape::Either(shapes) => shapes.iter().find_map(|shape| in_its_place(shape, scalar)),
        _ => None,
    }
}

/// What to write in place of a word or number of which nobody knows what was meant.
fn other_value(
    subject: &Subject<'_>,
    at: &Pointer,
    shape: &Shape,
    scalar: &Scalar,
    must: &str,
) -> String {
    let Shape::Object(object) = shape else {
        return format!("write {must} in its place");
    };
    if object.keys.iter().any(|key| key.name == scalar.text) {
        let line = subject.line(at, &format!("{}:", scalar.text));
        return format!("write {}, and what belongs to it below", whole(&line));
    }
    let keys: Vec<String> = object.keys.iter().map(|key| code(key.name)).collect();
    format!(
        "write keys with values below it; it takes {}",
        all_of(&keys)
    )
}

/// Why the value is not what it looks like; nothing where it does not look like it.
fn why(scalar: &Scalar, meant: &str) -> Option<String> {
    match (scalar.value, scalar.style) {
        (ScalarValue::Str, _) if meant.starts_with('[') => None,
        (ScalarValue::Str, Style::Quoted) => Some("the quotes make it text".to_owned()),
        (ScalarValue::Str, _) => Some(format!("{} is text in YAML 1.2", code(&scalar.text))),
        _ => Some("without quotes it is no text".to_owned()),
    }
}

fn no_value(subject: &Subject<'_>, at: &Pointer, must: &str) -> String {
    if subject.is_item(at) {
        return format!("write {must} behind the `-`, or remove the item");
    }
    match must.starts_with("a list") || must.starts_with("a mapping") {
        true => format!("write {must} below the key, or remove the key"),
        false => format!("write {must} behind the colon, or remove the key"),
    }
}
