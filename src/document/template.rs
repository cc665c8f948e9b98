//! Template braces (`{{ .SHA }}`) that stand without quotes.

use super::span::Span;

/// The text to put into quotes where a template begins at `start` and ends on its line.
///
/// Outside of a list in brackets that is the rest of the line: `{{ .APP }}-web` is one value.
pub(super) fn at(text: &str, start: usize) -> Option<Span> {
    let rest = text.get(start..)?;
    let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
    let inner = line
        .strip_prefix("{{")
        .filter(|inner| !inner.starts_with('{'))?;
    let close = 2 + inner.find("}}")? + 2;
    let before = &text[line_start(text, start)..start];
    let end = if before.contains(['[', '{']) || line[close..].starts_with(':') {
        close
    } else {
        line.find(" #")
            .map_or(line, |at| &line[..at])
            .trim_end()
            .len()
            .max(close)
    };
    Some(Span::new(start, start + end))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}
