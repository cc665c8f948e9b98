//! How bad the operator wants each rule to be.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::document::OperatorKind;
use crate::finding::{RuleId, Severity};

use super::{rules, suggest};

/// What the configuration says of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

fn near(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "`pushgate explain` lists all rules".to_owned(),
        |rule| format!("did you mean `{rule}`?"),
    )
}

/// The severity of every rule.
#[derive(Debug, Default)]
pub(super) struct Levels {
    changed: HashMap<String, Level>,
}

impl Levels {
    pub(super) fn new(
        changed: &BTreeMap<String, Level>,
        operator: &[OperatorKind],
    ) -> Result<Self, LevelError> {
        let own: Vec<String> = operator
            .iter()
            .map(|kind| rules::schema::rule_name(&kind.name))
            .collect();
        for (name, level) in changed {
            if own.contains(name) {
                continue;
            }
            let Some(rule) = rules::by_id(name) else {
                let known = rules::all()
                    .map(|rule| rule.id)
                    .chain(own.iter().map(String::as_str));
                return Err(LevelError::Unknown {
                    name: name.clone(),
                    suggestion: suggest::nearest(name, known).map(str::to_owned),
                });
            };
            if rule.fixed && *level != Level::Error {
                return Err(LevelError::Fixed { name: name.clone() });
            }
        }
        let changed = changed
            .iter()
            .map(|(name, &level)| (name.clone(), level))
            .collect();
        Ok(Self { changed })
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
