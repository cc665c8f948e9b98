//! From text to trees: parser events in, documents and problems out, without recursion.

mod build;
mod margin;

use std::collections::{BTreeMap, HashMap};

use compact_str::CompactString;
use granit_parser::{
    Event, Options, Parser, ScalarStyle, Span as ParserSpan, StrInput, StructureStyle,
};

use super::budget::Budget;
use super::limits::Limits;
use super::merge::Merge;
use super::pointer::Pointer;
use super::problem::{Problem, ProblemKind, Problems};
use super::scalar::{Scalar, Style};
use super::source::Source;
use super::span::Span;
use super::syntax;
use super::tag::{self, Core};
use super::template;
use super::tree::{Document, Entry, Node, NodeId, Orders, Tag, Use};
use margin::Brackets;

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
    let mut loader = Loader::new(source, limits, Brackets::Indented);
    let mut end = loader.run();
    if loader.closes_at_margin {
        loader = Loader::new(source, limits, Brackets::MayCloseAtMargin);
        end = loader.run();
    }
    if let Err(Stop(kind, span)) = end {
        let problem = loader.describe(kind, span, &loader.pointer());
        loader.stream.problems.push_last(problem);
    }
    loader.stream
}

/// A diff where the file itself should be, which happens to be YAML as well.
#[must_use]
pub fn pasted_diff(source: &Source, stream: &Stream) -> Option<Problem> {
    let first = stream.documents.first().filter(|_| stream.is_complete())?;
    let (kind, span) = syntax::diff(first, source.text())?;
    Some(Problem::new(kind, span))
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
    text: CompactString,
    span: Span,
    merge: bool,
}

/// Why reading ends, and where.
struct Stop(ProblemKind, Span);

/// Bytes of a key's or tag's text that a problem repeats, and that stand for a complex key.
const EXCERPT: usize = 1024;

/// How far the parser looks ahead for the colon of a key: it meets brackets before we do.
const LOOKAHEAD: usize = 1024;

/// What the text of a value takes, its key and the blanks around it included, in most documents.
const BYTES_OF_A_NODE: usize = 20;

/// For so many values there is room from the start; for more, it is made when they come.
const LIKELY_NODES: usize = 256;

struct Loader<'a> {
    source: &'a Source,
    limits: &'a Limits,
    stream: Stream,
    nodes: Vec<Node>,
    budget: Budget<'a>,
    frames: Vec<Frame>,
    /// Anchors by number; none while the anchored collection is still open.
    anchors: HashMap<usize, Option<NodeId>>,
    /// The anchors that no alias has named so far.
    unused: BTreeMap<usize, Span>,
    root: Option<Use>,
    /// The end of what the parser has told of.
    read_to: usize,
    brackets: Brackets,
    /// Whether a closing bracket at the margin ended the reading.
    closes_at_margin: bool,
}

impl<'a> Loader<'a> {
    fn new(source: &'a Source, limits: &'a Limits, brackets: Brackets) -> Self {
        Self {
            source,
            limits,
            stream: Stream::default(),
            nodes: Vec::new(),
            budget: Budget::new(limits),
            frames: Vec::new(),
            anchors: HashMap::new(),
            unused: BTreeMap::new(),
            root: None,
            read_to: 0,
            brackets,
            closes_at_margin: false,
        }
    }

    fn run(&mut self) -> Result<(), Stop> {
        let mut options = Options::default();
        options.emit_anchor_events = true;
        options.strict_indentation = self.brackets == Brackets::Indented;
        // Ours is the tighter limit, and it knows about aliases.
        options.simple_key_max_lookahead = LOOKAHEAD;
        options.flow_nesting_limit = self.limits.depth + 2 * LOOKAHEAD;
        options.block_nesting_limit = self.limits.depth + 2 * LOOKAHEAD;
        let text = self.source.text();
        let parser = Parser::<StrInput<'_>>::new_from_str_with_options(text, options);
        for event in parser {
            // An event is large: `map_err` and `?` would each move it.
            match event {
                Ok((event, span)) => {
                    let at = bytes(&span);
                    self.event(event, &span, at)?;
                    self.read_to = self.read_to.max(at.end);
                }
                Err(error) => return Err(self.syntax(&error)),
            }
        }
        Ok(())
    }

    fn syntax(&mut self, error: &granit_parser::ScanError) -> Stop {
        let text = self.source.text();
        let fault = syntax::Fault {
            text,
            at: text.floor_char_boundary(error.marker().byte_offset().unwrap_or_default()),
            read_to: self.read_to,
            // `[a: b]` holds a mapping that no bracket opens.
            bracket: self
                .frames
                .iter()
                .rev()
                .take_while(|frame| frame.flow)
                .map(|frame| frame.start)
                .find(|&start| text[start..].starts_with(['[', '{'])),
        };
        self.closes_at_margin = margin::is_closing_bracket(error, text, fault.at);
        let (kind, span) = syntax::explain(error.kind(), &fault, self.limits);
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
                self.check_quoted(at, style)?;
                // For a value that is not there the parser says `~`.
                let text = match style {
                    Style::Plain if at.is_empty() => CompactString::default(),
                    _ => CompactString::from(text),
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
                let at = self.list_start(style, at);
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
            Event::Anchor(anchor, _) => {
                self.unused.insert(anchor, at);
            }
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
        // Of how many more there are, and how short, the text's length says nothing.
        let likely = match self.stream.documents.is_empty() {
            true => self.source.text().len() / BYTES_OF_A_NODE,
            false => 0,
        };
        self.nodes = Vec::with_capacity(likely.min(LIKELY_NODES));
        self.anchors.clear();
        self.unused.clear();
        self.root = None;
        Ok(())
    }

    fn end_document(&mut self, at: Span) {
        let root = self.root.take().unwrap_or_else(|| {
            let at = Span::empty(at.start);
            let node = self.push_scalar(
                Scalar::new(CompactString::default(), Style::Plain),
                at,
                None,
            );
            Use { node, at }
        });
        self.stream.documents.push(Document {
            number: self.number(),
            nodes: std::mem::take(&mut self.nodes),
            root,
            unused_anchors: std::mem::take(&mut self.unused).into_values().collect(),
            orders: Orders::default(),
        });
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
    fn tag(&mut self, core: Option<Core>, span: &ParserSpan) -> Option<Box<Tag>> {
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
        Some(Box::new(Tag { text, span }))
    }

    /// `{{ x }}` without quotes: a mapping that begins where a key of the one around it is due.
    fn template(&self, style: StructureStyle, at: Span) -> Option<Stop> {
        let frame = self.frames.last()?;
        let key_due = matches!(&frame.content, Content::Mapping { key: None, .. });
        let braces = style == StructureStyle::Flow && frame.flow && frame.start + 1 == at.start;
        if !(key_due && braces) {
            return None;
        }
        let in_brackets = self.frames.iter().rev().nth(1).is_some_and(|f| f.flow);
        let span = template::at(self.source.text(), frame.start, in_brackets)?;
        let text = self.source.slice(span).to_owned();
        Some(Stop(ProblemKind::UnquotedTemplate { text }, span))
    }

    /// Where a list begins: of one that is not indented below its key the parser tells the first item.
    fn list_start(&self, style: StructureStyle, at: Span) -> Span {
        let in_mapping = self
            .frames
            .last()
            .is_some_and(|frame| !frame.flow && matches!(frame.content, Content::Mapping { .. }));
        if style == StructureStyle::Flow || !in_mapping {
            return at;
        }
        let before = self.source.text()[..at.start].trim_end_matches([' ', '\t']);
        match before.strip_suffix('-') {
            Some(rest) if rest.trim_end_matches([' ', '\t']).ends_with(['\n', '\r']) => {
                Span::new(rest.len(), at.end)
            }
            _ => at,
        }
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

fn excerpt(text: &str) -> String {
    text[..text.floor_char_boundary(EXCERPT)].to_owned()
}

fn bytes(span: &ParserSpan) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start, range.end)
}
