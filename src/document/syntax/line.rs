//! One line of a broken file, taken apart by eye: the parser has nothing to say about it any more.

use super::super::span::Span;

/// A line without its line end.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    whole: &'a str,
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// The line that holds an offset.
    pub(super) fn at(whole: &'a str, offset: usize) -> Self {
        let start = whole[..offset].rfind('\n').map_or(0, |end| end + 1);
        let rest = &whole[start..];
        let text = &rest[..rest.find('\n').unwrap_or(rest.len())];
        Self {
            whole,
            start,
            text: text.strip_suffix('\r').unwrap_or(text),
        }
    }

    /// The nearest line above that says something.
    pub(super) fn above(self) -> Option<Self> {
        let mut line = self;
        while let Some(end) = line.start.checked_sub(1) {
            line = Self::at(self.whole, end);
            if !line.body().is_empty() {
                return Some(line);
            }
        }
        None
    }

    /// How many spaces it begins with.
    pub(super) fn indent(self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    /// What it says: without indentation, comment and blanks at the end.
    pub(super) fn body(self) -> &'a str {
        let text = self.text.trim_start();
        if text.starts_with('#') {
            return &text[..0];
        }
        without_comment(text)
    }

    /// Where its body stands.
    pub(super) fn span(self) -> Span {
        self.span_of(self.body())
    }

    /// Where a part of it stands; the whole line where `part` is no part of the text.
    pub(super) fn span_of(self, part: &str) -> Span {
        let offset = (part.as_ptr() as usize).checked_sub(self.whole.as_ptr() as usize);
        match offset.filter(|offset| offset + part.len() <= self.whole.len()) {
            Some(offset) => Span::new(offset, offset + part.len()),
            None => Span::new(self.start, self.start + self.text.len()),
        }
    }

    /// Whether its body is a list item.
    pub(super) fn is_item(self) -> bool {
        let body = self.body();
        body == "-" || body.starts_with("- ")
    }

    /// Its body without the dashes of list items.
    pub(super) fn content(self) -> &'a str {
        let mut body = self.body();
        while let Some(rest) = body.strip_prefix("- ") {
            body = rest.trim_start();
        }
        body
    }

    /// Key and value; the value is empty where the line ends with the colon.
    pub(super) fn pair(self) -> Option<(&'a str, &'a str)> {
        let content = self.content();
        let colon = colon(content)?;
        Some((
            content[..colon].trim_end(),
            content[colon + 1..].trim_start(),
        ))
    }

    /// The content of a list item whose key has blanks, as a command with a colon has: text, most likely.
    pub(super) fn sentence(self) -> Option<&'a str> {
        let (key, _) = self.pair()?;
        (self.is_item() && key.contains(' ')).then(|| self.content())
    }

    /// The value of its pair, or its content where it has none.
    pub(super) fn value(self) -> &'a str {
        self.pair()
            .map_or_else(|| self.content(), |(_, value)| value)
    }
}

/// The first colon that ends a key, outside of quotes.
fn colon(text: &str) -> Option<usize> {
    let from = match text.chars().next()? {
        quote @ ('"' | '\'') => 1 + text[1..].find(quote)? + 1,
        _ => 0,
    };
    let bytes = text.as_bytes();
    memchr::memchr_iter(b':', &bytes[from..])
        .map(|at| at + from)
        .find(|&at| matches!(bytes.get(at + 1), None | Some(b' ' | b'\t')))
}

/// Without a comment and the blanks before it; a `#` inside of quotes is none.
pub(super) fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '#' && before.is_whitespace() => return text[..at].trim_end(),
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None => {}
        }
        before = c;
    }
    text.trim_end()
}

/// A text to show inside a sentence: one line, not too long.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 48;
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= LONGEST {
        line.to_owned()
    } else {
        line.chars().take(LONGEST).chain(['…']).collect()
    }
}

/// A value in quotes that mean the same text.
pub(super) fn quoted(value: &str) -> String {
    let value = short(value);
    if !value.contains(['"', '\\']) {
        format!("\"{value}\"")
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}

/// Without the quotes around it, straight or not.
pub(super) fn bare(value: &str) -> &str {
    value.trim_matches(['"', '\'', '“', '”', '„', '‘', '’', '«', '»'])
}

/// The advice to begin a line at a column.
pub(super) fn indent_with(text: &str, spaces: usize) -> String {
    match spaces {
        0 => format!("begin {text} at the margin"),
        1 => format!("indent {text} with 1 space"),
        _ => format!("indent {text} with {spaces} spaces"),
    }
}

/// How a line is indented.
pub(super) fn is_indented_with(spaces: usize) -> String {
    match spaces {
        0 => "is not indented".into(),
        1 => "is indented with 1 space".into(),
        _ => format!("is indented with {spaces} spaces"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_a_person_reads_it() {
        let cases = [
            ("a: 1 # note", Some(("a", "1"))),
            ("  - b c : x", Some(("b c", "x"))),
            ("- - d:", Some(("d", ""))),
            ("\"x: y\": z", Some(("\"x: y\"", "z"))),
            ("url: http://x#y", Some(("url", "http://x#y"))),
            (
                "a: 'it''s # no comment'",
                Some(("a", "'it''s # no comment'")),
            ),
            ("a: it's # one", Some(("a", "it's"))),
            ("a:b", None),
            ("# a: b", None),
        ];
        for (text, pair) in cases {
            assert_eq!(Line::at(text, 0).pair(), pair, "{text}");
        }
    }

    #[test]
    fn lines_are_found_from_any_offset_and_blank_ones_are_passed_over() {
        let text = "a: 1\r\n\n  # note\n  b\r\n";
        let line = Line::at(text, text.len() - 2);
        assert_eq!((line.text, line.indent(), line.body()), ("  b", 2, "b"));
        assert_eq!(line.span(), Span::new(18, 19));
        assert_eq!(line.above().map(Line::body), Some("a: 1"));
        assert!(line.above().and_then(Line::above).is_none());
        assert_eq!(Line::at(text, text.len()).body(), "");
    }

    #[test]
    fn quotes_keep_what_the_value_says() {
        assert_eq!(quoted("a: b"), "\"a: b\"");
        assert_eq!(quoted("say \"hi\""), "'say \"hi\"'");
        assert_eq!(quoted("\\d 'x'"), "'\\d ''x'''");
    }
}
