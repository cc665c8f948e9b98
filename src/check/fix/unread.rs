//! Templates without quotes, behind which a document is not read any further: once they are quoted,
//! what they hid comes to light.

use super::{Change, Mending, State, edited};
use crate::finding::{Finding, Severity};

/// Bytes that are read on the way, each step beginning at the document's first one.
const MOST_READ: usize = 32 << 20;

/// A document that can be read to its end again.
pub(super) struct Uncovered {
    pub(super) state: State,
    /// How many findings went on the way.
    pub(super) fixed: usize,
}

impl Mending<'_> {
    /// The document with its templates quoted, one behind the other, where that makes it readable and
    /// no quoted text is an error in its place; none where something else ends the reading.
    ///
    /// Findings may come to light here, unlike with any other fix: they were there and not seen.
    pub(super) fn uncovered(&mut self, hidden: &State) -> Option<Uncovered> {
        let mut quoted: Vec<FromEnd> = Vec::new();
        let mut next: Option<State> = None;
        loop {
            let state = next.as_ref().unwrap_or(hidden);
            if state.checked.stream.is_complete() {
                break;
            }
            let stop = template(&state.checked.findings)?;
            let length = state.checked.source.text().len();
            // What comes next stands behind it: each step leaves less to read.
            if quoted
                .last()
                .is_some_and(|last| length - stop.span.start > last.end)
            {
                return None;
            }
            let fix = stop.fix.as_ref()?;
            let change = Change {
                fix,
                findings: vec![stop],
            };
            let bytes = edited(&state.bytes, &[&change]);
            let written: usize = fix.edits.iter().map(|edit| edit.text.len()).sum();
            let end = length - stop.span.end;
            quoted.push(FromEnd {
                start: end + written,
                end,
            });
            if !self.has_checks_left() || quoted.len() * length > MOST_READ {
                return None;
            }
            next = Some(self.check(bytes));
        }
        let state = next?;
        // What is not known can't be judged.
        if state.checked.left_out.errors > 0 {
            return None;
        }
        let length = state.checked.source.text().len();
        let is_wrong_there = |finding: &Finding| {
            let (start, end) = (length - finding.span.start, length - finding.span.end);
            let meets = |text: &FromEnd| start > text.end && end < text.start;
            finding.severity == Severity::Error && quoted.iter().any(meets)
        };
        if state.checked.findings.iter().any(is_wrong_there) {
            return None;
        }
        Some(Uncovered {
            state,
            fixed: quoted.len(),
        })
    }
}

/// A piece of the text by its distance from the end, which edits in front of it leave alone.
struct FromEnd {
    start: usize,
    end: usize,
}

/// The template that ended the reading.
fn template(findings: &[Finding]) -> Option<&Finding> {
    findings
        .iter()
        .find(|finding| finding.rule.as_str() == "yaml/unquoted-template")
}
