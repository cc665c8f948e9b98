//! Template braces (`{{ .SHA }}`) that stand without quotes.

use super::span::Span;

/// How far the end of a template is looked for.
const LONGEST: usize = 512;

/// The text to put into quotes where a template begins at `start` and ends on its line.
///
/// Outside of a list in brackets that is the rest of the line: `{{ .APP }}-web` is one value.
pub(super) fn at(text: &str, start: usize) -> Option<Span> {
    let rest = &text[start..];
    let rest = &rest[..rest.floor_char_boundary(LONGEST)];
    let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
    let inner = line.strip_prefix("{{")?;
    let close = 2 + inner.find("}}")? + 2;
    let before = before_on_line(text, start);
    let value = line.find(" #").map_or(line, |at| &line[..at]).trim_end();
    let end = if before.contains(['[', '{']) || line[close..].starts_with(':') {
        close
    } else {
        value.len().max(close)
    };
    Some(Span::new(start, start + end))
}

/// A template that begins a value on the line of `offset`, at or before it.
pub(super) fn before(text: &str, offset: usize) -> Option<Span> {
    let begin = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    let rest = &text[begin..];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let braces = line
        .match_indices("{{")
        .map(|(at, _)| begin + at)
        .take_while(|&at| at <= offset)
        .last()?;
    let leads = before_on_line(text, braces).trim_end();
    let is_value = leads.ends_with([':', '-', '[', ',']);
    is_value.then(|| at(text, braces)).flatten()
}

fn before_on_line(text: &str, at: usize) -> &str {
    let window = text.ceil_char_boundary(at.saturating_sub(LONGEST));
    let before = &text[window..at];
    &before[before.rfind('\n').map_or(0, |end| end + 1)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_value_is_to_be_quoted() {
        for (text, value) in [
            ("a: {{ .X }}", "{{ .X }}"),
            ("a: {{ .X }}-web # note", "{{ .X }}-web"),
            ("a: {{ .X }}/{{ .Y }}\nb: 1", "{{ .X }}/{{ .Y }}"),
            ("a: [{{ .X }}, b]", "{{ .X }}"),
            ("{{ .X }}: b", "{{ .X }}"),
        ] {
            let start = text.find("{{").unwrap();
            let span = at(text, start).unwrap();
            assert_eq!(&text[span.start..span.end], value);
        }
        assert_eq!(at("{{ a\n}}", 0), None);
    }
}
