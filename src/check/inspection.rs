//! Findings in a file that is no document of a push, such as a server's settings or a policy: the
//! same finding, the same reports.

use crate::document::{Source, Span, Stream};
use crate::finding::{Finding, Severity};

use super::LeftOut;
use super::findings::{Draft, Findings};
use super::level::Levels;
use super::rules;

/// Findings of one file that are kept; the rest is counted.
const MOST: usize = 200;

/// What is being found in one file.
#[derive(Debug, Default)]
pub struct Inspection {
    drafts: Vec<(Severity, Draft)>,
    secrets: Vec<Span>,
}

/// One inspected file: its text as it may be shown, and what is wrong with it.
#[derive(Debug)]
pub struct Inspected {
    /// The text, a mask for each character of a secret.
    pub shown: Source,
    /// What is wrong, in the order of the text.
    pub findings: Vec<Finding>,
    /// What is wrong beyond the findings that are kept.
    pub left_out: LeftOut,
}

impl Inspection {
    pub(crate) fn error(&mut self, draft: Draft) {
        self.drafts.push((Severity::Error, draft));
    }

    pub(crate) fn warning(&mut self, draft: Draft) {
        self.drafts.push((Severity::Warning, draft));
    }

    /// No report shows this text.
    pub(crate) fn keep_secret(&mut self, span: Span) {
        self.secrets.push(span);
    }

    /// What keeps the text from being read as YAML, or from being read by everyone alike.
    pub(crate) fn unreadable(&mut self, source: &Source, stream: &Stream) {
        for problem in stream.problems.kept() {
            self.error(rules::yaml::draft(problem, source, stream));
        }
    }

    /// The findings with their places, and nothing in them of what is secret.
    pub(crate) fn finish(self, source: Source) -> Inspected {
        let levels = Levels::default();
        let mut findings = Findings::new(&source, &levels, MOST);
        findings.keep_secret(self.secrets);
        for (severity, draft) in self.drafts {
            findings.add_as(severity, || draft);
        }
        let found = findings.finish();
        Inspected {
            shown: found.masked.unwrap_or(source),
            findings: found.findings,
            left_out: found.left_out,
        }
    }
}
