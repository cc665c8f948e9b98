//! From text to trees: parser events in, documents and problems out, without recursion.

use std::collections::HashMap;

use granit_parser::{
    Event, Options, Parser, ScalarStyle, Span as ParserSpan, StrInput, StructureStyle,
};

use super::limits::Limits;
use super::merge;
use super::pointer::Pointer;
use super::problem::{Problem, ProblemKind, Problems};
use super::scalar::{Scalar, Style, resolve};
use super::source::Source;
use super::span::Span;
use super::syntax;
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
        written: 0,
        expanded: 0,
        frames: Vec::new(),
        anchors: HashMap::new(),
        root: None,
    };
    if let Err(stop) = loader.run() {
        let mut problem = Problem::new(stop.0, stop.1);
        problem.document = loader.number();
        problem.pointer = loader.pointer().to_string();
        // What ends the reading is told even where the list is full.
        let full = loader.stream.problems.kept().len() >= limits.problems;
        let limits = Limits {
            problems: limits.problems + usize::from(full),
            ..*limits
        };
        loader.stream.problems.push(problem, &limits);
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

/// A `<<` key: where it stands and what it brings.
pub(super) struct Merge {
    pub(super) key: Span,
    pub(super) value: Use,
}

struct Stop(ProblemKind, Span);

struct Loader<'a> {
    source: &'a Source,
    limits: &'a Limits,
    stream: Stream,
    nodes: Vec<Node>,
    written: usize,
    expanded: usize,
    frames: Vec<Frame>,
    /// Anchors by number; none while the anchored collection is still open.
    anchors: HashMap<usize, Option<NodeId>>,
    root: Option<Use>,
}

impl Loader<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.strict_indentation = true;
        // Ours is the tighter limit, and it knows about aliases.
        options.flow_nesting_limit = self.limits.depth + 1;
        options.block_nesting_limit = self.limits.depth + 1;
        let text = self.source.text();
        let parser = Parser::<StrInput<'_>>::new_from_str_with_options(text, options);
        for event in parser {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            self.event(event, &span)?;
        }
        Ok(())
    }

    fn syntax(&self, error: &granit_parser::ScanError) -> Stop {
        let at = error.marker().byte_offset().unwrap_or_default();
        let (kind, span) = syntax::explain(error, self.source.text(), at, self.limits);
        Stop(kind, span)
    }

    fn event(&mut self, event: Event<'_>, span: &ParserSpan) -> Result<(), Stop> {
        let at = bytes(span);
        match event {
            Event::DocumentStart(..) => self.begin_document(),
            Event::DocumentEnd => self.end_document(at),
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| (self.tag_text(span), tag.into_owned()));
                self.scalar(text.into_owned(), style, at, anchor, tag)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.and_then(|tag| self.collection_tag(&tag, span));
                self.open(Content::Sequence(Vec::new()), style, at, anchor, tag)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let tag = tag.and_then(|tag| self.collection_tag(&tag, span));
                let content = Content::Mapping {
                    entries: Vec::new(),
                    key: None,
                    merges: Vec::new(),
                };
                self.open(content, style, at, anchor, tag)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(anchor) => self.alias(anchor, at)?,
            _ => {}
        }
        Ok(())
    }

    fn number(&self) -> usize {
        self.stream.documents.len() + 1
    }

    fn problem(&mut self, kind: ProblemKind, span: Span, pointer: String) {
        let mut problem = Problem::new(kind, span);
        problem.document = self.number();
        problem.pointer = pointer;
        self.stream.problems.push(problem, self.limits);
    }

    fn begin_document(&mut self) {
        self.nodes = Vec::new();
        self.expanded = 0;
        self.anchors.clear();
        self.root = None;
    }

    fn end_document(&mut self, at: Span) {
        let root = self.root.take().unwrap_or_else(|| {
            self.nodes.push(Node {
                span: Span::empty(at.start),
                tag: None,
                kind: NodeKind::Scalar(Scalar::new(String::new(), Style::Plain)),
                size: 1,
                height: 0,
            });
            Use {
                node: NodeId(0),
                at: Span::empty(at.start),
            }
        });
        self.stream.documents.push(Document {
            number: self.stream.documents.len() + 1,
            nodes: std::mem::take(&mut self.nodes),
            root,
        });
    }

    /// Takes a node's cost from the budget and gives it its number.
    fn allot(&mut self, at: Span) -> Result<NodeId, Stop> {
        self.written += 1;
        if self.written > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err(Stop(ProblemKind::TooManyNodes { limit }, at));
        }
        self.spend(1, at)?;
        // The limit on nodes is far below u32::MAX.
        Ok(NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)))
    }

    fn spend(&mut self, nodes: usize, at: Span) -> Result<(), Stop> {
        self.expanded = self.expanded.saturating_add(nodes);
        if self.expanded > self.limits.expanded {
            let limit = self.limits.expanded;
            return Err(Stop(ProblemKind::AliasExpansion { limit }, at));
        }
        Ok(())
    }

    fn depth_allows(&self, height: usize, at: Span) -> Result<(), Stop> {
        if self.frames.len() + height > self.limits.depth {
            let limit = self.limits.depth;
            return Err(Stop(ProblemKind::TooDeep { limit }, at));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        at: Span,
        anchor: usize,
        tag: Option<(Option<Tag>, granit_parser::Tag)>,
    ) -> Result<(), Stop> {
        let node = self.allot(at)?;
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            _ => Style::Block,
        };
        let at = self.without_trailing_break(at, style);
        let mut scalar = Scalar::new(text, style);
        let mut written_tag = None;
        if let Some((written, tag)) = tag {
            match core_type(&tag) {
                Some(Core::Resolved) => scalar.value = resolve(scalar.text.trim()),
                Some(Core::Text) => scalar.value = super::scalar::ScalarValue::Str,
                Some(Core::Collection) => {}
                None => {
                    scalar.value = super::scalar::ScalarValue::Str;
                    self.unknown_tag(written.as_ref());
                }
            }
            written_tag = written;
        }
        self.nodes.push(Node {
            span: at,
            tag: written_tag,
            kind: NodeKind::Scalar(scalar),
            size: 1,
            height: 0,
        });
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node));
        }
        self.attach(Use { node, at });
        Ok(())
    }

    fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        at: Span,
        anchor: usize,
        tag: Option<Tag>,
    ) -> Result<(), Stop> {
        self.depth_allows(1, at)?;
        let node = self.allot(at)?;
        self.nodes.push(Node {
            span: at,
            tag,
            kind: NodeKind::Sequence(Vec::new()),
            size: 1,
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

    fn close(&mut self, at: Span) {
        let Some(frame) = self.frames.pop() else {
            return;
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
                    .max(merges.last().map(|merge| merge.value.at.end));
                self.report_duplicates(&entries);
                for merge in &merges {
                    let wrong = merge::apply(&self.nodes, merge, &mut entries);
                    for span in wrong {
                        let pointer = self.pointer().to_string();
                        self.problem(ProblemKind::MergeValue, span, pointer);
                    }
                }
                (NodeKind::Mapping(entries), last)
            }
        };
        // The end event of a block collection lies behind trailing blank lines and comments.
        let end = if frame.flow {
            at.end
        } else {
            last.unwrap_or(at.start)
        };
        let (size, height) = self.measure(&kind);
        let span = Span::new(frame.start, end);
        let node = &mut self.nodes[frame.node.0 as usize];
        node.span = span;
        node.kind = kind;
        node.size = size;
        node.height = height;
        if frame.anchor != 0 {
            self.anchors.insert(frame.anchor, Some(frame.node));
        }
        self.attach(Use {
            node: frame.node,
            at: span,
        });
    }

    fn measure(&self, kind: &NodeKind) -> (usize, usize) {
        let of = |used: &Use| {
            let node = &self.nodes[used.node.0 as usize];
            (node.size, node.height)
        };
        let fold = |(size, height): (usize, usize), (more, inner): (usize, usize)| {
            (size.saturating_add(more), height.max(inner))
        };
        let (size, height) = match kind {
            NodeKind::Scalar(_) => return (1, 0),
            NodeKind::Sequence(items) => items.iter().map(of).fold((1, 0), fold),
            NodeKind::Mapping(entries) => entries
                .iter()
                .map(|entry| of(&entry.value))
                .map(|(size, height)| (size + 1, height))
                .fold((1, 0), fold),
        };
        (size, height + 1)
    }

    fn alias(&mut self, anchor: usize, at: Span) -> Result<(), Stop> {
        match self.anchors.get(&anchor).copied().flatten() {
            Some(node) => {
                let target = &self.nodes[node.0 as usize];
                let (size, height) = (target.size, target.height);
                self.written += 1;
                self.spend(size, at)?;
                self.depth_allows(height, at)?;
                self.attach(Use { node, at });
                Ok(())
            }
            None => {
                let alias = self.source.slice(at).to_owned();
                Err(Stop(ProblemKind::RecursiveAlias { alias }, at))
            }
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
                key: slot,
                merges,
            } => match slot.take() {
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
                None => {
                    let node = &self.nodes[value.node.0 as usize];
                    let (text, merge) = match &node.kind {
                        NodeKind::Scalar(scalar) => (
                            Some(scalar.text.clone()),
                            scalar.text == "<<" && scalar.style == Style::Plain,
                        ),
                        _ => (None, false),
                    };
                    let complex = text.is_none();
                    *slot = Some(PendingKey {
                        text: text.unwrap_or_else(|| self.source.slice(value.at).to_owned()),
                        span: value.at,
                        merge,
                    });
                    if complex {
                        let pointer = self.pointer().to_string();
                        self.problem(ProblemKind::ComplexKey, value.at, pointer);
                    }
                }
            },
        }
    }

    fn report_duplicates(&mut self, entries: &[Entry]) {
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
        let mut pointer = None;
        for entry in entries {
            match first.get(entry.key.as_str()) {
                None => {
                    first.insert(&entry.key, entry.key_span);
                }
                Some(&related) => {
                    let pointer = pointer
                        .get_or_insert_with(|| self.pointer())
                        .join(&entry.key);
                    let kind = ProblemKind::DuplicateKey {
                        key: entry.key.clone(),
                    };
                    let mut problem = Problem::new(kind, entry.key_span);
                    problem.related = Some(related);
                    problem.document = self.number();
                    problem.pointer = pointer.to_string();
                    self.stream.problems.push(problem, self.limits);
                }
            }
        }
    }

    /// The route to the value that is being read now.
    fn pointer(&self) -> Pointer {
        self.frames
            .iter()
            .filter_map(|frame| match &frame.content {
                Content::Sequence(items) => Some(items.len().to_string()),
                Content::Mapping { key, .. } => key.as_ref().map(|key| key.text.clone()),
            })
            .collect()
    }

    fn tag_text(&self, span: &ParserSpan) -> Option<Tag> {
        let range = span.tag_span()?.byte_range()?;
        let span = Span::new(range.start, range.end);
        Some(Tag {
            text: self.source.slice(span).to_owned(),
            span,
        })
    }

    fn collection_tag(&mut self, tag: &granit_parser::Tag, span: &ParserSpan) -> Option<Tag> {
        let written = self.tag_text(span);
        if core_type(tag).is_none() {
            self.unknown_tag(written.as_ref());
        }
        written
    }

    fn unknown_tag(&mut self, tag: Option<&Tag>) {
        if let Some(tag) = tag {
            let pointer = self.pointer().to_string();
            let kind = ProblemKind::UnknownTag {
                tag: tag.text.clone(),
            };
            self.problem(kind, tag.span, pointer);
        }
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

enum Core {
    /// A type whose text decides: `!!int`, `!!bool` and the like.
    Resolved,
    /// Text whatever it looks like: `!!str`, `!`.
    Text,
    /// `!!map`, `!!seq` and their kin.
    Collection,
}

/// What YAML's own tags say; none for every other tag.
fn core_type(tag: &granit_parser::Tag) -> Option<Core> {
    match (tag.handle(), tag.suffix()) {
        ("tag:yaml.org,2002:", suffix) => match suffix {
            "int" | "float" | "bool" | "null" => Some(Core::Resolved),
            "str" | "binary" | "timestamp" => Some(Core::Text),
            "map" | "seq" | "set" | "omap" | "pairs" | "merge" => Some(Core::Collection),
            _ => None,
        },
        ("", "!") | ("!", "") => Some(Core::Text),
        _ => None,
    }
}

fn bytes(span: &ParserSpan) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start, range.end)
}
