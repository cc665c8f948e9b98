//! What was done to a server's projects and repositories: for people, and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use miette::Diagnostic;
use serde::Serialize;

use super::grouped::{grouped, told_of};
use crate::bitbucket::Scope;
use crate::json_text;

/// The form's number: a reader that knows it knows every key below.
const VERSION: u32 = 1;

/// What became of one project or repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// It got what it had not.
    Created,
    /// What it had was changed.
    Updated,
    /// What it had was taken away.
    Removed,
    /// It has what it should.
    Unchanged,
    /// It was left alone.
    Skipped,
    /// It could not be done.
    Failed,
}

/// One project or repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetupRow {
    /// `PRJ`, or `PRJ/hello`.
    pub scope: String,
    /// `project` or `repository`.
    pub kind: &'static str,
    /// What became of it.
    pub outcome: Deed,
    /// More of it, one text a thing.
    pub details: Vec<String>,
    /// What to do about a failure.
    pub help: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, Serialize)]
pub struct SetupReport {
    version: u32,
    /// Whether it was only looked at.
    pub dry_run: bool,
    /// What became of each.
    pub results: Vec<SetupRow>,
    /// What is to be known besides.
    pub notes: Vec<String>,
}

impl SetupRow {
    /// A row without details.
    #[must_use]
    pub fn new(scope: &Scope, outcome: Deed) -> Self {
        Self {
            scope: scope.to_string(),
            kind: scope.kind(),
            outcome,
            details: Vec::new(),
            help: None,
        }
    }

    /// It could not be done.
    #[must_use]
    pub fn failed(scope: &Scope, problem: &dyn Diagnostic) -> Self {
        Self {
            details: vec![problem.to_string()],
            help: problem.help().map(|help| help.to_string()),
            ..Self::new(scope, Deed::Failed)
        }
    }

    /// It was left alone.
    #[must_use]
    pub fn skipped(scope: &Scope, why: &str) -> Self {
        Self::new(scope, Deed::Skipped).with(why)
    }

    /// Whether it could not be done.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.outcome == Deed::Failed
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }
}

impl SetupReport {
    /// A report of these rows, in the order of their names.
    #[must_use]
    pub fn new(dry_run: bool, mut results: Vec<SetupRow>) -> Self {
        results.sort_by(|one, other| one.scope.cmp(&other.scope));
        Self {
            version: VERSION,
            dry_run,
            results,
            notes: Vec::new(),
        }
    }

    /// Whether anything could not be done.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.results.iter().any(SetupRow::has_failed)
    }

    fn counts(&self) -> BTreeMap<Deed, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.results {
            *counts.entry(row.outcome).or_default() += 1;
        }
        counts
    }
}

impl Deed {
    fn word(self, dry_run: bool) -> &'static str {
        match (self, dry_run) {
            (Self::Created, false) => "created",
            (Self::Created, true) => "would be created",
            (Self::Updated, false) => "updated",
            (Self::Updated, true) => "would be updated",
            (Self::Removed, false) => "removed",
            (Self::Removed, true) => "would be removed",
            (Self::Unchanged, _) => "unchanged",
            (Self::Skipped, _) => "skipped",
            (Self::Failed, _) => "failed",
        }
    }
}

/// The report as JSON.
///
/// # Errors
/// None but those of writing to a string.
pub fn json(report: &SetupReport) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        report: &'a SetupReport,
        summary: BTreeMap<Deed, usize>,
    }

    json_text::pretty(&Document {
        report,
        summary: report.counts(),
    })
}

/// The report for people: a line for each, or for all to which the same did not happen, and one that
/// counts.
#[must_use]
pub fn human(report: &SetupReport) -> String {
    let mut out = String::new();
    let rows = grouped(&report.results, |row| match row.outcome {
        Deed::Unchanged | Deed::Skipped => Some((row.outcome, &row.details, &row.help)),
        Deed::Created | Deed::Updated | Deed::Removed | Deed::Failed => None,
    });
    for group in rows {
        let Some(row) = group.first() else { continue };
        let names: Vec<&str> = group.iter().map(|row| row.scope.as_str()).collect();
        let mut words = row.outcome.word(report.dry_run).to_owned();
        if !row.details.is_empty() {
            words = format!("{words}: {}", row.details.join("; "));
        }
        let is_of = |kind| group.iter().all(|row| row.kind == kind);
        let kind = match (is_of("repository"), is_of("project")) {
            (true, _) => "repositories",
            (_, true) => "projects",
            _ => "projects and repositories",
        };
        out.push_str(&told_of(&names, kind, &words));
        if let Some(help) = &row.help {
            // Writing to a string can't fail.
            let _ = writeln!(out, "  help: {help}");
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    let counts: Vec<String> = report
        .counts()
        .iter()
        .map(|(deed, count)| format!("{count} {}", deed.word(report.dry_run)))
        .collect();
    match counts.is_empty() {
        true => out.push_str("no repository is meant\n"),
        false => {
            let _ = writeln!(out, "{}", counts.join(", "));
        }
    }
    out
}
