//! Closing brackets at the margin.
//!
//! ```yaml
//! tags: [
//!   "a"
//! ]
//! ```
//! YAML 1.2 wants the `]` indented; PyYAML and ruamel.yaml take it as it is, and so do we. Nothing
//! else in the brackets may stand at the margin: what the parser then no longer checks is checked
//! here.

use granit_parser::{ErrorKind, ScanError};

use super::super::scalar::Style;
use super::super::span::Span;
use super::super::syntax;
use super::{Loader, Stop};

/// How strictly the lines inside of brackets have to be indented.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Brackets {
    /// As YAML 1.2 says.
    Indented,
    /// A closing bracket may stand at the margin.
    MayCloseAtMargin,
}

/// Whether a closing bracket at the margin is all that the parser complains about.
pub(super) fn is_closing_bracket(error: &ScanError, text: &str, at: usize) -> bool {
    matches!(error.kind(), ErrorKind::InvalidIndentation) && text[at..].starts_with([']', '}'])
}

impl Loader<'_> {
    /// Checks a list or mapping in brackets that is in no other one.
    pub(super) fn check_brackets(&self, span: Span) -> Result<(), Stop> {
        self.check_lines(span, &[']', '}'])
    }

    /// Checks a quoted text outside of brackets.
    pub(super) fn check_quoted(&self, span: Span, style: Style) -> Result<(), Stop> {
        let in_brackets = self.frames.last().is_some_and(|frame| frame.flow);
        if style == Style::Quoted && !in_brackets {
            self.check_lines(span, &[])
        } else {
            Ok(())
        }
    }

    /// Every line of `span` but the first is indented, or begins with one of `allowed`.
    fn check_lines(&self, span: Span, allowed: &[char]) -> Result<(), Stop> {
        if self.brackets == Brackets::Indented {
            return Ok(());
        }
        let Some(margin) = self.margin() else {
            return Ok(());
        };
        let text = self.source.text();
        let mut start = span.start;
        for line in self.source.slice(span).split_inclusive(['\n', '\r']) {
            let content = line.trim_start_matches(' ');
            let column = line.len() - content.len();
            let says_nothing = content.trim_start().is_empty() || content.starts_with('#');
            if start > span.start
                && column <= margin
                && !says_nothing
                && !content.starts_with(allowed)
            {
                let fault = syntax::Fault {
                    text,
                    at: start + column,
                    read_to: span.start,
                    bracket: Some(span.start).filter(|_| !allowed.is_empty()),
                };
                let (kind, span) =
                    syntax::explain(&ErrorKind::InvalidIndentation, &fault, self.limits);
                return Err(Stop(kind, span));
            }
            start += line.len();
        }
        Ok(())
    }

    /// The column of the innermost block collection; none at the top of a document.
    fn margin(&self) -> Option<usize> {
        let frame = self.frames.iter().rev().find(|frame| !frame.flow)?;
        let before = &self.source.text()[..frame.start];
        Some(before.len() - before.rfind(['\n', '\r']).map_or(0, |end| end + 1))
    }
}
