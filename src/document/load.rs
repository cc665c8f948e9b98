//! From text to trees: parser events in, documents and problems out, without recursion.

use std::collections::{HashMap, HashSet};

use granit_parser::{
    Event, Options, Parser, ScalarStyle, Span as ParserSpan, StrInput, StructureStyle,
};

use super::budget::{Budget, Cost};
use super::limits::Limits;
use super::merge::{self, Merge};
use super::pointer::Pointer;
use super::problem::{Problem, ProblemKind, Problems};
use super::scalar::{Scalar, Style};
use super::source::Source;
use super::span::Span;
use super::syntax;
use super::tag::{self, Core};
use super::template;
use super::tree::{Document, Entry, Node, NodeId, NodeKind, Tag, Use};

/// What a file holds: its documents and what is wrong with it.
///
/// Where a problem [ends the reading](Problem::ends_reading), only the documents before it are here.
#[derive(Debug, Default)]
pub struct Stream {
    /// The documents, in the order of the file.
    pub documents: Vec<Document>,
    /// What is wrong, in the order it was met.
    pub problems: Problems,
}

impl Stream {
    /// Whether every document of the file was read to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.problems.kept().iter().any(Problem::ends_reading)
    }
}

/// Reads all documents of a file.
#[must_use]
pub fn load(source: &Source, limits: &Limits) -> Stream {
    let mut loader = Loader {
        source,
        limits,
        stream: Stream::default(),
        nodes: Vec::new(),
        budget: Budget::new(limits),
        frames: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        read_to: 0,
    };
    if let Err(Stop(kind, span)) = loader.run() {
        let problem = loader.describe(kind, span, &loader.pointer());
        loader.stream.problems.push_last(problem);
    }
    loader.stream
}

/// A collection that is being read.
struct Frame {
    node: NodeId,
    anchor: usize,
    flow: bool,
    start: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Use>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<PendingKey>,
        merges: Vec<Merge>,
    },
}

struct PendingKey {
    text: String,
    span: Span,
    merge: bool,
}

/// Why reading ends, and where.
struct Stop(ProblemKind, Span);

/// Bytes of a key's or tag's text that a problem repeats, and that stand for a complex key.
const EXCERPT: usize = 1024;

/// How far the parser looks ahead for the colon of a key: it meets brackets before we do.
const LOOKAHEAD: usize = 1024;

struct Loader<'a> {
    source: &'a Source,
    limits: &'a Limits,
    stream: Stream,
    nodes: Vec<Node>,
    budget: Budget<'a>,
    frames: Vec<Frame>,
    /// Anchors by number; none while the anchored collection is still open.
    anchors: HashMap<usize, Option<NodeId>>,
    root: Option<Use>,
    /// The end of what the parser has told of.
    read_to: usize,
}

impl Loader<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.strict_indentation = true;
        // Ours is the tighter limit, and it knows about aliases.
        options.simple_key_max_lookahead = LOOKAHEAD;
        options.flow_nesting_limit = self.limits.depth + 2 * LOOKAHEAD;
        options.block_nesting_limit = self.limits.depth + 2 * LOOKAHEAD;
        let text = self.source.text();
        let parser = Parser::<StrInput<'_>>::new_from_str_with_options(text, options);
        for event in parser {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            let at = bytes(&span);
            self.event(event, &span, at)?;
            self.read_to = self.read_to.max(at.end);
        }
        Ok(())
    }

    fn syntax(&self, error: &granit_parser::ScanError) -> Stop {
        let text = self.source.text();
        let place = syntax::Fault {
            text,
            at: text.floor_char_boundary(error.marker().byte_offset().unwrap_or_default()),
            read_to: self.read_to,
            bracket: self
                .frames
                .last()
                .filter(|frame| frame.flow)
                .map(|frame| frame.start),
        };
        let (kind, span) = syntax::explain(error.kind(), &place, self.limits);
        Stop(kind, span)
    }

    fn event(&mut self, event: Event<'_>, span: &ParserSpan, at: Span) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => self.begin_document(at)?,
            Event::DocumentEnd => self.end_document(at),
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    _ => Style::Block,
                };
                let at = self.without_trailing_break(at, style);
                // For a value that is not there the parser says `~`.
                let text = match style {
                    Style::Plain if at.is_empty() => String::new(),
                    _ => text.into_owned(),
                };
                let mut scalar = Scalar::new(text, style);
                let tag = tag.and_then(|tag| {
                    let core = Core::of(&tag);
                    tag::apply(core, &mut scalar);
                    self.tag(core, span)
                });
                self.scalar(scalar, at, anchor, tag)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.and_then(|tag| self.tag(Core::of(&tag), span));
                self.open(Content::Sequence(Vec::new()), style, at, anchor, tag)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                if let Some(template) = self.template(style, at) {
                    return Err(template);
                }
                let tag = tag.and_then(|tag| self.tag(Core::of(&tag), span));
                let content = Content::Mapping {
                    entries: Vec::new(),
                    key: None,
                    merges: Vec::new(),
                };
                self.open(content, style, at, anchor, tag)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at)?,
            Event::Alias(anchor) => self.alias(anchor, at)?,
            _ => {}
        }
        Ok(())
    }

    fn describe(&self, kind: ProblemKind, span: Span, pointer: &Pointer) -> Problem {
        Problem {
            document: self.number(),
            pointer: pointer.to_string(),
            ..Problem::new(kind, span)
        }
    }

    fn number(&self) -> usize {
        self.stream.documents.len() + 1
    }

    fn problem(&mut self, kind: ProblemKind, span: Span) {
        let mut problems = std::mem::take(&mut self.stream.problems);
        problems.push(self.limits, || self.describe(kind, span, &self.pointer()));
        self.stream.problems = problems;
    }

    fn begin_document(&mut self, at: Span) -> Result<(), Stop> {
        let limit = self.limits.documents;
        if self.stream.documents.len() == limit {
            return Err(Stop(ProblemKind::TooManyDocuments { limit }, at));
        }
        self.nodes = Vec::new();
        self.anchors.clear();
        self.root = None;
        Ok(())
    }

    fn end_document(&mut self, at: Span) {
        let root = self.root.take().unwrap_or_else(|| {
            let at = Span::empty(at.start);
            let node = self.push_scalar(Scalar::new(String::new(), Style::Plain), at, None);
            Use { node, at }
        });
        self.stream.documents.push(Document {
            number: self.number(),
            nodes: std::mem::take(&mut self.nodes),
            root,
        });
    }

    fn scalar(
        &mut self,
        scalar: Scalar,
        at: Span,
        anchor: usize,
        tag: Option<Tag>,
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

    fn push_scalar(&mut self, scalar: Scalar, span: Span, tag: Option<Tag>) -> NodeId {
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

    fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        at: Span,
        anchor: usize,
        tag: Option<Tag>,
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

    fn close(&mut self, at: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
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

    fn alias(&mut self, anchor: usize, at: Span) -> Result<(), Stop> {
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
                    text: excerpt(self.source.slice(value.at)),
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
        let mut seen = HashSet::with_capacity(entries.len() + merges.len());
        if keys().all(|(key, _)| seen.insert(key)) {
            return;
        }
        let mut problems = std::mem::take(&mut self.stream.problems);
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(seen.len());
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

    /// The route to the value that is being read now.
    fn pointer(&self) -> Pointer {
        self.frames
            .iter()
            .filter_map(|frame| match &frame.content {
                Content::Sequence(items) => Some(items.len().to_string()),
                Content::Mapping { key, .. } => key.as_ref().map(|key| excerpt(&key.text)),
            })
            .collect()
    }

    /// The tag as written; one that is not YAML's own is a problem.
    fn tag(&mut self, core: Option<Core>, span: &ParserSpan) -> Option<Tag> {
        let range = span.tag_span()?.byte_range()?;
        let span = Span::new(range.start, range.end);
        let text = self.source.slice(span).to_owned();
        if core.is_none() {
            self.problem(
                ProblemKind::UnknownTag {
                    tag: excerpt(&text),
                },
                span,
            );
        }
        Some(Tag { text, span })
    }

    /// `{{ x }}` without quotes: a mapping that begins where a key of the one around it is due.
    fn template(&self, style: StructureStyle, at: Span) -> Option<Stop> {
        let frame = self.frames.last()?;
        let key_due = matches!(&frame.content, Content::Mapping { key: None, .. });
        let braces = style == StructureStyle::Flow && frame.flow && frame.start + 1 == at.start;
        if !(key_due && braces) {
            return None;
        }
        let span = template::at(self.source.text(), frame.start)?;
        let text = self.source.slice(span).to_owned();
        Some(Stop(ProblemKind::UnquotedTemplate { text }, span))
    }

    /// A block collection begins with an empty span.
    fn first_character(&self, at: Span) -> Span {
        let next = self.source.text()[at.start..].chars().next();
        Span::new(at.start, at.start + next.map_or(0, char::len_utf8))
    }

    /// A block scalar's span reaches over its last line break, a plain one's never over blanks.
    fn without_trailing_break(&self, at: Span, style: Style) -> Span {
        match style {
            Style::Quoted => at,
            Style::Plain | Style::Block => {
                let text = self.source.slice(at);
                Span::new(at.start, at.start + text.trim_end().len())
            }
        }
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

fn excerpt(text: &str) -> String {
    text[..text.floor_char_boundary(EXCERPT)].to_owned()
}

fn bytes(span: &ParserSpan) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start, range.end)
}
