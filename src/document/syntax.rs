//! The parser's complaints in words for people who never read the YAML specification.

use granit_parser::ErrorKind;

use super::limits::Limits;
use super::problem::ProblemKind;
use super::span::Span;

/// Where the parser gave up, and what was known by then.
#[allow(dead_code)]
pub(super) struct Fault<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// The parser's own offset.
    pub(super) at: usize,
    /// The end of what had been read before.
    pub(super) read_to: usize,
    /// The innermost bracket that is open.
    pub(super) bracket: Option<usize>,
}

/// What is wrong, what to do, and the text to look at.
pub(super) fn explain(kind: &ErrorKind, fault: &Fault<'_>, limits: &Limits) -> (ProblemKind, Span) {
    let at = fault.text.floor_char_boundary(fault.at);
    let length = fault.text[at..].chars().next().map_or(0, char::len_utf8);
    let span = Span::new(at, at + length);
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        let limit = limits.depth;
        return (ProblemKind::TooDeep { limit }, span);
    }
    let kind = ProblemKind::Syntax {
        message: kind.to_string(),
        help: None,
    };
    (kind, span)
}
