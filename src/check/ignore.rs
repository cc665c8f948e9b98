//! Comments that silence a finding: `# pushgate: ignore RULE reason` on the line before it.

use std::collections::HashMap;

use crate::document::{Source, Span, Stream};
use crate::finding::{RuleId, Severity};

use super::level::Levels;
use super::suggest;

/// What a comment of ours begins with, after its `#`.
const NAME: &str = "pushgate:";
/// The one thing it can say.
const IGNORE: &str = "ignore";
/// What others call it.
const ALSO: [&str; 7] = [
    "allow", "disable", "off", "silence", "skip", "suppress", "noqa",
];

/// The comments of one file.
#[derive(Debug, Default)]
pub(super) struct Ignores {
    /// The rule and the line that a comment speaks of, to the comment's place.
    comments: HashMap<(String, usize), Span>,
    /// What can't be a comment of ours, though it was meant to be one.
    pub(super) faults: Vec<Fault>,
}

/// What is wrong with a comment.
#[derive(Debug)]
pub(super) struct Fault {
    /// The text to change.
    pub(super) span: Span,
    /// What is wrong with it.
    pub(super) kind: FaultKind,
}

/// What can be wrong with a comment.
#[derive(Debug)]
pub(super) enum FaultKind {
    /// Another word than `ignore`.
    Word { word: String },
    /// No rule is named.
    NoRule,
    /// There is no such rule.
    UnknownRule {
        rule: String,
        suggestion: Option<String>,
    },
    /// Nobody will know why.
    NoReason { rule: String },
    /// It stands behind a value, not on a line of its own.
    NotAlone,
}

/// What a comment does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// Nothing: there is none.
    No,
    /// The finding is counted and not shown.
    Yes,
    /// It is an error that nobody allowed to be silenced; the comment's place.
    Refused(Span),
}

impl Ignores {
    /// The comments of a file that was read to its end.
    pub(super) fn of(source: &Source, stream: &Stream, levels: &Levels) -> Self {
        let mut ignores = Self::default();
        let text = source.text();
        let mut read_to = 0;
        let mut target = Target::default();
        for start in comments(text, stream) {
            // A comment reaches to the end of its line, whatever it repeats.
            if start >= read_to {
                read_to = line_end(text, start);
                ignores.read(source, Span::new(start, read_to), levels, &mut target);
            }
        }
        ignores
    }

    fn read(&mut self, source: &Source, line: Span, levels: &Levels, target: &mut Target) {
        let text = source.text();
        let start = line.start;
        let comment = source.slice(line).trim_end();
        let span = Span::new(start, start + comment.len());
        let Some((before, said)) = comment.split_once(NAME) else {
            return;
        };
        let mut words = said.split_whitespace();
        let Some(word) = words.next() else {
            return;
        };
        let place = |after: usize, part: &str| {
            let at = after + comment[after..].find(part).unwrap_or_default();
            Span::new(start + at, start + at + part.len())
        };
        let word_at = before.len() + NAME.len();
        let mut fault = |span, kind| self.faults.push(Fault { span, kind });
        if word != IGNORE {
            if ALSO.contains(&word) || suggest::nearest(word, [IGNORE]).is_some() {
                let word_span = place(word_at, word);
                let word = word.to_owned();
                fault(word_span, FaultKind::Word { word });
            }
            return;
        }
        let Some(rule) = words.next() else {
            return fault(span, FaultKind::NoRule);
        };
        let rule = rule.trim_end_matches([':', ',']);
        if !levels.knows(rule) {
            let suggestion = levels.suggestion(rule);
            let rule_span = place(word_at + IGNORE.len(), rule);
            let rule = rule.to_owned();
            return fault(rule_span, FaultKind::UnknownRule { rule, suggestion });
        }
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        if !text[line_start..start].trim().is_empty() {
            return fault(span, FaultKind::NotAlone);
        }
        if words.next().is_none() {
            let rule = rule.to_owned();
            fault(span, FaultKind::NoReason { rule });
        }
        if let Some(line) = target.below(source, source.position(start).line) {
            self.comments.insert((rule.to_owned(), line), span);
        }
    }

    /// Whether there is no comment that could silence anything.
    pub(super) fn is_empty(&self) -> bool {
        self.comments.is_empty()
    }

    /// What the comments do to a finding of `rule` in `line`.
    pub(super) fn silence(
        &self,
        rule: &RuleId,
        severity: Severity,
        line: usize,
        levels: &Levels,
    ) -> Silence {
        let comment = self.comments.get(&(rule.as_str().to_owned(), line));
        match comment {
            None => Silence::No,
            Some(_) if severity == Severity::Warning || levels.may_be_ignored(rule) => Silence::Yes,
            Some(&comment) => Silence::Refused(comment),
        }
    }
}

/// Where comments of ours begin: at their `#`.
fn comments(text: &str, stream: &Stream) -> Vec<usize> {
    let mut starts: Vec<usize> = text
        .match_indices(NAME)
        .filter_map(|(at, _)| {
            let before = text[..at].trim_end_matches([' ', '\t']);
            let start = before.strip_suffix('#')?.len();
            let blank = text[..start]
                .chars()
                .next_back()
                .is_none_or(char::is_whitespace);
            blank.then_some(start)
        })
        .collect();
    if starts.is_empty() {
        return starts;
    }
    // What stands inside of a text is none.
    let mut inside = vec![false; starts.len()];
    for span in stream
        .documents
        .iter()
        .flat_map(|document| document.texts())
    {
        let first = starts.partition_point(|&start| start < span.start);
        for (start, inside) in starts.iter().zip(&mut inside).skip(first) {
            if *start >= span.end {
                break;
            }
            *inside = true;
        }
    }
    let mut inside = inside.into_iter();
    starts.retain(|_| !inside.next().unwrap_or_default());
    starts
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..]
        .find(['\n', '\r'])
        .map_or(text.len(), |length| from + length)
}

/// The line that comments speak of: the next that holds more than a comment.
#[derive(Debug, Default)]
struct Target {
    /// Of the comments up to here; comments below one another speak of the same line.
    line: usize,
}

impl Target {
    fn below(&mut self, source: &Source, comment: usize) -> Option<usize> {
        if self.line <= comment {
            self.line = comment + 1;
            while source.line(self.line).is_some_and(|line| {
                let content = line.trim();
                content.is_empty() || content.starts_with('#')
            }) {
                self.line += 1;
            }
        }
        source.line(self.line).map(|_| self.line)
    }
}
