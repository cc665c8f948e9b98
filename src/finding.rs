//! A finding: one thing wrong in a document, the one diagnostic type that every report renders.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::{Location, Span};

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
    /// Whether `check --fix` can mend it.
    pub fixable: bool,
}

/// Another place of the same file that belongs to a finding.
#[derive(Clone, Debug)]
pub struct Related {
    /// The text.
    pub span: Span,
    /// The same, for people.
    pub location: Location,
    /// What it has to do with the finding, in a few words.
    pub label: String,
}

impl Finding {
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
