//! Algorithms as a cluster tells of them.

use serde::{Deserialize, Serialize};

use crate::http::{Method, Problem};

use super::call::{Call, Purpose};
use super::client::Client;
use super::new_algorithm::NewAlgorithm;
use super::problem;
use super::reference::AlgorithmRef;

/// An algorithm. Servers leave out what they like (the vendor's documents and its services differ),
/// so that only the id is sure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Told")]
pub struct Algorithm {
    /// What it is named by for good.
    pub id: String,
    /// Its name within its owner's account.
    pub name: Option<String>,
    /// What people see.
    pub label: Option<String>,
    /// The SCM configuration of its source code.
    pub scm: Option<String>,
    /// The repository of its source code.
    pub repository: Option<Repository>,
    /// The environment that it runs in, by its id.
    pub environment: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// `open` or `closed`.
    pub source_visibility: Option<String>,
    /// The commit of the newest version.
    pub commit: Option<String>,
    /// The newest version's number.
    pub version: Option<String>,
}

/// A repository as an algorithm names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// The project.
    pub owner: String,
    /// Its name.
    pub name: String,
}

#[derive(Deserialize)]
struct Told {
    id: String,
    name: Option<String>,
    #[serde(default)]
    details: Details,
    #[serde(default)]
    settings: Settings,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    version_info: Version,
}

#[derive(Default, Deserialize)]
struct Details {
    label: Option<String>,
}

#[derive(Default, Deserialize)]
struct Settings {
    algorithm_environment: Option<String>,
    language: Option<String>,
    source_visibility: Option<String>,
}

#[derive(Default, Deserialize)]
struct Source {
    repository_owner: Option<String>,
    repository_name: Option<String>,
    scm: Option<ScmId>,
}

#[derive(Deserialize)]
struct ScmId {
    id: String,
}

#[derive(Default, Deserialize)]
struct Version {
    git_hash: Option<String>,
    semantic_version: Option<String>,
}

impl From<Told> for Algorithm {
    fn from(told: Told) -> Self {
        let Source {
            repository_owner,
            repository_name,
            scm,
        } = told.source;
        let repository = repository_owner
            .zip(repository_name)
            .map(|(owner, name)| Repository { owner, name });
        Self {
            id: told.id,
            name: told.name,
            label: told.details.label,
            scm: scm.map(|scm| scm.id),
            repository,
            environment: told.settings.algorithm_environment,
            language: told.settings.language,
            source_visibility: told.settings.source_visibility,
            commit: told.version_info.git_hash.filter(|hash| !hash.is_empty()),
            version: told.version_info.semantic_version,
        }
    }
}

impl Client {
    /// An algorithm; none where there is none of the name.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn algorithm(&self, algorithm: &AlgorithmRef) -> Result<Option<Algorithm>, Problem> {
        let path = format!("/algorithms/{}", algorithm.path());
        let call = Call::new(Purpose::ShowAlgorithm, Method::Get, path);
        self.send_for(&call, None)?
            .map(|answer| answer.json().map_err(|_| problem::incomplete("algorithm")))
            .transpose()
    }

    /// Creates an algorithm and, at the host of its source code, a repository for it.
    ///
    /// # Errors
    /// What is in the way, in words; where no answer came it may be there all the same.
    pub fn create_algorithm(&self, new: &NewAlgorithm) -> Result<Algorithm, Problem> {
        self.send(&new.call(), None)?
            .json()
            .map_err(|_| problem::incomplete("algorithm"))
    }
}
