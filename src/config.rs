//! The operator's configuration. Every key has a default: without a file the gate checks, and
//! delivers to Port when credentials are in the environment.

mod algorithmia;
mod bitbucket;
mod error;
mod file;
mod mistake;
mod pattern;
mod port;
#[cfg(test)]
mod reference;
mod sense;
mod serve;
mod settings;
mod stamp;
mod triggers;
mod trust;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::algorithmia::AlgorithmRef;
use crate::check::Level;
use crate::repository::RepositoryName;

pub use bitbucket::{Bitbucket, IncompleteBitbucket};
pub use error::{ConfigError, InvalidConfig};
pub use file::{Config, MACHINE as MACHINE_CONFIG, Place};
pub use pattern::{AlgorithmPattern, BranchPattern, RepositoryPattern};
pub use port::{DeliverToPort, HoldDeletions, Port};
pub use serve::{ListenAddress, PublicUrl, Serve, ServeLimits};
pub use settings::OutboxSetupError;
pub use stamp::Stamp;
pub use triggers::{Trigger, Way};

/// What the gate does with a push.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// What findings do, where no branch pattern says otherwise.
    pub enforcement: Enforcement,
    /// Exceptions by branch; the first pattern that matches counts.
    #[serde(deserialize_with = "value::null_is_default")]
    pub branches: Vec<BranchEnforcement>,
    /// What happens to a push that could not be judged in time.
    pub on_deadline: OnDeadline,
    /// How long judging one push may take.
    #[serde(deserialize_with = "value::duration")]
    #[cfg_attr(
        test,
        serde(serialize_with = "reference::duration"),
        schemars(with = "reference::Friendly")
    )]
    pub deadline: Duration,
    /// Who may push what the gate would refuse.
    #[serde(deserialize_with = "value::null_is_default")]
    pub bypass: Bypass,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            enforcement: Enforcement::Enforce,
            branches: Vec::new(),
            on_deadline: OnDeadline::Reject,
            deadline: Duration::from_secs(10),
            bypass: Bypass::default(),
        }
    }
}

impl Gate {
    /// What findings do to an update of `branch`; none for a tag or another kind of ref.
    #[must_use]
    pub fn enforcement_of(&self, branch: Option<&str>) -> Enforcement {
        branch
            .and_then(|branch| self.branches.iter().find(|rule| rule.name.matches(branch)))
            .map_or(self.enforcement, |rule| rule.enforcement)
    }
}

// The strictest first: what a laxer branch holds does not count on a stricter one.
/// What findings of severity error do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum Enforcement {
    /// They refuse the push.
    Enforce,
    /// They are shown, the push is accepted.
    Warn,
    /// Nothing is checked.
    Off,
}

/// The enforcement of the branches that a pattern matches.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BranchEnforcement {
    /// Glob over the branch's short name: `release/*`, `**`.
    #[serde(deserialize_with = "value::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: BranchPattern,
    /// What findings do there.
    pub enforcement: Enforcement,
}

/// What happens when the deadline strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum OnDeadline {
    /// The push is refused.
    Reject,
    /// The push is accepted unchecked, and the pusher is told.
    Allow,
}

/// Who may push what the gate would refuse: named, logged, announced.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Bypass {
    /// User names as the git server has them.
    #[serde(deserialize_with = "value::null_is_default")]
    pub users: Vec<String>,
}

/// What `# pushgate: ignore RULE reason` may do: it always silences a warning.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Ignore {
    /// Rules whose errors it silences too.
    #[serde(deserialize_with = "value::null_is_default")]
    pub errors: BTreeSet<String>,
}

/// Gimlet.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Gimlet {
    /// The folder of pulled charts; in a work tree `.pushgate/charts` where it is there.
    pub charts: Option<PathBuf>,
}

/// Algorithmia.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Algorithmia {
    /// The cluster's API; `ALGORITHMIA_API` has precedence.
    pub api: Option<String>,
    /// A file with an API key; `ALGORITHMIA_API_KEY` has precedence.
    pub api_key_file: Option<PathBuf>,
    /// A file with a JSON web token; `ALGORITHMIA_BEARER_TOKEN` has precedence.
    pub bearer_token_file: Option<PathBuf>,
    /// A file with an API key of an administrator of the cluster; `ALGORITHMIA_ADMIN_API_KEY` has
    /// precedence.
    pub admin_api_key_file: Option<PathBuf>,
    /// A file with an administrator's JSON web token; `ALGORITHMIA_ADMIN_BEARER_TOKEN` has precedence.
    pub admin_bearer_token_file: Option<PathBuf>,
    /// Which pushes are compiled.
    #[serde(deserialize_with = "value::null_is_default")]
    pub builds: Vec<Build>,
    /// Repositories whose `algorithmia.conf` may say which algorithm they are.
    pub from_file: Option<FromFile>,
}

/// Repositories whose `algorithmia.conf` may say which algorithm they are. Who pushes writes that
/// file, so it counts within these limits only.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FromFile {
    /// The repositories.
    #[serde(deserialize_with = "value::texts")]
    #[cfg_attr(test, schemars(with = "reference::OneOrMore"))]
    pub repositories: Vec<RepositoryPattern>,
    /// The algorithms that they may name.
    #[serde(deserialize_with = "value::texts")]
    #[cfg_attr(test, schemars(with = "reference::OneOrMore"))]
    pub algorithms: Vec<AlgorithmPattern>,
    /// The branches; the repository's default branch where none are named.
    #[serde(default, deserialize_with = "value::optional_text")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub branch: Option<BranchPattern>,
    /// The private key with which Algorithmia reads the repositories.
    pub ssh_key_file: PathBuf,
}

/// A branch of a repository whose pushed commits are compiled.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The repository.
    #[serde(deserialize_with = "value::text")]
    pub repository: RepositoryName,
    /// The branch's short name; the repository's default branch where none is named.
    pub branch: Option<String>,
    /// The algorithm: `owner/name`, or its id.
    #[serde(deserialize_with = "value::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub algorithm: AlgorithmRef,
    /// The private key with which Algorithmia reads the repository.
    pub ssh_key_file: PathBuf,
}

/// What happens after a push.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Whether the push waits for its delivery.
    pub after_push: AfterPush,
    /// How long it waits at most.
    #[serde(deserialize_with = "value::duration")]
    #[cfg_attr(
        test,
        serde(serialize_with = "reference::duration"),
        schemars(with = "reference::Friendly")
    )]
    pub wait: Duration,
    /// The folder of the outbox; `PUSHGATE_STATE` has precedence.
    pub state: Option<PathBuf>,
    /// A file with the address of the database that the nodes of a cluster share; `PUSHGATE_STORE`
    /// has precedence.
    pub store_file: Option<PathBuf>,
    /// How many repositories are served at once.
    pub workers: usize,
    /// What becomes of a push whose deliveries could not be written down.
    pub unwritable: Unwritable,
    /// Whose deliveries the store in the state folder knows.
    pub store_scope: StoreScope,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            after_push: AfterPush::Wait,
            wait: Duration::from_secs(3),
            state: None,
            store_file: None,
            workers: 4,
            unwritable: Unwritable::Warn,
            store_scope: StoreScope::Server,
        }
    }
}

/// Whose deliveries the store knows, and so how far it can be relied on to know owners of entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum StoreScope {
    /// All of the git server: one machine, one shared folder, or a database.
    Server,
    /// Those of pushes that came in by this node of a cluster, each of which has a store of its own.
    Node,
}

/// What becomes of a push whose deliveries could not be written down: a full disk, a folder that can
/// only be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum Unwritable {
    /// It is accepted, and the pusher is told that nothing of it is delivered.
    Warn,
    /// It is refused: before it is accepted, the gate proves that they can be written.
    Reject,
}

/// Whether a push waits for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum AfterPush {
    /// It starts a delivering process and waits a little for it.
    Wait,
    /// It starts a delivering process and leaves.
    Detach,
    /// It only writes the jobs: `pushgate deliver` runs by other means.
    None,
}

/// How remote systems are reached.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// A PEM bundle in place of the system's certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// How long one call may take, its answer included; `30s` where nothing is said. Builds have a
    /// time of their own.
    #[serde(deserialize_with = "value::some_duration")]
    #[cfg_attr(test, schemars(with = "Option<reference::Friendly>"))]
    pub timeout: Option<Duration>,
}

/// The rules' levels, by name.
pub type RuleLevels = BTreeMap<String, Level>;

fn absolute(folder: Option<&Path>, path: &mut PathBuf) {
    if let Some(folder) = folder {
        *path = folder.join(&*path);
    }
}
