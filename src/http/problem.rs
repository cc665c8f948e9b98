//! What a remote system says is wrong, in words, with what to do about it.

use std::fmt;

use super::failure::{Failure, Unreached};
use super::outcome::Outcome;

/// Something wrong, in words. Secrets are not in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What it means for what was asked.
    pub outcome: Outcome,
    /// The system's own code, such as `blueprint_schema_mismatch`.
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What the system's people find the call by, where it tells.
    pub trace_id: Option<String>,
    /// Whether the system can't be reached at all, so that nothing else needs to be tried now.
    pub unreachable: bool,
}

impl Problem {
    /// A request that brought no answer; `hide` takes secrets out of a server's text.
    #[must_use]
    pub fn of_failure(failure: Failure, hide: impl Fn(&str) -> String) -> Self {
        let failure = failure.hiding(hide);
        Self {
            outcome: failure.outcome(),
            code: None,
            message: failure.to_string(),
            help: failure.advice(),
            trace_id: None,
            // Who has no time left to ask can't tell.
            unreachable: matches!(failure, Failure::NotSent { reason, .. }
                if reason != Unreached::Deadline),
        }
    }

    /// Something that will never be done as it is.
    #[must_use]
    pub fn refused(message: impl Into<String>, help: Option<String>) -> Self {
        Self {
            outcome: Outcome::Refused,
            code: None,
            message: message.into(),
            help,
            trace_id: None,
            unreachable: false,
        }
    }
}

impl miette::Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}
