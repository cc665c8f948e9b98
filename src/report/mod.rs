//! One file an output format: each renders the same findings.

mod excerpt;
mod human;
mod json;
mod remote;
mod snippet;

use crate::check::{Checked, LeftOut};
use crate::document::Source;
use crate::finding::{Finding, Related, Severity};

pub use human::Human;
pub use json::json;
pub use remote::{BYTES as REMOTE_BYTES, COLUMNS as REMOTE_COLUMNS, Remote};

/// One checked document and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// The document's text, without its secrets.
    pub source: &'a Source,
    /// Its findings, in the order of their places.
    pub findings: &'a [Finding],
    /// Findings that were counted but not kept.
    pub left_out: Counts,
}

impl<'a> From<&'a Checked> for Reported<'a> {
    fn from(checked: &'a Checked) -> Self {
        let LeftOut { errors, warnings } = checked.left_out;
        Self {
            source: checked.shown(),
            findings: &checked.findings,
            left_out: Counts { errors, warnings },
        }
    }
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
}

impl Counts {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
            }
        }
        counts
    }

    /// All findings of a report, those left out included.
    #[must_use]
    pub fn total(documents: &[Reported<'_>]) -> Self {
        documents.iter().fold(Self::default(), |sum, document| {
            sum.plus(Self::of(document.findings))
                .plus(document.left_out)
        })
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
        }
    }

    /// Findings of either severity.
    #[must_use]
    pub fn all(self) -> usize {
        self.errors + self.warnings
    }

    /// `2 errors`, `1 error and 3 warnings`; empty where there are none.
    #[must_use]
    pub fn words(self) -> String {
        let errors = (self.errors > 0).then(|| counted(self.errors, "error"));
        let warnings = (self.warnings > 0).then(|| counted(self.warnings, "warning"));
        let words: Vec<String> = errors.into_iter().chain(warnings).collect();
        words.join(" and ")
    }
}

/// `1 error`, `2 errors`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The message; in a file of several documents with the document's number.
fn message(finding: &Finding) -> String {
    match finding.document {
        0 | 1 => finding.message.clone(),
        number => format!("{} (document {number})", finding.message),
    }
}

/// Whether the other place needs no excerpt: it is in the finding's own, or in a file whose text
/// is not at hand.
fn is_in_sight(finding: &Finding, related: &Related) -> bool {
    let (here, there) = (finding.location.start.line, related.location.start.line);
    !finding.is_here(related) || here.abs_diff(there) <= 1
}

/// `path:line:column`.
fn place(finding: &Finding) -> String {
    let start = finding.location.start;
    format!(
        "{}:{}:{}",
        crate::visible::visible(&finding.path),
        start.line,
        start.column
    )
}
