//! For Bitbucket Server: a Code Insights report on the checked commit.

use super::fingerprint::Fingerprints;
use super::root::Place;
use super::{Counts, LEFT_OUT, Reported, Root, advice_with_places, counted, left_out, worst};
use crate::bitbucket::{
    Annotation, InsightDatum, InsightKind, InsightReport, InsightResult, InsightSeverity,
};
use crate::finding::{Finding, Severity};

/// Who puts a report on a commit; each has one of its own there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// `pushgate serve`, after a push.
    Serve,
    /// `pushgate check --report bitbucket`, in CI.
    Check,
}

impl Reporter {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Serve, Self::Check];

    /// The key of its reports and build statuses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Serve => "pushgate",
            Self::Check => "pushgate-check",
        }
    }

    /// The command that reports.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Serve => "pushgate serve",
            Self::Check => "pushgate check --report bitbucket",
        }
    }
}

/// The report of one reporter.
#[must_use]
pub fn insights(documents: &[Reported<'_>], root: &Root, reporter: Reporter) -> InsightReport {
    let counts = Counts::total(documents);
    let mut fingerprints = Fingerprints::default();
    let mut annotations = Vec::new();
    for document in documents {
        let place = root.place(document.source.path());
        for finding in document.findings {
            let id = fingerprints.of(place.text(), finding);
            annotations.push(annotation(finding, &place, id, root));
        }
        if document.left_out.all() > 0 {
            annotations.push(Annotation {
                path: below(&place),
                line: 0,
                message: left_out(document.left_out),
                severity: severity(worst(document.left_out)),
                kind: kind(worst(document.left_out)),
                external_id: fingerprints.of_note(place.text(), LEFT_OUT),
            });
        }
    }
    let checked = counted(documents.len(), "document");
    let datum = |title: &str, value| InsightDatum {
        title: title.to_owned(),
        value,
    };
    InsightReport {
        key: reporter.key().to_owned(),
        title: "pushgate".to_owned(),
        details: match counts.all() {
            0 => format!("{checked} checked, nothing is wrong."),
            _ => format!("{checked} checked: {}.", counts.words()),
        },
        result: if counts.errors > 0 {
            InsightResult::Fail
        } else {
            InsightResult::Pass
        },
        link: None,
        data: vec![
            datum("Documents", documents.len()),
            datum("Errors", counts.errors),
            datum("Warnings", counts.warnings),
        ],
        annotations,
    }
}

fn annotation(finding: &Finding, place: &Place, external_id: String, root: &Root) -> Annotation {
    Annotation {
        path: below(place),
        line: finding.location.start.line,
        message: format!(
            "{}\nrule: {}",
            advice_with_places(finding, root),
            finding.rule
        ),
        severity: severity(finding.severity),
        kind: kind(finding.severity),
        external_id,
    }
}

/// Bitbucket knows no file outside the repository.
fn below(place: &Place) -> Option<String> {
    match place {
        Place::Below(path) => Some(path.clone()),
        Place::Outside(_) => None,
    }
}

fn severity(severity: Severity) -> InsightSeverity {
    match severity {
        Severity::Error => InsightSeverity::High,
        Severity::Warning => InsightSeverity::Medium,
    }
}

fn kind(severity: Severity) -> InsightKind {
    match severity {
        Severity::Error => InsightKind::Bug,
        Severity::Warning => InsightKind::CodeSmell,
    }
}
