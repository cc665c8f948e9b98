//! Every environment variable that pushgate reads, in one place.
//!
//! Git's own variables (`GIT_DIR`, the quarantine) are read in [`crate::git`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The configuration's file.
pub const CONFIG: &str = "PUSHGATE_CONFIG";
/// The folder of the outbox.
pub const STATE: &str = "PUSHGATE_STATE";
/// The database that the nodes of a cluster share, `postgres://…`.
pub const STORE: &str = "PUSHGATE_STORE";
/// The repository's name, `PROJECT/slug`.
pub const REPOSITORY: &str = "PUSHGATE_REPOSITORY";
/// Port's client id.
pub const PORT_CLIENT_ID: &str = "PORT_CLIENT_ID";
/// Port's client secret.
pub const PORT_CLIENT_SECRET: &str = "PORT_CLIENT_SECRET";
/// Port's address, with or without `/v1`.
pub const PORT_API_URL: &str = "PORT_API_URL";
/// Algorithmia's address.
pub const ALGORITHMIA_API: &str = "ALGORITHMIA_API";
/// An API key of Algorithmia.
pub const ALGORITHMIA_API_KEY: &str = "ALGORITHMIA_API_KEY";
/// A JSON web token for Algorithmia.
pub const ALGORITHMIA_BEARER_TOKEN: &str = "ALGORITHMIA_BEARER_TOKEN";
/// An API key of an administrator of the Algorithmia cluster.
pub const ALGORITHMIA_ADMIN_API_KEY: &str = "ALGORITHMIA_ADMIN_API_KEY";
/// A JSON web token of an administrator of the Algorithmia cluster.
pub const ALGORITHMIA_ADMIN_BEARER_TOKEN: &str = "ALGORITHMIA_ADMIN_BEARER_TOKEN";
/// The Bitbucket account that may create repositories in a project: its name.
pub const BB_PROJECT_OWNER_USERNAME: &str = "BB_PROJECT_OWNER_USERNAME";
/// The Bitbucket account that may create repositories in a project: its password.
pub const BB_PROJECT_OWNER_PASSWORD: &str = "BB_PROJECT_OWNER_PASSWORD";
/// The Bitbucket account that may create repositories in a project: a token in place of both.
pub const BB_PROJECT_OWNER_TOKEN: &str = "BB_PROJECT_OWNER_TOKEN";
/// Bitbucket Cloud: its API, where it is not the public one.
pub const BITBUCKET_CLOUD_API: &str = "BITBUCKET_CLOUD_API";
/// Bitbucket Cloud: an access token of the workspace or the repository.
pub const BITBUCKET_CLOUD_TOKEN: &str = "BITBUCKET_CLOUD_TOKEN";
/// Bitbucket Cloud: the user, or e-mail address, that a password is of.
pub const BITBUCKET_CLOUD_USERNAME: &str = "BITBUCKET_CLOUD_USERNAME";
/// Bitbucket Cloud: an API token or app password of that user.
pub const BITBUCKET_CLOUD_PASSWORD: &str = "BITBUCKET_CLOUD_PASSWORD";
/// Bitbucket Pipelines: the token of a step with `oidc: true`.
pub const BITBUCKET_STEP_OIDC_TOKEN: &str = "BITBUCKET_STEP_OIDC_TOKEN";
/// DuploCloud: the portal's address.
pub const DUPLO_HOST: &str = "DUPLO_HOST";
/// DuploCloud: the token of a service user.
pub const DUPLO_TOKEN: &str = "DUPLO_TOKEN";
/// The secret that Bitbucket signs webhooks with.
pub const WEBHOOK_SECRET: &str = "WEBHOOK_SECRET";
/// Bitbucket: the project's key.
pub const BB_PROJECT_KEY: &str = "BB_PROJECT_KEY";
/// Bitbucket: the repository's slug.
pub const BB_REPO_SLUG: &str = "BB_REPO_SLUG";
/// Bitbucket: who pushes.
pub const BB_USER_NAME: &str = "BB_USER_NAME";
/// Bitbucket: `true` where nothing is pushed, only asked whether it could be.
pub const BB_IS_DRY_RUN: &str = "BB_IS_DRY_RUN";
/// Bitbucket: what made it call the hook.
pub const BB_HOOK_TRIGGER_ID: &str = "BB_HOOK_TRIGGER_ID";
/// Bitbucket: the projects to look at, keys with commas between them.
pub const BITBUCKET_PROJECTS_FILTER: &str = "BITBUCKET_PROJECTS_FILTER";
/// Bitbucket Server's address, as Port's script names it.
pub const BITBUCKET_HOST: &str = "BITBUCKET_HOST";
/// A user of Bitbucket Server, as Port's script names it.
pub const BITBUCKET_USERNAME: &str = "BITBUCKET_USERNAME";
/// The user's password or token, as Port's script names it.
pub const BITBUCKET_PASSWORD: &str = "BITBUCKET_PASSWORD";
/// Bitbucket Server's address, as Gimlet names it.
pub const BITBUCKET_SERVER_ADDRESS: &str = "BITBUCKET_SERVER_ADDRESS";
/// A user of Bitbucket Server, as Gimlet names it.
pub const BITBUCKET_SERVER_USER: &str = "BITBUCKET_SERVER_USER";
/// An HTTP access token of Bitbucket Server, as Gimlet names it.
pub const BITBUCKET_SERVER_TOKEN: &str = "BITBUCKET_SERVER_TOKEN";
/// `true`: the certificate of Bitbucket Server is not looked at.
pub const BITBUCKET_SERVER_SKIP_VERIFY: &str = "BITBUCKET_SERVER_SKIP_VERIFY";
/// CI: the commit that is built.
pub const BITBUCKET_COMMIT: &str = "BITBUCKET_COMMIT";
/// Jenkins: the commit that is built.
pub const GIT_COMMIT: &str = "GIT_COMMIT";
/// Jenkins: where the repository was cloned from.
pub const GIT_URL: &str = "GIT_URL";
/// Jenkins: where people read about the build.
pub const BUILD_URL: &str = "BUILD_URL";
/// Gimlet: its own address.
pub const HOST: &str = "HOST";
/// Gimlet: the consumer key of the application link.
pub const BITBUCKET_SERVER_CONSUMER_KEY: &str = "BITBUCKET_SERVER_CONSUMER_KEY";
/// Gimlet: the shared secret of the application link.
pub const BITBUCKET_SERVER_CONSUMER_SECRET: &str = "BITBUCKET_SERVER_CONSUMER_SECRET";
/// Gimlet: the private key of the application link, its file or its text.
pub const BITBUCKET_SERVER_PRIVATE_KEY: &str = "BITBUCKET_SERVER_PRIVATE_KEY";
/// Git over HTTP: who pushes.
pub const REMOTE_USER: &str = "REMOTE_USER";
/// Set to anything: no colours (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
/// Set to anything but 0: colours, wherever the output goes.
pub const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// The kind of terminal; `dumb` is one without colours.
pub const TERM: &str = "TERM";
/// The user's home folder.
pub const HOME: &str = "HOME";
/// The user's folder for state (XDG base directories).
pub const XDG_STATE_HOME: &str = "XDG_STATE_HOME";

/// The variables of a process. Values are untrusted: any may be missing or odd.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    texts: BTreeMap<String, String>,
    /// Values that are no UTF-8, as paths need not be.
    others: BTreeMap<String, OsString>,
}

impl Environment {
    /// The variables of this process. A value that is no UTF-8 counts only where it is a path.
    #[must_use]
    pub fn of_process() -> Self {
        let mut environment = Self::default();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => drop(environment.texts.insert(name, value)),
                Err(value) => drop(environment.others.insert(name, value)),
            }
        }
        environment
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All of them that are text, also the empty ones.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A variable that names a file or folder.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let other = || self.others.get(name).map(PathBuf::from);
        self.get(name).map(PathBuf::from).or_else(other)
    }

    /// Whether a variable says yes.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Who pushes, as the git server has the name.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.get(BB_USER_NAME).or_else(|| self.get(REMOTE_USER))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self {
            texts: variables.into_iter().collect(),
            others: BTreeMap::new(),
        }
    }
}
