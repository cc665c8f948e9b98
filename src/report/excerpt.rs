//! The lines around a finding, cut to a width and cleaned, with the marked text's new place.

use std::ops::Range;

use textwrap::core::display_width;

use crate::document::{Source, Span};
use crate::visible::visible;

/// A few lines of a document as they may be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Number of the first line, from 1.
    pub(super) first_line: usize,
    /// The lines, joined by line breaks.
    pub(super) text: String,
    /// The marked bytes of `text`.
    pub(super) marked: Range<usize>,
}

/// Lines shown before and behind the marked one.
const CONTEXT: usize = 1;
/// Characters shown before the mark where a line is cut, fewer where they are wide.
const LEAD: usize = 24;

impl Excerpt {
    /// The lines around `span`, each at most `width` columns; a span of several lines is marked
    /// on its first only. `ellipsis` stands where a line was cut.
    pub(super) fn new(source: &Source, span: Span, width: usize, ellipsis: &str) -> Self {
        let marked_line = source.position(span.start).line;
        let first_line = marked_line.saturating_sub(CONTEXT).max(1);
        let cut_from = cut_from(source, marked_line, span, width);
        let mut text = String::new();
        let mut marked = 0..0;
        for number in first_line..=marked_line + CONTEXT {
            let Some(line) = source.line(number) else {
                break;
            };
            // The empty line behind the last line break is no line to show.
            if number > marked_line && line.is_empty() && source.line(number + 1).is_none() {
                break;
            }
            if number > first_line {
                text.push('\n');
            }
            let base = text.len();
            if number == marked_line {
                let line_start = source.line_starts()[number - 1];
                let from = (span.start - line_start).min(line.len());
                let to = (span.end.saturating_sub(line_start)).clamp(from, line.len());
                let (shown, range) = cut(line, cut_from, width, ellipsis, Some(from..to));
                text.push_str(&shown);
                let range = range.unwrap_or_default();
                marked = base + range.start..base + range.end;
            } else {
                text.push_str(&cut(line, cut_from, width, ellipsis, None).0);
            }
        }
        Self {
            first_line,
            text,
            marked,
        }
    }
}

/// The column, in characters, from which lines are shown: 0 unless the mark would be cut away.
fn cut_from(source: &Source, line: usize, span: Span, width: usize) -> usize {
    let start = source.line_starts()[line - 1];
    let before = source.slice(Span::new(start, span.start));
    let length = source.slice(span).lines().next().map_or(0, display_width);
    if display_width(before) + length.min(width / 2) <= width {
        return 0;
    }
    let mut columns = 0;
    let lead = before.chars().rev().take_while(|c| {
        columns += display_width(c.encode_utf8(&mut [0; 4]));
        columns <= LEAD
    });
    before.chars().count() - lead.count()
}

/// The part of a line that is shown, and where the marked bytes are in it.
fn cut(
    line: &str,
    from: usize,
    width: usize,
    ellipsis: &str,
    marked: Option<Range<usize>>,
) -> (String, Option<Range<usize>>) {
    let byte_at = |column: usize| {
        line.char_indices()
            .nth(column)
            .map_or(line.len(), |(at, _)| at)
    };
    let start = byte_at(from);
    let mut columns = 0;
    // East Asian characters take two columns.
    let beyond = line[start..].char_indices().find(|(_, c)| {
        columns += display_width(c.encode_utf8(&mut [0; 4]));
        columns > width
    });
    let window = start..beyond.map_or(line.len(), |(at, _)| start + at);
    let mut shown = String::new();
    // A short line beside a cut one shows that it isn't empty.
    if window.start > 0 {
        shown.push_str(ellipsis);
    }
    let clean = |range: Range<usize>| {
        let text = &line[range];
        // A tab keeps its place as one blank: what is behind it stays in its column.
        visible(&text.replace('\t', " ")).into_owned()
    };
    let range = marked.map(|marked| {
        let start = marked.start.clamp(window.start, window.end);
        let end = marked.end.clamp(start, window.end);
        shown.push_str(&clean(window.start..start));
        let first = shown.len();
        shown.push_str(&clean(start..end));
        let range = first..shown.len();
        shown.push_str(&clean(end..window.end));
        range
    });
    if range.is_none() {
        shown.push_str(&clean(window.clone()));
    }
    if window.end < line.len() {
        shown.push_str(ellipsis);
    }
    (shown, range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, marked: &str, width: usize) -> (String, String, usize) {
        let source = Source::new("x", text);
        let start = text.find(marked).unwrap();
        let excerpt = Excerpt::new(&source, Span::new(start, start + marked.len()), width, "…");
        let marked = excerpt.text[excerpt.marked.clone()].to_owned();
        (excerpt.text, marked, excerpt.first_line)
    }

    #[test]
    fn one_line_stands_on_either_side() {
        let (text, marked, first) = excerpt("a: 1\nb: 2\nc: 3\nd: 4\n", "c", 40);
        assert_eq!(
            (text.as_str(), marked.as_str(), first),
            ("b: 2\nc: 3\nd: 4", "c", 2)
        );
        let (text, _, first) = excerpt("a: 1\nb: 2\n", "b", 40);
        assert_eq!((text.as_str(), first), ("a: 1\nb: 2", 1));
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let long = format!("a: {}X{}\n", "y".repeat(500), "z".repeat(500));
        let (text, marked, _) = excerpt(&long, "X", 40);
        assert_eq!(marked, "X");
        assert_eq!(text, format!("…{}X{}…", "y".repeat(24), "z".repeat(15)));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let (text, marked, _) = excerpt(&format!("a: X{}\n", "日".repeat(50)), "X", 40);
        assert_eq!(
            (marked.as_str(), text),
            ("X", format!("a: X{}…", "日".repeat(18)))
        );
        let (text, marked, _) = excerpt(
            &format!("{}X{}\n", "日".repeat(50), "z".repeat(50)),
            "X",
            40,
        );
        assert_eq!(marked, "X");
        assert_eq!(text, format!("…{}X{}…", "日".repeat(12), "z".repeat(15)));
    }

    #[test]
    fn a_short_line_beside_a_cut_one_is_not_shown_as_empty() {
        let (text, _, _) = excerpt(&format!("short: 1\n\na: {}X\n", "y".repeat(90)), "X", 40);
        assert_eq!(text, format!("\n…{}X", "y".repeat(24)));
        let (text, _, _) = excerpt(&format!("short: 1\na: {}X\n", "y".repeat(90)), "X", 40);
        assert_eq!(text, format!("…\n…{}X", "y".repeat(24)));
    }

    #[test]
    fn control_characters_are_made_visible_inside_and_outside_the_mark() {
        let (text, marked, _) = excerpt("a\x1b: \x07b\n", "\x07b", 40);
        assert_eq!(text, "a\\u{1b}: \\u{7}b");
        assert_eq!(marked, "\\u{7}b");
    }

    #[test]
    fn a_span_of_several_lines_is_marked_on_its_first() {
        let (_, marked, _) = excerpt("a:\n  b: 1\n  c: 2\n", "b: 1\n  c: 2", 40);
        assert_eq!(marked, "b: 1");
    }

    #[test]
    fn nothing_is_nothing() {
        let source = Source::new("x", "");
        let excerpt = Excerpt::new(&source, Span::empty(0), 40, "…");
        assert_eq!((excerpt.text.as_str(), excerpt.marked), ("", 0..0));
    }
}
