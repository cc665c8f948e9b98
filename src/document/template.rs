//! Template braces (`{{ .SHA }}`) that stand without quotes.

use super::span::Span;

/// How far the end of a template is looked for.
const LONGEST: usize = 512;

/// The text to put into quotes where a template begins at `start` and ends on its line; `in_brackets`
/// where that is inside of a list or mapping in brackets, whatever lines they reach over.
///
/// It is the whole value, `{{ .REPO }}:{{ .TAG }}` or `{{ .APP }}-web`, or the whole key.
pub(super) fn at(text: &str, start: usize, in_brackets: bool) -> Option<Span> {
    let rest = &text[start..];
    let rest = &rest[..rest.floor_char_boundary(LONGEST)];
    let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
    let inner = line.strip_prefix("{{")?;
    let close = 2 + inner.find("}}")? + 2;
    let before = before_on_line(text, start);
    let value = line.find(" #").map_or(line, |at| &line[..at]);
    let behind = Behind { line: value, close };
    let end = if in_brackets || before.contains(['[', '{']) {
        behind.first(|rest| rest.starts_with([',', ']', '}']) || ends_key(rest))
    } else if before.trim_start_matches([' ', '\t', '-']).is_empty() {
        behind.first(ends_key)
    } else {
        None
    };
    let end = value[..end.unwrap_or(value.len())].trim_end().len();
    Some(Span::new(start, start + end.max(close)))
}

/// A colon behind a key; one that has text behind it belongs to that text.
fn ends_key(text: &str) -> bool {
    text.strip_prefix(':')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// What follows a template on its line.
struct Behind<'a> {
    line: &'a str,
    /// Where the template ends.
    close: usize,
}

impl Behind<'_> {
    /// The first place outside of further templates that is one.
    fn first(&self, is_one: impl Fn(&str) -> bool) -> Option<usize> {
        let mut at = self.close;
        loop {
            let rest = self.line.get(at..)?;
            if is_one(rest) {
                return Some(at);
            }
            at += match rest.starts_with("{{") {
                true => rest.find("}}")? + 2,
                false => rest.chars().next()?.len_utf8(),
            };
        }
    }
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
    is_value.then(|| at(text, braces, false)).flatten()
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
            ("a: [{{ .X }}-web , b]", "{{ .X }}-web"),
            ("a: {b: {{ .X }}:{{ .Y }}}", "{{ .X }}:{{ .Y }}"),
            ("{ {{ .X }}: b }", "{{ .X }}"),
            ("a: {{ .X }}:{{ .Y }}", "{{ .X }}:{{ .Y }}"),
            ("a: {{ .X }}:8080/b # note", "{{ .X }}:8080/b"),
            ("a: {{ .X }}, {{ .Y }}: b", "{{ .X }}, {{ .Y }}: b"),
            ("- {{ .X }}:{{ .Y }}", "{{ .X }}:{{ .Y }}"),
            ("{{ .X }}: b", "{{ .X }}"),
            ("- {{ .X }}-web:\n", "{{ .X }}-web"),
            (
                "{{ .X }}{{ \": \" }}-web: {{ .Y }}",
                "{{ .X }}{{ \": \" }}-web",
            ),
        ] {
            let start = text.find("{{").unwrap();
            let span = at(text, start, false).unwrap();
            assert_eq!(&text[span.start..span.end], value);
        }
        let text = "a: [\n  {{ .X }},\n  b]";
        let span = at(text, text.find("{{").unwrap(), true).unwrap();
        assert_eq!(&text[span.start..span.end], "{{ .X }}");
        assert_eq!(at("{{ a\n}}", 0, false), None);
    }
}
