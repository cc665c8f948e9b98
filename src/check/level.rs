//! How bad the operator wants each rule to be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::document::OperatorKind;
use crate::finding::{RuleId, Severity};

use super::{rules, suggest};

/// What the configuration says of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule says nothing.
    Off,
    /// Its findings are shown and refuse nothing.
    Warning,
    /// Its findings refuse a push.
    Error,
}

/// A level for a rule that is not there or that can't be changed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LevelError {
    /// No rule of this name.
    #[error("there is no rule `{name}`")]
    #[diagnostic(help("{}", near(suggestion.as_deref())))]
    Unknown {
        /// The name.
        name: String,
        /// The rule that was probably meant.
        suggestion: Option<String>,
    },
    /// A rule without which a document would not be known.
    #[error(
        "`{name}` can't be less than an error: a document that can't be read can't be accepted"
    )]
    #[diagnostic(help("remove the line from `rules`"))]
    Fixed {
        /// The rule's name.
        name: String,
    },
    /// The same, to be silenced by a comment.
    #[error("`{name}` can't be ignored: a document that can't be read can't be accepted")]
    #[diagnostic(help("remove it from `ignore.errors`"))]
    NotIgnorable {
        /// The rule's name.
        name: String,
    },
}

fn near(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "`pushgate explain` lists all rules".to_owned(),
        |rule| format!("did you mean `{rule}`?"),
    )
}

/// The severity of every rule, and which errors a comment may silence.
#[derive(Debug, Default)]
pub(super) struct Levels {
    changed: HashMap<String, Level>,
    ignorable: BTreeSet<String>,
    /// The rules of the operator's own kinds.
    own: Vec<String>,
}

impl Levels {
    pub(super) fn new(
        changed: &BTreeMap<String, Level>,
        ignorable: &BTreeSet<String>,
        operator: &[OperatorKind],
    ) -> Result<Self, LevelError> {
        let levels = Self {
            changed: changed
                .iter()
                .map(|(name, &level)| (name.clone(), level))
                .collect(),
            ignorable: ignorable.clone(),
            own: operator
                .iter()
                .map(|kind| rules::schema::rule_name(&kind.name))
                .collect(),
        };
        let named = changed.keys().chain(ignorable);
        if let Some(name) = named.into_iter().find(|name| !levels.knows(name)) {
            return Err(LevelError::Unknown {
                name: name.clone(),
                suggestion: levels.suggestion(name),
            });
        }
        let is_fixed = |name: &str| rules::by_id(name).is_some_and(|rule| rule.fixed);
        for (name, level) in changed {
            if *level != Level::Error && is_fixed(name) {
                return Err(LevelError::Fixed { name: name.clone() });
            }
        }
        match ignorable.iter().find(|name| is_fixed(name)) {
            Some(name) => Err(LevelError::NotIgnorable { name: name.clone() }),
            None => Ok(levels),
        }
    }

    /// Whether there is a rule of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        rules::by_id(name).is_some() || self.own.iter().any(|own| own == name)
    }

    /// The rule that was probably meant.
    pub(super) fn suggestion(&self, name: &str) -> Option<String> {
        let known = rules::all()
            .map(|rule| rule.id)
            .chain(self.own.iter().map(String::as_str));
        suggest::nearest(name, known).map(str::to_owned)
    }

    /// Whether a comment may silence the rule's errors.
    pub(super) fn may_be_ignored(&self, rule: &RuleId) -> bool {
        self.ignorable.contains(rule.as_str())
    }

    /// A rule's severity; none where it is off. The rules of the operator's own kinds are errors.
    pub(super) fn severity(&self, rule: &RuleId) -> Option<Severity> {
        match self.changed.get(rule.as_str()) {
            Some(Level::Off) => None,
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
            None => Some(rules::by_id(rule.as_str()).map_or(Severity::Error, |rule| rule.severity)),
        }
    }
}
