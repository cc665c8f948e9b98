//! Causes that show in the text whatever the parser stumbled over.

use granit_parser::ErrorKind;

use super::super::problem::Cause;
use super::super::span::Span;
use super::line::{Line, bare, quoted, short};
use super::{Fault, Words};

/// The lines of a merge that nobody finished.
pub(super) fn conflict(fault: &Fault<'_>) -> Option<Words> {
    let end = fault.line();
    let end = end.start + end.text.len();
    let mut start = 0;
    for line in fault.text[..end].split_inclusive('\n') {
        let text = line.trim_end();
        let marker = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
            .into_iter()
            .find(|marker| {
                text.strip_prefix(marker)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            });
        if let Some(marker) = marker {
            return Some(Words::new(
                Span::new(start, start + text.len()),
                format!("an unresolved merge conflict: `{marker}` marks one side of it"),
                "keep the lines you want and delete the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
            )
            .by(Cause::Conflict));
        }
        start += line.len();
    }
    None
}

/// A line that only a template engine understands, `{{- if .x }}` or `{% if x %}`.
pub(super) fn instruction(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let body = line.body();
    let value = line.value();
    let is = |text: &str| {
        (text.starts_with("{{") || text.starts_with("{%"))
            && (text.ends_with("}}") || text.ends_with("%}"))
    };
    let text = [body, value].into_iter().find(|text| is(text))?;
    Some(Words::new(
        line.span_of(text),
        format!(
            "`{}` is an instruction for a template engine, and this file is read as it is",
            short(text)
        ),
        "commit the rendered text, or put the value in quotes where another tool fills it in",
    ))
}

/// A tab where YAML wants spaces.
pub(super) fn tab(kind: &ErrorKind, fault: &Fault<'_>) -> Option<Words> {
    let named = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    // Between brackets a tab is as good as a space.
    if fault.bracket.is_some() && !named {
        return None;
    }
    let here = fault.line();
    let below = |line: Line<'_>| {
        let next = line.start + line.text.len();
        let end = fault.text[next..].find('\n').map(|at| next + at + 1)?;
        Some(Line::at(fault.text, end))
    };
    // The parser names the line on which the value began.
    let lines = std::iter::successors(Some(here), |line| below(*line).filter(|_| named)).take(64);
    for line in lines {
        let indentation = &line.text[..line.text.len() - line.text.trim_start().len()];
        if let Some(first) = indentation.find('\t')
            && !line.body().is_empty()
        {
            let tabs = &indentation[first..];
            return Some(
                Words::new(
                    line.span_of(tabs),
                    "a tab in the indentation, where YAML takes only spaces",
                    "replace the tab with spaces, as many as the lines beside it have",
                )
                .by(Cause::Tab),
            );
        }
    }
    let first = here.text.find('\t').filter(|_| named)?;
    let words = Words::new(
        line_tab(here, first),
        "a tab where YAML takes only spaces",
        "replace the tab with a space",
    );
    Some(words.by(Cause::Tab))
}

fn line_tab(line: Line<'_>, at: usize) -> Span {
    Span::new(line.start + at, line.start + at + 1)
}

/// `“text”`: the quotes of a word processor.
pub(super) fn curly_quotes(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let value = line
        .pair()
        .map_or_else(|| line.content(), |(_, value)| value);
    let value = [value, line.content()]
        .into_iter()
        .find(|text| text.starts_with(['“', '”', '„', '‘', '’', '«']))?;
    let mark = value.chars().next()?;
    Some(Words::new(
        line.span_of(value),
        format!("`{mark}` is no quote for YAML, it belongs to the text"),
        format!("write straight quotes: `{}`", quoted(bare(value))),
    ))
}

/// A comment between the lines of one text.
pub(super) fn comment_inside(fault: &Fault<'_>) -> Words {
    let line = fault.line();
    Words::new(
        line.span(),
        format!(
            "`{}` continues a text that a comment has ended",
            short(line.body())
        ),
        "take the comment out, or write the text in quotes on one line",
    )
}

/// `"text"#comment`.
pub(super) fn comment_without_space(fault: &Fault<'_>) -> Option<Words> {
    (fault.character()? == '#').then(|| {
        Words::new(
            fault.point(),
            "a comment needs a space before its `#`",
            "put a space before `#`, or the `#` inside of the quotes where it belongs to the value",
        )
    })
}

/// A byte order mark that is not the file's first character.
pub(super) fn byte_order_mark(fault: &Fault<'_>) -> Words {
    Words::new(
        fault.point(),
        "an invisible byte order mark (U+FEFF) in the middle of the file",
        "delete the character; it often comes from joining two files",
    )
}
