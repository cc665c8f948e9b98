//! Blocks of lines below a key, as they are moved: with their comments, and nothing else touched.

use crate::document::{Document, Entry, NodeKind, ScalarValue, Source, Span};
use crate::finding::{Edit, Fix};

/// Moves `inner`, a key of the mapping of `outer`, and what stands below it to where `outer` itself stands.
/// None where the text is not plain lines below plain keys.
pub(super) fn moved_out(
    source: &Source,
    document: &Document,
    outer: &Entry,
    inner: &Entry,
) -> Option<Fix> {
    let text = source.text();
    let around = Block::of(text, document, outer)?;
    let block = Block::of(text, document, inner).filter(Block::begins_its_line)?;
    let by = block.column.checked_sub(around.column)?;
    if !around.is_bare(text) {
        return None;
    }
    if document.entries(outer.value.node).len() == 1 {
        let is_all =
            around.begins_its_line() && text[around.key_line(text)].trim() == outer_only(outer);
        let lines = Span::new(around.key_line_end, around.end);
        return is_all.then(|| {
            Fix::edits(vec![
                deleted(Span::new(around.line, around.key_line_end)),
                dedented(text, lines, by),
            ])
        });
    }
    let lines = Span::new(block.first, block.end);
    if block.end == around.end {
        return Some(Fix::edits(vec![dedented(text, lines, by)]));
    }
    let mut moved = dedented(text, lines, by).text;
    let before = &text[..around.end];
    if !before.ends_with('\n') {
        let line_end = if moved.ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        moved = format!("{line_end}{}", moved.trim_end_matches(['\r', '\n']));
    }
    Some(Fix::edits(vec![
        deleted(lines),
        Edit {
            span: Span::empty(around.end),
            text: moved,
        },
    ]))
}

/// Moves what stands below `inner` to where `inner` itself stands, which goes.
pub(super) fn unwrapped(source: &Source, document: &Document, inner: &Entry) -> Option<Fix> {
    let text = source.text();
    let block = Block::of(text, document, inner).filter(Block::begins_its_line)?;
    let is_all = block.is_bare(text) && text[block.key_line(text)].trim() == outer_only(inner);
    let child = document.entries(inner.value.node).first()?.key_span.start;
    let line = text[..child].rfind('\n').map_or(0, |end| end + 1);
    let by = (child - line).checked_sub(block.column)?;
    let lines = Span::new(block.key_line_end, block.end);
    is_all.then(|| {
        Fix::edits(vec![
            deleted(Span::new(block.line, block.key_line_end)),
            dedented(text, lines, by),
        ])
    })
}

/// Moves the line of `inner`, an empty key of the mapping of `outer`, to where `outer` itself stands:
/// the keys behind it stay where they are, which is below it then. Gives the lines of `outer` as well.
/// None where the text is not plain lines below plain keys.
pub(super) fn put_over_followers(
    source: &Source,
    document: &Document,
    outer: &Entry,
    inner: &Entry,
) -> Option<(Edit, Span)> {
    let text = source.text();
    let around = Block::of(text, document, outer)?;
    let block = Block::of(text, document, inner).filter(Block::begins_its_line)?;
    let by = block.column.checked_sub(around.column)?;
    if !around.is_bare(text) || !block.is_bare(text) {
        return None;
    }
    let edit = dedented(text, Span::new(block.line, block.key_line_end), by);
    let first = around.line + around.column;
    Some((edit, Span::new(first, around.end)))
}

/// A key on a line of its own, without a comment that would go with it.
fn outer_only(entry: &Entry) -> String {
    format!("{}:", entry.key)
}

/// The lines of a key and of the mapping below it, if there is one.
struct Block {
    /// Where the key's line begins.
    line: usize,
    /// Where the comments right above it begin.
    first: usize,
    /// How far the key is indented, a `-` in front of it counted.
    column: usize,
    /// Whether nothing but blanks stands before the key on its line.
    is_first: bool,
    key_end: usize,
    /// Behind the key's line.
    key_line_end: usize,
    /// Behind the last line.
    end: usize,
}

impl Block {
    fn of(text: &str, document: &Document, entry: &Entry) -> Option<Self> {
        let key = entry.key_span;
        let node = document.node(entry.value.node);
        let is_block = match &node.kind {
            NodeKind::Mapping(entries) => entries.iter().all(|entry| entry.merged.is_none()),
            NodeKind::Scalar(scalar) => scalar.value == ScalarValue::Null,
            NodeKind::Sequence(_) => false,
        };
        let is_here = entry.merged.is_none() && entry.value.at == node.span && node.tag.is_none();
        if !is_block || !is_here || text.get(key.start..key.end)? != entry.key {
            return None;
        }
        let line = text[..key.start].rfind('\n').map_or(0, |end| end + 1);
        let prefix = &text[line..key.start];
        if !prefix.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
            return None;
        }
        let column = prefix.len();
        let key_line_end = text[key.end..]
            .find('\n')
            .map_or(text.len(), |end| key.end + end + 1);
        let end = end_of_block(text, key_line_end, column);
        // What goes on at the margin, as text in quotes may, is not seen by its indentation.
        (node.span.end <= end && !text[line..end].replace("\r\n", "").contains('\r')).then(|| {
            Self {
                line,
                first: comments_above(text, line, column),
                column,
                is_first: !prefix.contains('-'),
                key_end: key.end,
                key_line_end,
                end,
            }
        })
    }

    fn begins_its_line(&self) -> bool {
        self.is_first
    }

    fn key_line(&self, text: &str) -> std::ops::Range<usize> {
        self.line..self.key_line_end.min(text.len())
    }

    /// Whether the mapping begins on the next line, without an anchor.
    fn is_bare(&self, text: &str) -> bool {
        let rest = text[self.key_end..self.key_line_end].trim();
        rest.strip_prefix(':')
            .map(str::trim_start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Behind the last line that is indented deeper than `column`; blank lines and comments at its end
/// belong to what follows.
fn end_of_block(text: &str, from: usize, column: usize) -> usize {
    let mut end = from;
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        at += line.len();
        let content = line.trim();
        if content.is_empty() {
            continue;
        }
        if indentation(line) > column {
            end = at;
        } else if !content.starts_with('#') {
            break;
        }
    }
    end
}

/// Where the comments begin that stand right above a line and are indented like it.
fn comments_above(text: &str, line: usize, column: usize) -> usize {
    let mut first = line;
    while let Some(above) = text[..first].strip_suffix('\n') {
        let start = above.rfind('\n').map_or(0, |end| end + 1);
        let content = &above[start..];
        if indentation(content) != column || !content[column..].starts_with('#') {
            break;
        }
        first = start;
    }
    first
}

fn deleted(span: Span) -> Edit {
    Edit {
        span,
        text: String::new(),
    }
}

/// Lines with so many blanks fewer in front, as far as there are any.
fn dedented(text: &str, lines: Span, by: usize) -> Edit {
    let text = text[lines.start..lines.end]
        .split_inclusive('\n')
        .map(|line| &line[indentation(line).min(by)..])
        .collect();
    Edit { span: lines, text }
}
