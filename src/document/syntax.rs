//! The parser's complaints in words for people who never read the YAML specification.

use granit_parser::{ErrorKind, ScanError};

use super::limits::Limits;
use super::problem::ProblemKind;
use super::span::Span;

/// What is wrong, what to do, and the text to look at; `at` is the parser's own offset.
pub(super) fn explain(
    error: &ScanError,
    text: &str,
    at: usize,
    limits: &Limits,
) -> (ProblemKind, Span) {
    let at = text.floor_char_boundary(at);
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    let span = Span::new(at, at + length);
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        let limit = limits.depth;
        return (ProblemKind::TooDeep { limit }, span);
    }
    let kind = ProblemKind::Syntax {
        message: error.info(),
        help: None,
    };
    (kind, span)
}
