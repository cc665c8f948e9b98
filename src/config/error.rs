//! What can be wrong with the configuration, each with its place and its mending.

use std::io;
use std::path::PathBuf;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// The configuration can't be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    #[diagnostic(help(
        "the file is named by `--config` or PUSHGATE_CONFIG, else it is /etc/pushgate/config.yaml; check that it is there and readable for this user"
    ))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is there and wrong.
    #[error("{path}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
        /// What to write.
        #[help]
        help: Option<String>,
        /// The file's text.
        #[source_code]
        text: NamedSource<String>,
        /// Where.
        #[label]
        span: SourceSpan,
    },
    /// A secret's file can't be read.
    #[error("cannot read `{key}`, {}: {source}", path.display())]
    #[diagnostic(help("check the path in the configuration and that this user may read the file"))]
    Secret {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No folder for the outbox.
    #[error("no folder for what waits to be delivered")]
    #[diagnostic(help(
        "set PUSHGATE_STATE, or `delivery: {{ state: … }}` in the configuration, to a folder that the git server's user may write"
    ))]
    NoState,
}
