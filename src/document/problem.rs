//! What can be wrong with a document before anyone asks what it means.

use super::limits::Limits;
use super::source::Encoding;
use super::span::Span;

/// One thing that keeps a file from being read as YAML 1.2, or from being read by everyone alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// The text to change.
    pub span: Span,
    /// Another place that belongs to it, such as the first of two equal keys.
    pub related: Option<Span>,
    /// JSON pointer of the mapping or value it is in; empty for the root.
    pub pointer: String,
    /// Number of the document in the file, from 1.
    pub document: usize,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, span: Span) -> Self {
        Self {
            kind,
            span,
            related: None,
            pointer: String::new(),
            document: 1,
        }
    }

    /// Whether the tree below it can't be trusted: nothing further is said of such a file.
    #[must_use]
    pub fn ends_reading(&self) -> bool {
        !matches!(
            self.kind,
            ProblemKind::DuplicateKey { .. }
                | ProblemKind::UnknownTag { .. }
                | ProblemKind::ComplexKey
                | ProblemKind::MergeValue
        )
    }
}

/// The kinds of problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// More bytes than [`Limits::bytes`].
    TooLarge {
        /// The file's size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Not UTF-8.
    Encoding {
        /// What it seems to be.
        encoding: Encoding,
    },
    /// A character that YAML does not allow in any place.
    ControlCharacter {
        /// The character.
        character: char,
    },
    /// The text is no YAML.
    Syntax {
        /// What brought it about.
        cause: Cause,
        /// What is wrong, in words.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Deeper than [`Limits::depth`].
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// More keys and values than [`Limits::nodes`].
    TooManyNodes {
        /// The limit.
        limit: usize,
    },
    /// More keys and values than [`Limits::expanded`] once aliases are followed.
    AliasExpansion {
        /// The limit.
        limit: usize,
    },
    /// More text than [`Limits::expanded_bytes`] that aliases and merge keys bring.
    AliasText {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A template's braces without quotes, `tag: {{ .SHA }}`, which YAML reads as mappings.
    UnquotedTemplate {
        /// The value or key that has to be put into quotes, as written.
        text: String,
    },
    /// More documents than [`Limits::documents`].
    TooManyDocuments {
        /// The limit.
        limit: usize,
    },
    /// An alias inside the value that its anchor names.
    RecursiveAlias {
        /// The alias, with its `*`.
        alias: String,
    },
    /// The same key twice in one mapping.
    DuplicateKey {
        /// The key's text.
        key: String,
    },
    /// A key that is itself a mapping or a list.
    ComplexKey,
    /// `<<` with a value that is no mapping and no list of mappings.
    MergeValue,
    /// A tag that no reader of these documents knows.
    UnknownTag {
        /// The tag as written, with its `!`.
        tag: String,
    },
}

/// What makes a text no YAML, as far as it has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A tab where YAML takes spaces only.
    Tab,
    /// The marks of a merge that nobody finished.
    Conflict,
    /// A diff in place of the file itself.
    Diff,
    /// Anything else.
    Other,
}

/// Problems in the order they were found, bounded, with a count of those left out.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    kept: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// Keeps a problem, or counts it: `problem` is only made where there is room for it.
    pub(super) fn push(&mut self, limits: &Limits, problem: impl FnOnce() -> Problem) {
        if self.kept.len() < limits.problems {
            self.kept.push(problem());
        } else {
            self.left_out += 1;
        }
    }

    /// Keeps what ends the reading, also where the list is full.
    pub(super) fn push_last(&mut self, problem: Problem) {
        self.kept.push(problem);
    }

    /// Those that were kept.
    #[must_use]
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many more there are.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}
