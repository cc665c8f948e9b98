//! The text of a document that no report may show.

use crate::document::{Source, Span};
use crate::finding::Finding;

/// What stands in a message in place of a secret.
const HIDDEN: &str = "***";

/// Secrets of one line beyond which its findings quote nothing at all.
const MOST: usize = 64;

/// Where the secrets of one document stand.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    spans: Vec<Span>,
}

impl Secrets {
    pub(super) fn add(&mut self, spans: impl IntoIterator<Item = Span>) {
        self.spans.extend(spans);
    }

    /// Puts them in order, once all are known.
    pub(super) fn settle(&mut self) {
        self.spans.sort_unstable();
        self.spans.dedup();
    }

    /// The document as it may be shown: a mask for each character of a secret, so that every place
    /// stays what it is. None where there is nothing to hide.
    pub(super) fn masked(&self, source: &Source) -> Option<Source> {
        if self.spans.is_empty() {
            return None;
        }
        let text = source.text();
        let mut shown = String::with_capacity(text.len());
        let mut done = 0;
        for span in &self.spans {
            let start = span.start.max(done);
            if start >= span.end {
                continue;
            }
            shown.push_str(&text[done..start]);
            for c in text[start..span.end].chars() {
                match c {
                    '\n' | '\r' => shown.push(c),
                    c => shown.push(mask(c)),
                }
            }
            done = span.end;
        }
        shown.push_str(&text[done..]);
        Some(Source::new(source.path(), shown))
    }

    /// Takes out of a finding's words what its lines hold of secrets.
    pub(super) fn redact(&self, source: &Source, finding: &mut Finding) {
        if self.spans.is_empty() {
            return;
        }
        let places = finding.related.iter().map(|related| related.span);
        let secrets: Vec<&str> = std::iter::once(finding.span)
            .chain(places)
            .flat_map(|span| self.on_the_lines_of(source, span))
            .flat_map(|span| source.slice(span).lines())
            .take(MOST + 1)
            .collect();
        if secrets.is_empty() {
            return;
        }
        let needles: Vec<&str> = if secrets.len() > MOST {
            vec![""]
        } else {
            secrets.iter().map(|secret| needle(secret)).collect()
        };
        let words = [Some(&mut finding.message)]
            .into_iter()
            .chain([finding.label.as_mut(), finding.help.as_mut()])
            .chain(finding.related.iter_mut().map(|r| Some(&mut r.label)));
        for text in words.flatten() {
            *text = without(text, &needles);
        }
        let holds = |text: &str| needles.iter().any(|needle| text.contains(needle));
        if holds(&finding.pointer) {
            let parts = finding.pointer.split('/');
            let parts = parts.map(|part| if holds(part) { HIDDEN } else { part });
            finding.pointer = parts.collect::<Vec<_>>().join("/");
        }
        finding.fix = finding
            .fix
            .take()
            .filter(|fix| !fix.edits.iter().any(|edit| holds(&edit.text)));
    }

    fn on_the_lines_of(&self, source: &Source, span: Span) -> impl Iterator<Item = Span> {
        let text = source.text();
        let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end..]
            .find('\n')
            .map_or(text.len(), |at| span.end + at);
        let from = self.spans.partition_point(|secret| secret.end <= start);
        self.spans[from..]
            .iter()
            .copied()
            .take_while(move |secret| secret.start < end)
    }
}

/// A character of as many bytes.
fn mask(c: char) -> char {
    match c.len_utf8() {
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '\u{1F512}',
    }
}

/// A part of a secret that messages show as it is, whatever they do to quotes and blanks.
fn needle(secret: &str) -> &str {
    const LONG: usize = 12;
    let longest = secret
        .split(|c: char| !c.is_ascii_alphanumeric())
        .max_by_key(|part| part.len())
        .unwrap_or_default();
    if longest.len() < 3 {
        return secret.trim();
    }
    &longest[..longest.len().min(LONG)]
}

/// The text without those of its quotations that hold a needle; outside of quotations the line.
fn without(text: &str, needles: &[&str]) -> String {
    let holds = |part: &str| {
        needles
            .iter()
            .any(|needle| part.contains(needle) && !part.trim().is_empty())
    };
    if !holds(text) {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| {
        let parts = line.split('`').enumerate().map(|(number, part)| {
            let is_quoted = number % 2 == 1;
            // Of too many secrets nothing is known but that they are quoted.
            let is_secret = holds(part) && (is_quoted || needles != [""]);
            if is_secret { HIDDEN } else { part }
        });
        parts.collect::<Vec<_>>().join("`")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_has_the_same_places() {
        let source = Source::new("x", "a: sécret # secret\nb: 1\n");
        let mut secrets = Secrets::default();
        assert!(secrets.masked(&source).is_none());
        secrets.add([Span::new(5, 8), Span::new(3, 10)]);
        secrets.settle();
        let shown = secrets.masked(&source).unwrap();
        assert_eq!(shown.text(), "a: *·**** # secret\nb: 1\n");
    }

    #[test]
    fn a_quotation_with_a_secret_is_left_out() {
        let needles = [needle("it's-hunter2222")];
        let shown = without("write `a: \"it''s-hunter2222\"` or `b`", &needles);
        assert_eq!(shown, "write `***` or `b`");
        assert_eq!(without("nothing `here`", &needles), "nothing `here`");
        assert_eq!(without("too `many` of them", &[""]), "too `***` of them");
    }
}
