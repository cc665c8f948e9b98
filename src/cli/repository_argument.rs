//! `--repository`: a name everywhere but in `pipelines trust-policy`, which wants ids.
//!
//! The option is global, and clap hands a global option's values to all levels of the command line: they
//! need one type, whoever parses them.

use super::parsed::parsed;
use crate::pipelines::RepositoryId;
use crate::repository::RepositoryName;

/// What `--repository` names.
#[derive(Clone, Debug)]
pub(super) enum RepositoryArgument {
    /// A repository on a Bitbucket Server, or any git server.
    Name(RepositoryName),
    /// A repository of Bitbucket Cloud.
    Id(RepositoryId),
}

impl RepositoryArgument {
    pub(super) fn name(text: &str) -> Result<Self, String> {
        parsed(text).map(Self::Name)
    }

    pub(super) fn id(text: &str) -> Result<Self, String> {
        parsed(text).map(Self::Id)
    }

    /// The name, where it is one.
    pub(super) fn into_name(self) -> Option<RepositoryName> {
        match self {
            Self::Name(name) => Some(name),
            Self::Id(_) => None,
        }
    }
}
