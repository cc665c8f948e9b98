//! One file an output format: each renders the same findings.

mod doctor;
mod excerpt;
mod fingerprint;
mod github;
mod gitlab;
mod grouped;
mod human;
mod ink;
mod insights;
mod json;
mod junit;
mod paragraph;
mod plan;
mod remote;
mod root;
mod sarif;
mod setup;
mod snippet;
mod sweep;

use crate::check::{Checked, Inspected, LeftOut};
use crate::document::Source;
use crate::finding::{Finding, Related, Severity};
use crate::visible::{visible, visible_lines};

pub use doctor::{DoctorReport, human as doctor_human, json as doctor_json};
pub use github::github;
pub use gitlab::gitlab;
pub(crate) use grouped::{grouped, told_of};
pub use human::Human;
pub use insights::{Reporter, insights};
pub use json::json;
pub use junit::junit;
pub(crate) use paragraph::{folded, hanging, reflowed};
pub use plan::{
    Against, PlanParts, PlanReport, human as plan_human, json as plan_json,
    markdown as plan_markdown, undetermined_json, undetermined_markdown,
};
pub use remote::Remote;
pub use root::{Place, Root};
pub use sarif::sarif;
pub use setup::{Deed, SetupReport, SetupRow, human as setup_human, json as setup_json};
pub use sweep::{SweepReport, html as sweep_html, human as sweep_human, json as sweep_json};

/// One checked document and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// The document's text, without its secrets.
    pub source: &'a Source,
    /// Its findings, in the order of their places.
    pub findings: &'a [Finding],
    /// Findings that were counted but not kept.
    pub left_out: Counts,
    /// How many findings `check --fix` has mended.
    pub fixed: usize,
    /// Findings that a comment in the document silenced.
    pub ignored: usize,
}

impl<'a> From<&'a Checked> for Reported<'a> {
    fn from(checked: &'a Checked) -> Self {
        let LeftOut { errors, warnings } = checked.left_out;
        Self {
            source: checked.shown(),
            findings: &checked.findings,
            left_out: Counts { errors, warnings },
            fixed: checked.fixed,
            ignored: checked.ignored,
        }
    }
}

impl<'a> From<&'a Inspected> for Reported<'a> {
    fn from(inspected: &'a Inspected) -> Self {
        let LeftOut { errors, warnings } = inspected.left_out;
        Self {
            source: &inspected.shown,
            findings: &inspected.findings,
            left_out: Counts { errors, warnings },
            fixed: 0,
            ignored: 0,
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

/// The message and the change that mends it, without a word of the document's text beyond them:
/// for formats that go to other systems.
fn advice(finding: &Finding) -> String {
    let mut text = visible(&message(finding)).into_owned();
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(&visible_lines(help));
    }
    text
}

/// As [`advice`], with a line for each related place, for formats that have no field for them.
fn advice_with_places(finding: &Finding, root: &Root) -> String {
    let mut text = advice(finding);
    for related in &finding.related {
        let start = related.location.start;
        text.push_str(&format!(
            "\n{}:{}:{}: {}",
            visible(root.place(&related.path).text()),
            start.line,
            start.column,
            visible(&related.label)
        ));
    }
    text
}

/// What is said of findings that were counted and not kept.
fn left_out(counts: Counts) -> String {
    let (are, them) = match counts.all() {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let words = counts.words();
    format!("{words} more {are} not listed; mend what is listed to see {them}")
}

/// As what findings that were left out count.
fn worst(counts: Counts) -> Severity {
    if counts.errors > 0 {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// The name under which left-out findings stand where a rule's name is wanted.
const LEFT_OUT: &str = "pushgate/left-out";

/// Whether the other place needs no excerpt: it is in the finding's own, or in a file whose text
/// is not at hand.
fn is_in_sight(finding: &Finding, related: &Related) -> bool {
    let (here, there) = (finding.location.start.line, related.location.start.line);
    match finding.is_here(related) {
        true => here.abs_diff(there) <= 1,
        false => related.source.is_none(),
    }
}

/// The text that another place lies in.
fn text_of<'a>(document: &Reported<'a>, related: &'a Related) -> &'a Source {
    related.source.as_deref().unwrap_or(document.source)
}

/// `path:line:column`.
fn place(finding: &Finding) -> String {
    let start = finding.location.start;
    format!("{}:{}:{}", visible(&finding.path), start.line, start.column)
}
