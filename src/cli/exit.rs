//! Exit codes, and the errors that lead to them.

use std::fmt;
use std::process::ExitCode;

use miette::Diagnostic;

use crate::http::{Outcome, Problem};

/// How a command ended. Scripts depend on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Fine.
    Fine = 0,
    /// Findings of severity error; a refused push.
    Findings = 1,
    /// Wrong use or configuration.
    Usage = 2,
    /// Something outside failed, or an internal error.
    Failure = 3,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// An error that ends a command: what to say, and the exit code.
#[derive(Debug)]
pub struct CommandError {
    status: ExitStatus,
    diagnostic: Box<dyn Diagnostic + Send + Sync>,
}

impl CommandError {
    /// Wrong use or configuration.
    pub fn usage(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            status: ExitStatus::Usage,
            diagnostic: Box::new(error),
        }
    }

    /// Something outside failed, or an internal error.
    pub fn failure(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            status: ExitStatus::Failure,
            diagnostic: Box::new(error),
        }
    }

    /// Something outside that failed in a command whose second run does nothing twice.
    #[must_use]
    pub fn repeatable(problem: Problem) -> Self {
        let help = match (&problem.help, problem.outcome) {
            (None, Outcome::Retry { .. }) => {
                Some("run the command again: what is done already is not done twice".to_owned())
            }
            _ => problem.help,
        };
        Self::failure(Problem { help, ..problem })
    }

    /// A step that can't fail did.
    #[must_use]
    pub fn internal(step: &'static str) -> Self {
        Self::failure(Internal { step })
    }

    /// The exit code.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        self.status
    }

    /// What to say.
    #[must_use]
    pub fn diagnostic(&self) -> &dyn Diagnostic {
        &*self.diagnostic
    }
}

/// A defect of pushgate.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("internal error while {step}")]
#[diagnostic(help("please report it with the output of `pushgate --version` and the command"))]
struct Internal {
    step: &'static str,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl From<crate::git::ReadError> for CommandError {
    fn from(error: crate::git::ReadError) -> Self {
        Self::failure(error)
    }
}

impl From<crate::origin::OriginError> for CommandError {
    fn from(error: crate::origin::OriginError) -> Self {
        Self::failure(error)
    }
}

impl From<crate::config::ConfigError> for CommandError {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::usage(error)
    }
}
