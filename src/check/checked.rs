//! What came out of checking one file.

use std::sync::Arc;

use crate::document::{Kind, Source, Stream};
use crate::finding::{Finding, Severity};

/// One checked file: its text, its documents and what is wrong with them.
#[derive(Debug)]
pub struct Checked {
    /// The path it is known by.
    pub path: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// The text that the findings' spans lie in; empty where the bytes are no text. It may hold
    /// secrets: what is shown to anybody is [`Checked::shown`].
    pub source: Source,
    /// The documents, as far as they could be read.
    pub stream: Stream,
    /// What is wrong, in the order of the text.
    pub findings: Vec<Finding>,
    /// What is wrong beyond the findings that are kept.
    pub left_out: LeftOut,
    /// Findings that were there before the text was changed by [`super::Checker::fix`].
    pub fixed: usize,
    /// How many findings a comment silenced.
    pub ignored: usize,
    /// The text as reports may show it, where it holds secrets.
    pub(super) masked: Option<Source>,
    pub(super) readable: bool,
}

/// Findings that were counted and not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Those of severity error.
    pub errors: usize,
    /// Those of severity warning.
    pub warnings: usize,
}

/// What stands where a document should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAFile {
    /// Something that leads elsewhere.
    Elsewhere(Elsewhere),
    /// A folder.
    Folder,
}

/// What leads out of a commit's own files, and is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// A symbolic link, with what it points at where that is known.
    Symlink {
        /// The link's text.
        target: Option<String>,
    },
    /// Another repository.
    Submodule,
}

impl Checked {
    /// How many errors there are, those left out included.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.count(Severity::Error) + self.left_out.errors
    }

    /// How many warnings there are, those left out included.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning) + self.left_out.warnings
    }

    /// The text as it may be shown: a mask for each character of a secret, everything in its place.
    #[must_use]
    pub fn shown(&self) -> &Source {
        self.masked.as_ref().unwrap_or(&self.source)
    }

    /// Whether every document was read to its end and means the same to every reader, so that its
    /// JSON can be trusted as desired state. The levels of the rules have no say in it.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Lets go of text and documents where nothing was found, so that no report shows them: a run over
    /// thousands of files would hold them all to its end.
    #[must_use]
    pub fn without_what_is_fine(self) -> Self {
        if !self.findings.is_empty() {
            return self;
        }
        Self {
            source: Source::new(&self.path, ""),
            stream: Stream::default(),
            masked: None,
            ..self
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}
