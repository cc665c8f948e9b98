//! The parser's complaints in words for people who never read the YAML specification.
//!
//! The parser names the place where it could not go on, which often lies behind the real fault:
//! the lines around it are read once more, by eye, for the usual causes.

mod block;
mod cause;
mod diff;
mod directive;
mod flow;
mod line;
mod mark;
mod quote;

use granit_parser::ErrorKind;

use super::limits::Limits;
use super::problem::{Cause, ProblemKind};
use super::span::Span;
use super::template;
use super::tree::Document;
use line::{Line, short};

/// Where the parser gave up, and what was known by then.
pub(super) struct Fault<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// The parser's own offset, on a character's border.
    pub(super) at: usize,
    /// The end of what had been read before.
    pub(super) read_to: usize,
    /// The innermost bracket that is open.
    pub(super) bracket: Option<usize>,
}

impl<'a> Fault<'a> {
    fn line(&self) -> Line<'a> {
        Line::at(self.text, self.at)
    }

    /// The text from the fault to the end of its line, without a comment.
    fn rest(&self) -> &'a str {
        let line = self.line();
        line::without_comment(&line.text[(self.at - line.start).min(line.text.len())..])
    }

    fn character(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// The span of the one character at the fault.
    fn point(&self) -> Span {
        let length = self.character().map_or(0, char::len_utf8);
        Span::new(self.at, self.at + length)
    }

    fn slice(&self, span: Span) -> &'a str {
        &self.text[span.start..span.end]
    }
}

/// What is wrong, the change that mends it, and the text to change.
struct Words {
    cause: Cause,
    span: Span,
    message: String,
    help: String,
}

impl Words {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            cause: Cause::Other,
            span,
            message: message.into(),
            help: help.into(),
        }
    }

    fn by(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }

    fn into_kind(self) -> (ProblemKind, Span) {
        let kind = ProblemKind::Syntax {
            cause: self.cause,
            message: self.message,
            help: Some(self.help),
        };
        (kind, self.span)
    }
}

/// What is wrong, what to do, and the text to change.
pub(super) fn explain(kind: &ErrorKind, fault: &Fault<'_>, limits: &Limits) -> (ProblemKind, Span) {
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        let limit = limits.depth;
        return (ProblemKind::TooDeep { limit }, fault.point());
    }
    let words = cause::conflict(fault).or_else(|| diff::before(fault));
    if words.is_none()
        && let Some(span) = template::before(fault.text, fault.at)
    {
        let text = fault.slice(span).to_owned();
        return (ProblemKind::UnquotedTemplate { text }, span);
    }
    let words = words
        .or_else(|| cause::instruction(fault))
        .or_else(|| cause::tab(kind, fault))
        .or_else(|| cause::curly_quotes(fault))
        .or_else(|| directive::explain(kind, fault))
        .or_else(|| by_kind(kind, fault))
        .unwrap_or_else(|| unknown(fault));
    words.into_kind()
}

/// A diff that happens to be YAML.
pub(super) fn diff(document: &Document, text: &str) -> Option<(ProblemKind, Span)> {
    diff::readable(document, text).map(Words::into_kind)
}

fn by_kind(kind: &ErrorKind, fault: &Fault<'_>) -> Option<Words> {
    use ErrorKind as E;
    match kind {
        E::UnclosedQuotedScalar
        | E::InvalidQuotedScalarIndent
        | E::DocumentIndicatorInQuotedScalar
        | E::TabInIndentation => quote::unclosed(fault),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            quote::trailing(fault)
        }
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => quote::escape(fault),
        E::InvalidIndentation | E::InvalidFlowScalarIndent => {
            quote::unclosed(fault).or_else(|| flow::indentation(fault))
        }
        E::UnclosedFlowCollection { .. } => flow::unclosed(fault, fault.at),
        E::MismatchedFlowCollectionEnd { open, close } => {
            Some(flow::mismatched(fault, *open, *close))
        }
        E::MisplacedFlowCollectionEnd => flow::unopened(fault),
        E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::InvalidColonPlacement => flow::separator(fault),
        E::BlockEntryInFlowCollection => flow::dash(fault),
        E::FlowMappingValueAdjacentCollection | E::InvalidMappingValueWhitespace => {
            Some(flow::space_after_colon(fault))
        }
        E::MappingValueNotAllowed => block::colon(fault),
        E::SimpleKeyExpected | E::InvalidSimpleKey => block::no_colon(fault),
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry | E::ExpectedDocumentStart
            if block::begins_line(fault) =>
        {
            block::misplaced(fault)
        }
        E::ExpectedBlockMappingKey => {
            mark::properties(fault).or_else(|| block::behind_value(fault))
        }
        E::ExpectedBlockSequenceEntry | E::ExpectedDocumentStart => block::behind_value(fault),
        E::BlockSequenceEntryNotAllowed => block::list_beside_key(fault),
        E::UnknownAnchor => mark::unknown_alias(fault),
        E::MissingAnchorOrAliasName
        | E::InvalidTagTerminator
        | E::UndeclaredTagHandle
        | E::UnclosedVerbatimTag
        | E::MissingTagUri
        | E::InvalidTagEscape
        | E::InvalidTagUtf8
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidGlobalTagCharacter
        | E::ExpectedTagBang
        | E::UnexpectedCharacter { .. }
        | E::PlainScalarStartsWithDashFlowIndicator
        | E::MappingKeyNotAllowed
        | E::UnexpectedEndOfPlainScalar
        | E::UnexpectedEofBlockMapping
        | E::UnexpectedEofBlockSequence
        | E::ExpectedNodeContent
        | E::UnexpectedEof => mark::at_start(fault),
        E::InvalidBlockScalarHeader | E::ZeroBlockScalarIndent => Some(mark::block_header(fault)),
        E::InvalidBlockScalarIndent => Some(mark::block_indentation(fault)),
        E::CommentInterceptedScalar => Some(cause::comment_inside(fault)),
        E::CommentNotSeparated | E::ExpectedWhitespace => cause::comment_without_space(fault),
        E::BomInsideDocument => Some(cause::byte_order_mark(fault)),
        E::InvalidDocumentEnd => Some(directive::behind_end(fault)),
        _ => None,
    }
}

fn key_of_several_lines(fault: &Fault<'_>) -> Words {
    Words::new(
        fault.point(),
        "the key before this colon is spread over several lines",
        "write the key and its colon on one line",
    )
}

/// Nothing better is known than the place.
fn unknown(fault: &Fault<'_>) -> Words {
    let line = fault.line();
    if fault.rest().starts_with(':') {
        return key_of_several_lines(fault);
    }
    let span = if fault.rest().is_empty() {
        line.span()
    } else {
        line.span_of(fault.rest())
    };
    let what = match short(fault.slice(span)) {
        text if text.is_empty() => "the file ends where YAML needs more".to_owned(),
        text => format!("YAML can't make sense of `{text}` here"),
    };
    Words::new(
        span,
        what,
        "compare indentation, quotes and brackets of this line with the line above",
    )
}
