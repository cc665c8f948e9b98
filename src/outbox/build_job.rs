//! A commit to build.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::system::System;
use crate::algorithmia::AlgorithmRef;
use crate::git::CommitId;
use crate::repository::RepositoryName;
use crate::trigger::TriggerName;

/// A commit to build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct BuildJob {
    /// The branch that was pushed, by its short name; none where a person named the commit alone.
    pub branch: Option<String>,
    /// The commit.
    pub commit: CommitId,
    /// Who builds it.
    pub target: BuildTarget,
    /// Whether it is built even where it was built before.
    pub again: bool,
}

/// Who builds a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildTarget {
    /// Algorithmia.
    Algorithmia {
        /// The algorithm.
        algorithm: AlgorithmRef,
        /// The file of the SSH key that Algorithmia clones with; read when the build is triggered.
        ssh_key_file: PathBuf,
    },
    /// The service of a trigger; how it is called stands in the configuration.
    Trigger(TriggerName),
}

impl BuildTarget {
    /// The system.
    #[must_use]
    pub fn system(&self) -> System {
        match self {
            Self::Algorithmia { .. } => System::Algorithmia,
            Self::Trigger(name) => System::Trigger(name.clone()),
        }
    }

    /// What is remembered to have built a commit. An algorithm is one whatever repository it comes
    /// from; a trigger may serve many, and a fork has the same commits.
    #[must_use]
    pub fn remembered(&self, repository: &RepositoryName) -> String {
        match self {
            Self::Algorithmia { algorithm, .. } => algorithm.to_string(),
            Self::Trigger(name) => format!("trigger {name} of {repository}"),
        }
    }
}

impl fmt::Display for BuildJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commit = self.commit.short();
        match &self.target {
            BuildTarget::Algorithmia { algorithm, .. } => {
                write!(f, "build of {algorithm} at {commit} on Algorithmia")
            }
            BuildTarget::Trigger(name) => write!(f, "build of {commit} by {name}"),
        }
    }
}

/// A build as files and rows hold it; the first form knew Algorithmia only.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    commit: CommitId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    algorithm: Option<AlgorithmRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ssh_key_file: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trigger: Option<TriggerName>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    again: bool,
}

impl TryFrom<Stored> for BuildJob {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let target = match (stored.algorithm, stored.ssh_key_file, stored.trigger) {
            (Some(algorithm), Some(ssh_key_file), None) => BuildTarget::Algorithmia {
                algorithm,
                ssh_key_file,
            },
            (None, None, Some(name)) => BuildTarget::Trigger(name),
            _ => return Err("a build has either an algorithm with its key, or a trigger"),
        };
        Ok(Self {
            branch: stored.branch,
            commit: stored.commit,
            target,
            again: stored.again,
        })
    }
}

impl From<BuildJob> for Stored {
    fn from(job: BuildJob) -> Self {
        let (algorithm, ssh_key_file, trigger) = match job.target {
            BuildTarget::Algorithmia {
                algorithm,
                ssh_key_file,
            } => (Some(algorithm), Some(ssh_key_file), None),
            BuildTarget::Trigger(name) => (None, None, Some(name)),
        };
        Self {
            branch: job.branch,
            commit: job.commit,
            algorithm,
            ssh_key_file,
            trigger,
            again: job.again,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_versions_wrote_is_read() {
        let commit = "1111111111111111111111111111111111111111";
        let text = format!(
            r#"{{"branch":"main","commit":"{commit}","algorithm":"acme/hello","ssh_key_file":"/k"}}"#
        );
        let job: BuildJob = serde_json::from_str(&text).unwrap();
        assert_eq!(job.target.system(), System::Algorithmia);
        assert!(!job.again);
        assert_eq!(serde_json::to_string(&job).unwrap(), text);
        let fork = "PRJ/fork".parse().unwrap();
        assert_eq!(job.target.remembered(&fork), "acme/hello");

        let text = format!(r#"{{"commit":"{commit}","trigger":"ci","again":true}}"#);
        let job: BuildJob = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&job).unwrap(), text);
        assert_eq!(job.to_string(), "build of 1111111111 by ci");
        let neither = format!(r#"{{"commit":"{commit}"}}"#);
        assert!(serde_json::from_str::<BuildJob>(&neither).is_err());
    }
}
