//! What can be wrong with the configuration, each with its place and its mending.

use std::io;
use std::path::PathBuf;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use super::bitbucket::IncompleteBitbucket;
use crate::bitbucket::BadAddress;
use crate::http::SetupError;
use crate::io_reason::io_reason;

/// The configuration can't be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("cannot read the configuration {}: {}", path.display(), io_reason(source))]
    #[diagnostic(help(
        "the path comes from `--config` or PUSHGATE_CONFIG, else it is /etc/pushgate/config.yaml: correct it, or let this user read the file"
    ))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is there and wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<InvalidConfig>),
    /// A repository's own file says where credentials go.
    #[error(
        "{}: `{key}` can't stand in a repository: whoever pushes there could have your credentials sent elsewhere",
        path.display()
    )]
    #[diagnostic(help(
        "take it out, and set {variable} in the environment, or name a file of your own with `--config`"
    ))]
    NotInRepository {
        /// The repository's file.
        path: PathBuf,
        /// The configuration's key.
        key: &'static str,
        /// What says the same in the environment.
        variable: &'static str,
    },
    /// A repository's own file is a symbolic link: its target may be a file of whoever runs pushgate.
    #[error(
        "{} is a symbolic link, and is not read: it could lead to any file of this machine",
        path.display()
    )]
    #[diagnostic(help(
        "put the file itself in its place, or name another one with `--config` or PUSHGATE_CONFIG"
    ))]
    LinkInRepository {
        /// The repository's file.
        path: PathBuf,
    },
    /// A secret's file can't be read.
    #[error("cannot read `{key}`, {}: {}", path.display(), io_reason(source))]
    #[diagnostic(help("correct the path in the configuration, or let this user read the file"))]
    Secret {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A secret's file has nothing in it.
    #[error("`{key}`: there is nothing in {}", path.display())]
    #[diagnostic(help("write the secret into the file, and nothing else"))]
    EmptySecret {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The connection to Bitbucket is named in part only.
    #[error(transparent)]
    #[diagnostic(transparent)]
    IncompleteBitbucket(IncompleteBitbucket),
    /// The address of Bitbucket is none.
    #[error(transparent)]
    #[diagnostic(transparent)]
    BitbucketAddress(BadAddress),
    /// Proxy or certificates.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Http(SetupError),
    /// No folder for the outbox.
    #[error("no folder for what waits to be delivered")]
    #[diagnostic(help(
        "set PUSHGATE_STATE, or `delivery: {{ state: … }}` in the configuration, to a folder that the git server's user may write"
    ))]
    NoState,
}

/// The place in the configuration that is wrong.
#[derive(Debug, Error, Diagnostic)]
#[error("{path}:{line}:{column}: {message}")]
pub struct InvalidConfig {
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write.
    #[help]
    pub help: Option<String>,
    /// The file's text.
    #[source_code]
    pub text: NamedSource<String>,
    /// Where.
    #[label]
    pub span: SourceSpan,
}
