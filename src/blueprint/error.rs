//! What keeps blueprints from being used.

use std::io;
use std::path::PathBuf;

use super::Blueprints;
use crate::http::Problem;
use crate::io_reason::io_reason;
use crate::nearest::nearest;

/// Blueprints that can't be used, or not for everything.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BlueprintsError {
    /// The file can't be read or written.
    #[error("the blueprints in `{}` can't be used: {}", path.display(), io_reason(source))]
    #[diagnostic(help("{}", file_help(source.kind())))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("`{}` holds no blueprints of Port: {reason}", path.display())]
    #[diagnostic(help("run `pushgate blueprints pull` to write it anew"))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file was fetched too long ago.
    #[error("the blueprints in `{}` are {age} old", path.display())]
    #[diagnostic(help("run `pushgate blueprints pull`"))]
    Old {
        /// The file.
        path: PathBuf,
        /// How old it is, in words.
        age: String,
    },
    /// The list is empty: every entity would be one of an unknown blueprint.
    #[error("Port lists no blueprint")]
    #[diagnostic(help(
        "create a blueprint in Port, or let the credentials see those that are there"
    ))]
    None,
    /// There is no such blueprint.
    #[error("there is no blueprint `{identifier}`")]
    #[diagnostic(help("{}", near(suggestion.as_deref())))]
    Unknown {
        /// What was asked for.
        identifier: String,
        /// The blueprint that was probably meant.
        suggestion: Option<String>,
    },
    /// Port did not give them.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Port(#[from] Problem),
}

impl BlueprintsError {
    /// Whether there is no file at all: nobody has to have pulled one.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::File { source, .. } if is_nowhere(source.kind()))
    }

    /// There is no blueprint of that identifier; perhaps one of a similar name.
    #[must_use]
    pub fn unknown(identifier: &str, blueprints: &Blueprints) -> Self {
        Self::Unknown {
            identifier: identifier.to_owned(),
            suggestion: nearest(identifier, blueprints.identifiers()).map(str::to_owned),
        }
    }
}

fn is_nowhere(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(kind, NotFound | NotADirectory)
}

fn file_help(kind: io::ErrorKind) -> &'static str {
    match is_nowhere(kind) {
        true => {
            "fetch them with `pushgate blueprints pull`, or name their file with `--blueprints`"
        }
        false => "run `pushgate blueprints pull`, and see that this user may use the file",
    }
}

fn near(suggestion: Option<&str>) -> String {
    match suggestion {
        Some(identifier) => format!("did you mean `{identifier}`?"),
        None => "`pushgate blueprints list` shows those that are there".to_owned(),
    }
}
