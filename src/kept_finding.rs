//! Findings as they are kept once the documents are gone: by `serve` of a push, by a sweep of a
//! repository.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::check::Checked;
use crate::finding::{Finding, Severity};

/// A finding without its document's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFinding {
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The document.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The change that mends it.
    pub help: Option<String>,
}

impl KeptFinding {
    /// The first findings of some documents, no more than `most`: errors before warnings, and each in
    /// the order of the documents.
    #[must_use]
    pub fn first_of(documents: &[Checked], most: usize) -> Vec<Self> {
        let findings = documents.iter().flat_map(|document| &document.findings);
        let mut findings: Vec<&Finding> = findings.collect();
        findings.sort_by_key(|finding| Reverse(finding.severity));
        findings.into_iter().take(most).map(Self::from).collect()
    }
}

impl From<&Finding> for KeptFinding {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.as_str().to_owned(),
            severity: finding.severity,
            path: finding.path.to_string(),
            line: finding.location.start.line,
            column: finding.location.start.column,
            message: finding.message.clone(),
            help: finding.help.clone(),
        }
    }
}
