//! A finding: one thing wrong in a document, the one diagnostic type that every report renders.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::{Location, Source, Span};

/// How bad a finding is: an error refuses the push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Shown, never in the way.
    Warning,
    /// Refuses a push, fails a check.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A rule's name, `family/rule`, such as `port/missing-title`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(Cow<'static, str>);

impl RuleId {
    /// A rule that is built in.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A rule of one of the operator's own kinds.
    #[must_use]
    pub fn named(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing wrong in a document.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: RuleId,
    /// How bad it is.
    pub severity: Severity,
    /// The document's path, with `/` between its parts.
    pub path: Arc<str>,
    /// Number of the YAML document in the file, from 1.
    pub document: usize,
    /// The text to change.
    pub span: Span,
    /// The same, for people.
    pub location: Location,
    /// JSON pointer of the value it is about; empty for the root.
    pub pointer: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// A few words beside the marked text.
    pub label: Option<String>,
    /// The change that mends it.
    pub help: Option<String>,
    /// Other places that belong to it, such as the first of two equal keys.
    pub related: Vec<Related>,
    /// The change of the text that `check --fix` makes; none where a person has to decide.
    pub fix: Option<Fix>,
}

/// Another place that belongs to a finding, in the same file or in another one.
#[derive(Clone, Debug)]
pub struct Related {
    /// The file, with `/` between its parts.
    pub path: Arc<str>,
    /// The text.
    pub span: Span,
    /// The same, for people.
    pub location: Location,
    /// What it has to do with the finding, in a few words.
    pub label: String,
    /// The text of the file, where it is not the finding's own.
    pub source: Option<Arc<Source>>,
}

/// A change of a document's text that mends one finding and leaves every other byte as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// Replacements that don't overlap, in the order of the text.
    pub edits: Vec<Edit>,
    /// Whether the byte order mark in front of the text goes, which no span can name.
    pub drops_byte_order_mark: bool,
}

/// One replaced piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced, in the document's [`crate::document::Source`]; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Fix {
    /// Another text in one place.
    #[must_use]
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self::edits(vec![Edit {
            span,
            text: text.into(),
        }])
    }

    /// Several changes that belong together, in any order; they don't overlap.
    #[must_use]
    pub fn edits(mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.span);
        Self {
            edits,
            drops_byte_order_mark: false,
        }
    }

    /// The text as it is, without the byte order mark in front of it.
    #[must_use]
    pub fn without_byte_order_mark() -> Self {
        Self {
            edits: Vec::new(),
            drops_byte_order_mark: true,
        }
    }
}

impl Finding {
    /// Whether another place lies in the finding's own file.
    #[must_use]
    pub fn is_here(&self, related: &Related) -> bool {
        related.path == self.path
    }

    /// The order in which findings of one file are shown.
    #[must_use]
    pub fn order(&self) -> (usize, usize, &str, &str) {
        (
            self.span.start,
            self.span.end,
            self.rule.as_str(),
            &self.message,
        )
    }
}
