//! What keeps a chart from being read.

use std::io;
use std::path::PathBuf;

use crate::http::Failure;
use crate::io_reason::io_reason;

/// A chart that can't be had.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ChartError {
    /// The chart does not come from a Helm repository.
    #[error("the chart `{name}` does not lie in a Helm repository")]
    #[diagnostic(help(
        "only charts that an `index.yaml` lists can be pulled: give `--helm-repository`, `--name` and `--version`"
    ))]
    Elsewhere {
        /// What it is called.
        name: String,
    },
    /// A version that can't be read.
    #[error("`{version}` is no version of a chart")]
    #[diagnostic(help("write it as `1.2.3`, or as a range such as `^1.2.0`"))]
    Version {
        /// The text.
        version: String,
    },
    /// The repository can't be reached.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unreachable(#[from] Failure),
    /// The repository answers with something else than a file.
    #[error("`{url}` {}: the answer is {status}", told(*status).0)]
    #[diagnostic(help("{}", told(*status).1))]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The index is no index.
    #[error("`{url}` is no index of a Helm repository: {reason}")]
    #[diagnostic(help(
        "check the repository's address: `index.yaml` is looked for right below it"
    ))]
    Index {
        /// The address.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The repository has no such chart.
    #[error("{repository} has no chart named `{name}`")]
    #[diagnostic(help("{}", near(suggestion.as_deref())))]
    NoSuchChart {
        /// The repository.
        repository: String,
        /// The name.
        name: String,
        /// A chart of the repository with a similar name.
        suggestion: Option<String>,
    },
    /// The chart has no such version.
    #[error("the chart `{name}` of {repository} has no {wanted}")]
    #[diagnostic(help("the newest is {newest}"))]
    NoSuchVersion {
        /// The repository.
        repository: String,
        /// The chart.
        name: String,
        /// The version that was asked for.
        wanted: String,
        /// The newest one there.
        newest: String,
    },
    /// The archive is another one than the index says.
    #[error("`{url}` is not the archive that the index lists: its SHA-256 is another one")]
    #[diagnostic(help(
        "pull again; if it stays so, ask whoever runs the repository, and do not use the chart"
    ))]
    Digest {
        /// The archive's address.
        url: String,
    },
    /// The archive can't be read.
    #[error("the archive of the chart `{name}` can't be read: {reason}")]
    #[diagnostic(help("pull again, or ask whoever publishes the chart"))]
    Archive {
        /// The chart.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of the folder of charts can't be read or written.
    #[error("`{}` can't be used: {}", path.display(), io_reason(source))]
    #[diagnostic(help("see that the folder is there and that this user may use it"))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of the folder of charts holds something else.
    #[error("`{}` is no chart that this pushgate has pulled: {reason}", path.display())]
    #[diagnostic(help("delete it and run `pushgate charts pull`"))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// What a status says of a file, and what to do about it.
fn told(status: u16) -> (&'static str, &'static str) {
    match status {
        401 | 403 | 407 => (
            "is refused to pushgate",
            "charts are fetched without credentials: have whoever runs the repository let this machine read it",
        ),
        429 | 500.. => (
            "can't be fetched now",
            "pull again; if it stays so, ask whoever runs the repository",
        ),
        _ => (
            "is not there",
            "open the address in a browser; a Helm repository has an `index.yaml` below its address",
        ),
    }
}

fn near(suggestion: Option<&str>) -> String {
    match suggestion {
        Some(name) => format!("did you mean `{name}`?"),
        None => "its `index.yaml` lists the charts that it has".to_owned(),
    }
}
