//! The text of a Go template (`text/template`), read as far as it takes to know where it can't be
//! parsed, and which functions and variables it asks for.

mod action;

use std::collections::HashSet;
use std::ops::Range;

use action::Action;

/// What a template asks for.
#[derive(Debug, Default)]
pub(super) struct Template<'t> {
    pub(super) uses: Vec<Use<'t>>,
    /// `{{ if }}`, `{{ range }}` and their kin without an `{{ end }}` in this text.
    pub(super) opened: Vec<Range<usize>>,
    /// Each `{{ end }}` too many in this text.
    pub(super) ended: Vec<Range<usize>>,
}

/// A name that a template uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use<'t> {
    pub(super) name: Name<'t>,
    pub(super) at: Range<usize>,
}

/// What kind of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'t> {
    /// `trunc`.
    Function(&'t str),
    /// `.SHA`, without its dot.
    Variable(&'t str),
    /// `$x` that the text never defines, with its `$`.
    Undefined(&'t str),
}

/// Why a text is no template, and where.
pub(super) type Broken = super::broken::Broken<Fault>;

/// What can be wrong with a template's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `{{` without `}}`.
    Unclosed,
    /// `{{ .SHA }` and a text that goes on.
    HalfClosed,
    /// `{ .SHA }}`.
    HalfOpened,
    /// `{{ }}`.
    Empty,
    /// A quote that is not closed.
    Quote,
    /// `'text'`: single quotes are for one character.
    SingleQuotes,
    /// `(` without `)`.
    OpenParenthesis,
    /// `)` without `(`.
    Parenthesis,
    /// `|` with nothing before or behind it.
    Pipe,
    /// A comment that does not end as `*/}}`.
    Comment,
    /// Anything else.
    Character(char),
}

/// Reads a text with templates in it.
///
/// # Errors
/// The first place at which Go stops reading.
pub(super) fn read(text: &str) -> Result<Template<'_>, Broken> {
    let mut reader = Reader {
        text,
        at: 0,
        blocks: Vec::new(),
        moved: 0,
        declared: HashSet::new(),
        template: Template::default(),
    };
    reader.text()?;
    reader.template.opened = reader.blocks.into_iter().map(|block| block.at).collect();
    Ok(reader.template)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    blocks: Vec<Block>,
    /// How many of them give `.` another meaning.
    moved: usize,
    declared: HashSet<&'t str>,
    template: Template<'t>,
}

/// A block that an `{{ end }}` closes.
struct Block {
    at: Range<usize>,
    /// Whether `.` is something else in it.
    moves_dot: bool,
}

impl<'t> Reader<'t> {
    fn text(&mut self) -> Result<(), Broken> {
        while let Some(found) = self.text[self.at..].find("{{") {
            let open = self.at + found;
            half_opened(self.text, self.at..open)?;
            self.at = open + 2;
            self.action(open)?;
        }
        half_opened(self.text, self.at..self.text.len())
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn action(&mut self, open: usize) -> Result<(), Broken> {
        let mut marker = self.rest().chars();
        if marker.next() == Some('-') && marker.next().is_some_and(char::is_whitespace) {
            self.at += 1;
            if self.rest()[1..].starts_with("/*") {
                self.at += 1;
            }
        }
        if self.rest().starts_with("/*") {
            return self.comment(open);
        }
        self.tokens(Action::new(open))
    }

    fn comment(&mut self, open: usize) -> Result<(), Broken> {
        let fault = |fault| Broken {
            at: open..open + 2,
            fault,
        };
        let end = self
            .rest()
            .find("*/")
            .ok_or_else(|| fault(Fault::Comment))?;
        self.at += end + 2;
        let behind = self.rest().trim_start();
        let gap = self.rest().len() - behind.len();
        let close = match gap {
            0 if behind.starts_with("}}") => 2,
            1.. if behind.starts_with("-}}") => gap + 3,
            _ => return Err(fault(Fault::Comment)),
        };
        self.at += close;
        Ok(())
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `{ .SHA }}` in a piece of text outside of templates.
fn half_opened(text: &str, piece: Range<usize>) -> Result<(), Broken> {
    let mut at = piece.start;
    while let Some(found) = text[at..piece.end].find("}}") {
        let close = at + found;
        if let Some(open) = text[at..close].rfind(['{', '}', '\n']) {
            let open = at + open;
            let inside = text[open + 1..close].trim();
            let is_variable = inside.strip_prefix('.').is_some_and(|name| {
                name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains(['"', ':'])
            });
            let is_template = text[open..].starts_with('{') && is_variable;
            if is_template && !text[..open].ends_with(['$', '%']) {
                return Err(Broken {
                    at: open..close + 2,
                    fault: Fault::HalfOpened,
                });
            }
        }
        at = close + 2;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str) -> Vec<Name<'_>> {
        let template = read(text).unwrap();
        assert!(template.opened.is_empty() && template.ended.is_empty());
        template.uses.into_iter().map(|used| used.name).collect()
    }

    #[test]
    fn names_are_found() {
        use Name::{Function, Undefined, Variable};
        for (text, expected) in [
            ("plain {\"a\":{\"b\":1}}", vec![]),
            ("{{ .SHA }}", vec![Variable("SHA")]),
            ("{{- .A -}} {{.B}}", vec![Variable("A"), Variable("B")]),
            ("{{/* } .X */}}{{- /* .Y */ -}}", vec![]),
            (
                "{{ .BRANCH | sanitizeDNSName }}",
                vec![Variable("BRANCH"), Function("sanitizeDNSName")],
            ),
            (
                "{{ trunc 40 (printf \"a-}}-%s\" .BRANCH) }}",
                vec![Function("trunc"), Function("printf"), Variable("BRANCH")],
            ),
            (
                "{{ `}} .X` }}{{ \"\\\"}} .X\" }}{{ 'x' }}{{ '\\'' }}",
                vec![],
            ),
            (
                "{{ range .A }}{{ .B }}{{ $.C }}{{ end }}",
                vec![Variable("A"), Variable("C")],
            ),
            (
                "{{ if .A }}{{ .B }}{{ else if .C }}x{{ else }}y{{ end }}",
                vec![Variable("A"), Variable("B"), Variable("C")],
            ),
            ("{{ $x := .A }}{{ $x }}{{ $x.Y }}", vec![Variable("A")]),
            (
                "{{ range $i, $v := list 1 -2 .5 }}{{ $i }}{{ $v }}{{ end }}",
                vec![Function("list")],
            ),
            ("{{ $labels.pod }}", vec![Undefined("$labels")]),
            (
                "{{ (index .A 0).B.C }}",
                vec![Function("index"), Variable("A")],
            ),
            ("{{ .A.B.C }}", vec![Variable("A")]),
            ("{{\n  .A\n}}", vec![Variable("A")]),
            ("{{ eq true nil . }}", vec![Function("eq")]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn what_go_cannot_parse_is_found_where_it_is() {
        for (text, at, what) in [
            ("a {{ .SHA", "{{", Fault::Unclosed),
            ("{{ .SHA }", "{{ .SHA }", Fault::HalfClosed),
            ("a { .SHA }}", "{ .SHA }}", Fault::HalfOpened),
            ("{{ }}", "{{ }}", Fault::Empty),
            ("{{ .A | }}", "|", Fault::Pipe),
            ("{{ | upper }}", "|", Fault::Pipe),
            ("{{ (upper .A }}", "(", Fault::OpenParenthesis),
            ("{{ upper .A) }}", ")", Fault::Parenthesis),
            ("{{ \"a }}", "\"", Fault::Quote),
            ("{{ default 'main' .A }}", "'main'", Fault::SingleQuotes),
            ("{{ .APP-web }}", "-", Fault::Character('-')),
            ("{{ “x” }}", "“", Fault::Character('“')),
            ("{{/* x }}", "{{", Fault::Comment),
            ("{{ /* x */ }}", "/", Fault::Character('/')),
        ] {
            let broken = read(text).unwrap_err();
            assert_eq!((&text[broken.at], broken.fault), (at, what), "{text}");
        }
    }

    #[test]
    fn blocks_without_their_other_end_are_counted() {
        let template = read("{{ if .A }}{{ range .B }}{{ end }}").unwrap();
        assert_eq!(template.opened.first(), Some(&(3..5)));
        assert_eq!(read("x{{ end }}").unwrap().ended.first(), Some(&(4..7)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_and_places_lie_in_it(
            parts in prop::collection::vec(prop::sample::select(vec![
                "{{", "}}", "{", "}", " ", "-", "\n", "\"", "'", "`", "\\", "/*", "*/", "|", "(", ")",
                ".", ".A", "$", "$x", ":=", ",", "if", "end", "range", "else", "upper", "é", "1",
            ]), 0..24),
        ) {
            let text = parts.concat();
            let places: Vec<Range<usize>> = match read(&text) {
                Ok(template) => {
                    let uses = template.uses.into_iter().map(|used| used.at);
                    uses.chain(template.opened).chain(template.ended).collect()
                }
                Err(broken) => vec![broken.at],
            };
            for place in places {
                prop_assert!(text.get(place).is_some_and(|piece| !piece.is_empty()));
            }
        }
    }
}
