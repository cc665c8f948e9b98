//! What a document is.

use std::fmt;
use std::sync::Arc;

/// What a document is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `port.yaml`: the entities of a repository.
    Port,
    /// `.gimlet.yaml` and the files of `.gimlet/`: what is deployed where.
    Gimlet,
    /// `bitbucket-pipelines.yml`: what Bitbucket Pipelines builds, tests and deploys.
    Pipelines,
    /// `algorithmia.conf`: the algorithm that a repository holds.
    Algorithmia,
    /// One of the operator's own, by its name.
    Operator(Arc<str>),
}

impl Kind {
    /// The name that people write: `port`, `gimlet`, `pipelines`, `algorithmia` or the operator's.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Port => "port",
            Self::Gimlet => "gimlet",
            Self::Pipelines => "pipelines",
            Self::Algorithmia => "algorithmia",
            Self::Operator(name) => name,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
