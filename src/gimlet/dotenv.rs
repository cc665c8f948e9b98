//! Dotenv files, read as Docker Compose and the dotenv libraries do it, with the place of every value.

use super::given::{Given, Kind, Settings, Value, hide};
use super::private_key::looks_like_key;
use crate::check::{Draft, Inspection};
use crate::document::{Source, Span};
use crate::finding::RuleId;

const LINE: RuleId = RuleId::of("gimlet-server/line");

/// The settings of a file; lines that are none are findings.
pub(super) fn settings(source: &Source, inspection: &mut Inspection) -> Settings {
    let mut reader = Reader {
        text: source.text(),
        at: 0,
        given: Vec::new(),
    };
    reader.read(inspection);
    Settings {
        kind: Kind::Dotenv,
        given: reader.given,
        unseen: Vec::new(),
        home: Span::default(),
        document: 1,
        pointer: String::new(),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    given: Vec<Given>,
}

/// A value as it is written, and what it means.
struct Written {
    value: Value,
    at: Span,
    /// Where the next line begins.
    next: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, inspection: &mut Inspection) {
        while self.at < self.text.len() {
            let line = self.line();
            let start = self.at + (line.len() - line.trim_start().len());
            let here = line.trim();
            let whole = Span::new(start, start + here.len());
            if here.is_empty() || here.starts_with('#') {
                // A setting that was commented out may still be in use somewhere.
                if let Some(sign) = here.find('=') {
                    inspection.keep_secret(Span::new(start + sign + 1, whole.end));
                }
                self.at = self.next_line();
                continue;
            }
            match name_in(here) {
                Some((from, to)) => {
                    let key = Span::new(start + from, start + to);
                    let sign = self.text[key.end..].find('=').unwrap_or_default();
                    let written = self.value(key.end + sign + 1);
                    self.keep(key, &written, inspection);
                    self.at = written.next;
                }
                None => {
                    inspection.keep_secret(whole);
                    self.stray(whole, inspection);
                    self.at = self.next_line();
                }
            }
        }
    }

    fn keep(&mut self, key: Span, written: &Written, inspection: &mut Inspection) {
        let name = &self.text[key.start..key.end];
        match &written.value {
            Value::Text(text) => {
                let raw = &self.text[written.at.start..written.at.end];
                hide(name, text, raw, written.at, inspection);
            }
            Value::Elsewhere | Value::Faulty => inspection.keep_secret(written.at),
        }
        self.given.push(Given {
            name: name.to_owned(),
            value: written.value.clone(),
            key,
            at: if written.at.is_empty() {
                key
            } else {
                written.at
            },
            document: 1,
            pointer: format!("/{name}"),
        });
        if written.value == Value::Faulty {
            inspection.error(
                Draft::new(LINE, key, format!("the quote of `{name}` is not closed"))
                    .at(1, format!("/{name}"))
                    .help("close it with the same quote that it begins with"),
            );
        }
    }

    /// A line without a name: of a key without quotes only the first line is read.
    fn stray(&mut self, whole: Span, inspection: &mut Inspection) {
        let key = self.given.last_mut().filter(|given| {
            given.text().is_some_and(looks_like_key) || given.value == Value::Faulty
        });
        if let Some(key) = key {
            if key.value != Value::Faulty {
                key.value = Value::Faulty;
                let name = key.name.clone();
                inspection.error(
                    Draft::new(LINE, key.at, format!("of the key in `{name}` only the first line is read"))
                        .at(1, key.pointer.clone())
                        .help(format!(
                            "put all of it in double quotes: `{name}=\"-----BEGIN …` to `… KEY-----\"`, or name \
                             its file"
                        )),
                );
            }
            return;
        }
        inspection.error(
            Draft::new(LINE, whole, "this line sets nothing")
                .help("write it as `NAME=value`, or put `#` before it"),
        );
    }

    /// The value that begins at an offset.
    fn value(&self, from: usize) -> Written {
        let rest = &self.text[from..];
        let line_end = rest.find('\n').unwrap_or(rest.len());
        let blanks = rest[..line_end].len() - rest[..line_end].trim_start().len();
        let start = from + blanks;
        match self.text[start..].chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(start, quote),
            _ => {
                let line = &rest[..line_end];
                let line = match line.find(" #") {
                    Some(comment) => &line[..comment],
                    None => line,
                };
                let text = line.trim();
                Written {
                    value: meaning(text),
                    at: Span::new(start, start + text.len()),
                    next: (from + line_end + 1).min(self.text.len()),
                }
            }
        }
    }

    /// A value in quotes, which may have several lines. Double quotes know escapes.
    fn quoted(&self, start: usize, quote: char) -> Written {
        let mut text = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' if quote == '"' => match characters.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some(c @ ('"' | '\\' | '$')) => text.push(c),
                    Some(c) => text.extend(['\\', c]),
                    None => break,
                },
                c if c == quote => {
                    let end = start + 1 + at + 1;
                    let line_end = self.text[end..].find('\n');
                    return Written {
                        value: match quote {
                            '"' => meaning(&text),
                            _ => Value::Text(text),
                        },
                        at: Span::new(start, end),
                        next: line_end.map_or(self.text.len(), |at| end + at + 1),
                    };
                }
                c => text.push(c),
            }
        }
        // Never closed: only this line is lost, the others say for themselves what they are.
        let line_end = self.text[start..].find('\n');
        let end = line_end.map_or(self.text.len(), |at| start + at);
        Written {
            value: Value::Faulty,
            at: Span::new(start, end),
            next: (end + 1).min(self.text.len()),
        }
    }

    fn line(&self) -> &'a str {
        let rest = &self.text[self.at..];
        rest.split('\n').next().unwrap_or_default()
    }

    fn next_line(&self) -> usize {
        (self.at + self.line().len() + 1).min(self.text.len())
    }
}

/// Where the name of a line `[export ]NAME=…` stands.
fn name_in(line: &str) -> Option<(usize, usize)> {
    let left = line.split_once('=')?.0;
    let bare = left.strip_prefix("export ").unwrap_or(left);
    let name = bare.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let from = left.len() - bare.trim_start().len();
    Some((from, from + name.len()))
}

/// What a value means where `${NAME}` is filled in by whoever reads the file.
fn meaning(text: &str) -> Value {
    if text.contains("${") {
        Value::Elsewhere
    } else {
        Value::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_read_with_their_places() {
        let text = "# OLD=1\nexport HOST = \"https://a\" # x\nA='b\\n'\nB=c #d\nC=\"x\\ny\n z\"\nE=${F}\nG=\nH=\"open\n";
        let source = Source::new(".env", text);
        let mut inspection = Inspection::default();
        let given = settings(&source, &mut inspection).given;
        let read: Vec<(&str, &Value, &str)> = given
            .iter()
            .map(|given| (given.name.as_str(), &given.value, source.slice(given.at)))
            .collect();
        let is = |text: &str| Value::Text(text.to_owned());
        let expected = [
            ("HOST", is("https://a"), "\"https://a\""),
            ("A", is("b\\n"), "'b\\n'"),
            ("B", is("c"), "c"),
            ("C", is("x\ny\n z"), "\"x\\ny\n z\""),
            ("E", Value::Elsewhere, "${F}"),
            ("G", is(""), "G"),
            ("H", Value::Faulty, "\"open"),
        ];
        let expected: Vec<(&str, &Value, &str)> = expected
            .iter()
            .map(|(name, value, at)| (*name, value, *at))
            .collect();
        assert_eq!(read, expected);
        assert_eq!(inspection.finish(source).findings.len(), 1);
    }
}
