//! For GitLab: its Code Quality report.

use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::{LEFT_OUT, Reported, Root, advice_with_places, left_out, worst};
use crate::finding::{Finding, Severity};
use crate::json_text;

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The report as one line of JSON: an array, empty where nothing is wrong.
///
/// # Errors
/// None but those of serialising.
pub fn gitlab(documents: &[Reported<'_>], root: &Root) -> serde_json::Result<String> {
    let mut fingerprints = Fingerprints::default();
    let mut entries = Vec::new();
    for document in documents {
        let path = root.place(document.source.path());
        let path = path.text();
        for finding in document.findings {
            let fingerprint = fingerprints.of(path, finding);
            entries.push(entry(finding, path, fingerprint, root));
        }
        if document.left_out.all() > 0 {
            entries.push(Entry {
                description: left_out(document.left_out),
                check_name: LEFT_OUT,
                fingerprint: fingerprints.of_note(path, LEFT_OUT),
                severity: severity(worst(document.left_out)),
                location: Location {
                    path: path.to_owned(),
                    lines: Lines { begin: 1, end: 1 },
                },
            });
        }
    }
    json_text::line(&entries)
}

fn entry<'a>(finding: &'a Finding, path: &str, fingerprint: String, root: &Root) -> Entry<'a> {
    Entry {
        description: advice_with_places(finding, root),
        check_name: finding.rule.as_str(),
        fingerprint,
        severity: severity(finding.severity),
        location: Location {
            path: path.to_owned(),
            lines: Lines {
                begin: finding.location.start.line,
                end: finding.location.end.line,
            },
        },
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
    }
}
