//! What was found in one repository at one commit: small enough to be remembered.

use serde::{Deserialize, Serialize};

use crate::catalog::Undetermined;
use crate::check::Checked;
use crate::kept_finding::KeptFinding;

/// Mistakes that are kept of one repository; the rest is counted.
const KEPT: usize = 30;

/// What was found in a repository at a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its documents of all kinds.
    pub documents: usize,
    /// The entities that it declares, as far as they can be told.
    pub entities: usize,
    /// What is wrong with its documents, errors first.
    pub mistakes: Vec<KeptFinding>,
    /// Errors, those that are not kept included.
    pub errors: usize,
    /// Warnings, those that are not kept included.
    pub warnings: usize,
    /// Why its entities can't be told, or not all of them.
    pub fault: Option<Fault>,
    /// What else is to be known, such as `file://` values that can't be read.
    pub remarks: Vec<String>,
}

/// Why a repository's entities don't go to Port as they stand in its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing is known of them: nothing is delivered.
    Undetermined(Undetermined),
    /// Entries of a list are no entities: the others are delivered, and nothing is deleted.
    Entries(Vec<Undetermined>),
}

impl Found {
    /// Takes in what checking the documents brought.
    pub fn note(&mut self, documents: &[Checked]) {
        self.documents += documents.len();
        let room = KEPT.saturating_sub(self.mistakes.len());
        self.mistakes.extend(KeptFinding::first_of(documents, room));
        self.errors += documents.iter().map(Checked::errors).sum::<usize>();
        self.warnings += documents.iter().map(Checked::warnings).sum::<usize>();
    }

    /// Findings that are counted and not kept.
    #[must_use]
    pub fn left_out(&self) -> usize {
        (self.errors + self.warnings).saturating_sub(self.mistakes.len())
    }

    /// Whether a document is wrong: it would be refused at the gate, or what it declares does not
    /// reach Port.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.errors > 0 || self.fault.is_some()
    }
}
