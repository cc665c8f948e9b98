//! Where a piece of a text stands in the file: quotes, escapes and folding lie between the two.

use std::ops::Range;

use crate::check::explain::Subject;
use crate::check::findings::Draft;
use crate::document::{NodeKind, Pointer, Span};
use crate::finding::RuleId;

/// The place of the bytes `piece` of `text`, the value at `pointer`; all of the value where it can't
/// be told.
pub(super) fn of_piece(
    subject: &Subject<'_>,
    pointer: &Pointer,
    text: &str,
    piece: Range<usize>,
) -> Span {
    let (node, place) = subject.find(pointer);
    let found = text
        .get(piece.clone())
        .filter(|piece| !piece.is_empty() && place.defined.is_none())
        .and_then(|wanted| nth(subject, node.span, wanted, &text[..piece.start]));
    found.unwrap_or_else(|| subject.mark(node, place))
}

/// The place of the bytes `piece` of a key.
pub(super) fn of_key_piece(
    subject: &Subject<'_>,
    key: Span,
    text: &str,
    piece: Range<usize>,
) -> Span {
    let found = text
        .get(piece.clone())
        .and_then(|wanted| nth(subject, key, wanted, &text[..piece.start]));
    found.unwrap_or(key)
}

/// The piece that comes in the file after as many of its like as in the text.
fn nth(subject: &Subject<'_>, span: Span, wanted: &str, before: &str) -> Option<Span> {
    let written = subject.source.slice(span);
    let number = before.matches(wanted).count();
    let (at, _) = written.match_indices(wanted).nth(number)?;
    let start = span.start + at;
    Some(Span::new(start, start + wanted.len()))
}

/// A finding about the value at `pointer`, all of it marked.
pub(super) fn draft(
    subject: &Subject<'_>,
    rule: &RuleId,
    pointer: &Pointer,
    message: String,
) -> Draft {
    let (node, place) = subject.find(pointer);
    let draft = subject.draft(rule, pointer, subject.mark(node, place), message);
    match place.defined {
        Some(defined) => draft.related(defined, "defined here"),
        None => draft,
    }
}

/// The text at `pointer`, where there is one.
pub(super) fn text<'a>(subject: &Subject<'a>, pointer: &Pointer) -> Option<&'a str> {
    let document = subject.document;
    let (node, _) = document.resolve(pointer)?;
    document.string(node)
}

/// The pointer of a key in a key.
pub(super) fn below(keys: &[&str]) -> Pointer {
    keys.iter().map(|&key| key.to_owned()).collect()
}

/// Whether the value at `pointer` is `true`.
pub(super) fn is_true(subject: &Subject<'_>, pointer: &Pointer) -> bool {
    let document = subject.document;
    let value = document
        .resolve(pointer)
        .map(|(node, _)| document.node(node));
    value.is_some_and(|node| match &node.kind {
        NodeKind::Scalar(scalar) => scalar.value == crate::document::ScalarValue::Bool(true),
        _ => false,
    })
}
