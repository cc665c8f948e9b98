//! For programs: the object that the contract names.

use serde::Serialize;

use super::{Counts, Reported};
use crate::finding::Finding;
use crate::json_text;

#[derive(Serialize)]
struct Report<'a> {
    /// Grows when a reader of an older one would misread it; keys that are added don't count.
    version: u32,
    findings: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: crate::finding::Severity,
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    pointer: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    fixable: bool,
    /// Number of the YAML document in the file, from 1.
    document: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Other<'a>>,
}

#[derive(Serialize)]
struct Other<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary {
    documents: usize,
    errors: usize,
    warnings: usize,
    /// Findings that are counted above and not listed.
    left_out: usize,
    /// Findings that `check --fix` has mended, and that are neither counted nor listed.
    fixed: usize,
    /// Findings that comments in the documents silenced; not counted above.
    ignored: usize,
}

/// The report as one line of JSON.
///
/// # Errors
/// None but those of serialising.
pub fn json(documents: &[Reported<'_>]) -> serde_json::Result<String> {
    let counts = Counts::total(documents);
    json_text::line(&Report {
        version: 1,
        findings: documents
            .iter()
            .flat_map(|document| document.findings)
            .map(entry)
            .collect(),
        summary: Summary {
            documents: documents.len(),
            errors: counts.errors,
            warnings: counts.warnings,
            left_out: documents
                .iter()
                .map(|document| document.left_out.all())
                .sum(),
            fixed: documents.iter().map(|document| document.fixed).sum(),
            ignored: documents.iter().map(|document| document.ignored).sum(),
        },
    })
}

fn entry(finding: &Finding) -> Entry<'_> {
    let at = finding.location;
    Entry {
        rule: finding.rule.as_str(),
        severity: finding.severity,
        path: &finding.path,
        line: at.start.line,
        column: at.start.column,
        end_line: at.end.line,
        end_column: at.end.column,
        pointer: &finding.pointer,
        message: &finding.message,
        help: finding.help.as_deref(),
        fixable: finding.fix.is_some(),
        document: finding.document,
        related: finding
            .related
            .iter()
            .map(|related| Other {
                path: &related.path,
                line: related.location.start.line,
                column: related.location.start.column,
                end_line: related.location.end.line,
                end_column: related.location.end.column,
                message: &related.label,
            })
            .collect(),
    }
}
