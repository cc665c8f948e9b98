//! Several documents of one repository, held against each other and against its files.

use std::sync::Arc;

use crate::document::{Document, Kind, Source, Span};
use crate::finding::{Finding, Severity};

use super::checked::{Checked, LeftOut};
use super::checker::Checker;
use super::findings::{Findings, Found};
use super::repository::RepositoryFiles;
use super::rules::{duplicates, file_values};

/// A checked document, where it lies in its repository.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Its path from the repository's root.
    pub path: &'a str,
    /// What came out of checking it alone.
    pub checked: &'a Checked,
}

/// What is wrong with a document besides what it shows by itself.
#[derive(Clone, Debug, Default)]
pub struct Added {
    /// The findings, in the order of the text.
    pub findings: Vec<Finding>,
    /// What is wrong beyond the findings that are kept.
    pub left_out: LeftOut,
    /// How many findings a comment silenced.
    pub ignored: usize,
}

/// A document that rules of several files look at.
pub(super) struct Member<'a, 'f> {
    pub(super) path: &'a str,
    pub(super) kind: &'a Kind,
    pub(super) source: &'a Source,
    pub(super) document: &'a Document,
    pub(super) findings: &'f mut Findings<'a>,
}

impl Member<'_, '_> {
    /// The first key, or the first line of what is no mapping: what a finding about the whole file
    /// marks, so that a comment can stand before it.
    pub(super) fn beginning(&self) -> Span {
        let root = self.document.root();
        if let Some(first) = self.document.entries(root.node).first() {
            return first.merged.unwrap_or(first.key_span);
        }
        let line = self
            .source
            .slice(root.at)
            .lines()
            .next()
            .unwrap_or_default();
        Span::new(root.at.start, root.at.start + line.trim_end().len())
    }

    /// The text, to be shown beside a finding of another file.
    pub(super) fn to_source(&self) -> Arc<Source> {
        Arc::new(Source::new(self.source.path(), self.source.text()))
    }
}

impl Checker {
    /// Checks what takes more than one file: documents of one repository, each checked already,
    /// against each other, against the documents that are not among them, and against the files
    /// that they name. Of a document that can't be read nothing is said.
    ///
    /// The answers have the order of the documents.
    ///
    /// # Errors
    /// The repository can't be read.
    pub fn together<F: RepositoryFiles>(
        &self,
        documents: &[Placed<'_>],
        files: &F,
    ) -> Result<Vec<Added>, F::Error> {
        let mut found: Vec<_> = documents
            .iter()
            .map(|placed| self.findings_of(placed.checked))
            .collect();
        let mut members: Vec<_> = documents
            .iter()
            .zip(&mut found)
            .filter_map(|(placed, findings)| member(placed, findings))
            .collect();
        for member in &mut members {
            file_values::check(member, files, self.limits())?;
        }
        duplicates::check(&mut members, files, self.limits())?;
        Ok(found
            .into_iter()
            .map(|findings| findings.finish().into())
            .collect())
    }
}

impl Checked {
    /// Whether [`Checker::together`] looks at it, where other documents are held against it.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        matches!(self.kind, Kind::Port | Kind::Gimlet)
    }
}

/// Port's and Gimlet's documents, of which neither reads more than the first of a file.
fn member<'a, 'f>(placed: &Placed<'a>, findings: &'f mut Findings<'a>) -> Option<Member<'a, 'f>> {
    let Placed { path, checked } = *placed;
    Some(Member {
        path,
        kind: &checked.kind,
        source: &checked.source,
        document: checked
            .stream
            .documents
            .first()
            .filter(|_| checked.is_compared() && checked.stream.is_complete())?,
        findings,
    })
}

impl From<Found> for Added {
    fn from(found: Found) -> Self {
        Self {
            findings: found.findings,
            left_out: found.left_out,
            ignored: found.ignored,
        }
    }
}

impl Added {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.left_out == LeftOut::default() && self.ignored == 0
    }

    /// How many errors there are, those left out included.
    #[must_use]
    pub fn errors(&self) -> usize {
        let errors = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        errors.count() + self.left_out.errors
    }

    /// Takes in what another commit adds to the same document: what both have is there once.
    pub fn merge(&mut self, other: Self) {
        let places = |finding: &Finding| -> Vec<Arc<str>> {
            let related = finding.related.iter();
            related.map(|related| Arc::clone(&related.path)).collect()
        };
        for finding in other.findings {
            let same = |known: &Finding| {
                known.order() == finding.order() && places(known) == places(&finding)
            };
            if !self.findings.iter().any(same) {
                self.findings.push(finding);
            }
        }
        self.left_out.errors = self.left_out.errors.max(other.left_out.errors);
        self.left_out.warnings = self.left_out.warnings.max(other.left_out.warnings);
        self.ignored = self.ignored.max(other.ignored);
    }
}

impl Checked {
    /// Takes in the findings that [`Checker::together`] made.
    pub fn add(&mut self, added: Added) {
        self.findings.extend(added.findings);
        self.findings
            .sort_by(|one, other| one.order().cmp(&other.order()));
        self.left_out.errors += added.left_out.errors;
        self.left_out.warnings += added.left_out.warnings;
        self.ignored += added.ignored;
    }
}
