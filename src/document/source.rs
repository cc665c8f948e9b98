//! The text of a document: decoded bytes that can say line and column of every offset.

use std::sync::{Arc, OnceLock};

use super::limits::Limits;
use super::problem::{Problem, ProblemKind};
use super::span::{Location, Position, Span};

/// A document's text and the path it is known by.
///
/// The text is UTF-8 without byte order mark; line ends are as they were.
#[derive(Debug)]
pub struct Source {
    path: Arc<str>,
    text: String,
    byte_order_mark: bool,
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    /// A source from text that is known to be clean.
    #[must_use]
    pub fn new(path: &str, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            byte_order_mark: false,
            line_starts: OnceLock::new(),
        }
    }

    /// Decodes bytes as UTF-8, with or without byte order mark.
    ///
    /// # Errors
    /// The problem and as much of the text as can be shown beside it, where the bytes are too many,
    /// another encoding (UTF-16, UTF-32, Latin-1) or hold characters that YAML forbids.
    pub fn decode(path: &str, bytes: &[u8], limits: &Limits) -> Result<Self, Box<Undecodable>> {
        let refuse = |text: String, span: Span, kind: ProblemKind| {
            Err(Box::new(Undecodable {
                source: Self::new(path, text),
                problem: Problem::new(kind, span),
            }))
        };
        if bytes.len() > limits.bytes {
            let kind = ProblemKind::TooLarge {
                bytes: bytes.len() as u64,
                limit: limits.bytes as u64,
            };
            return refuse(String::new(), Span::default(), kind);
        }
        if let Some(encoding) = foreign_encoding(bytes) {
            return refuse(
                String::new(),
                Span::default(),
                ProblemKind::Encoding { encoding },
            );
        }
        let byte_order_mark = bytes.starts_with(b"\xEF\xBB\xBF");
        let body = if byte_order_mark { &bytes[3..] } else { bytes };
        let text = match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                let at = error.valid_up_to();
                // Latin-1 bytes are the code points of the same number.
                let text: String = body.iter().map(|&byte| char::from(byte)).collect();
                let start = body[..at]
                    .iter()
                    .map(|&byte| char::from(byte).len_utf8())
                    .sum();
                let encoding = Encoding::NotUtf8 { byte: body[at] };
                let span = Span::new(start, start + char::from(body[at]).len_utf8());
                return refuse(text, span, ProblemKind::Encoding { encoding });
            }
        };
        let forbidden = first_forbidden(&text);
        let source = Self {
            path: path.into(),
            text,
            byte_order_mark,
            line_starts: OnceLock::new(),
        };
        match forbidden {
            Some((at, character)) => {
                let span = Span::new(at, at + character.len_utf8());
                let problem = Problem::new(ProblemKind::ControlCharacter { character }, span);
                Err(Box::new(Undecodable { source, problem }))
            }
            None => Ok(source),
        }
    }

    /// The path the document is known by, with `/` between its parts.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The whole text, without byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the bytes began with a byte order mark.
    #[must_use]
    pub fn has_byte_order_mark(&self) -> bool {
        self.byte_order_mark
    }

    /// The text of a span; empty where the span does not lie on character borders.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Line and column of both ends of a span.
    #[must_use]
    pub fn location(&self, span: Span) -> Location {
        Location {
            start: self.position(span.start),
            end: self.position(span.end),
        }
    }

    /// Line and column of an offset; an offset behind the end is the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts[line - 1];
        Position {
            line,
            column: self.text[start..offset].chars().count() + 1,
        }
    }

    /// The offsets at which lines begin, the first being 0.
    #[must_use]
    pub fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| line_starts(&self.text))
    }

    /// How its first line ends, which is how a line that is put in should end.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        match self.text.split_inclusive('\n').next() {
            Some(line) if line.ends_with("\r\n") => "\r\n",
            _ => "\n",
        }
    }

    /// The text of a line, counted from 1, without its line end.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<&str> {
        let starts = self.line_starts();
        let start = *starts.get(line.checked_sub(1)?)?;
        let end = starts.get(line).copied().unwrap_or(self.text.len());
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }
}

/// Bytes that are no text pushgate reads: the problem, and as much text as can be shown beside it.
#[derive(Debug)]
pub struct Undecodable {
    /// The text, as far as it could be made out.
    pub source: Source,
    /// What is wrong.
    pub problem: Problem,
}

/// An encoding that pushgate does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-16, little or big endian.
    Utf16,
    /// UTF-32.
    Utf32,
    /// Bytes that are no UTF-8, most often Latin-1 or Windows-1252.
    NotUtf8 {
        /// The first byte that is no UTF-8.
        byte: u8,
    },
}

/// YAML 1.2.2 §5.2: a stream begins with a byte order mark or an ASCII character.
fn foreign_encoding(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, 1..=0x7F, ..] => {
            Some(Encoding::Utf32)
        }
        [1..=0x7F, 0, 0, 0, ..] => Some(Encoding::Utf32),
        [0xFF, 0xFE, ..]
        | [0xFE, 0xFF, ..]
        | [0, 1..=0x7F, 0, ..]
        | [1..=0x7F, 0, 1..=0x7F, 0, ..] => Some(Encoding::Utf16),
        _ => None,
    }
}

fn first_forbidden(text: &str) -> Option<(usize, char)> {
    // Nearly every file is plain ASCII, and bytes are looked at many at a time.
    let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let all_plain = |bytes: &[u8]| bytes.iter().fold(true, |all, &byte| all & plain(byte));
    if text.as_bytes().chunks(256).all(all_plain) {
        return None;
    }
    text.char_indices().find(|&(_, c)| !is_printable(c))
}

/// YAML 1.2.2 §5.1 `c-printable`.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    std::iter::once(0)
        .chain(
            memchr::memchr2_iter(b'\n', b'\r', bytes)
                .filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
                .map(|at| at + 1),
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Result<Source, Box<Undecodable>> {
        Source::decode("port.yaml", bytes, &Limits::default())
    }

    #[test]
    fn columns_count_characters_and_lines_end_with_any_break() {
        let source = Source::new("x", "é: ü\r\nb\rc\n");
        assert_eq!(source.position(4), Position { line: 1, column: 4 });
        assert_eq!(source.position(8), Position { line: 2, column: 1 });
        assert_eq!(source.position(10), Position { line: 3, column: 1 });
        assert_eq!(source.position(99), Position { line: 4, column: 1 });
        assert_eq!(source.line(1), Some("é: ü"));
        assert_eq!(source.line(4), Some(""));
        assert_eq!(source.line(5), None);
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        let source = decode(b"\xEF\xBB\xBFa: 1").unwrap();
        assert!(source.has_byte_order_mark());
        assert_eq!(source.text(), "a: 1");
    }

    #[test]
    fn other_encodings_are_told_by_name() {
        let utf16: Vec<u8> = "a: 1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [&[0xFF, 0xFE][..], &utf16].concat();
        for bytes in [utf16, with_mark] {
            let problem = decode(&bytes).unwrap_err().problem;
            assert_eq!(
                problem.kind,
                ProblemKind::Encoding {
                    encoding: Encoding::Utf16
                }
            );
        }
        let Undecodable { source, problem } = *decode(b"title: Caf\xE9 am See\n").unwrap_err();
        assert_eq!(source.slice(problem.span), "é");
        assert_eq!(source.position(problem.span.start).column, 11);
    }

    #[test]
    fn characters_that_yaml_forbids_are_found() {
        let Undecodable { source, problem } = *decode(b"a: x\x00y").unwrap_err();
        assert_eq!(source.position(problem.span.start).column, 5);
        assert_eq!(
            problem.kind,
            ProblemKind::ControlCharacter { character: '\0' }
        );
    }
}
