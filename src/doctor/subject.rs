//! What is examined: this process's configuration and environment, and the repository that was named.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::config::{Config, ConfigError, OutboxSetupError};
use crate::environment::{self, Environment};
use crate::http::{self, Secret, SetupError};
use crate::outbox::Outbox;
use crate::repository::RepositoryName;
use crate::{algorithmia, bitbucket, port};

/// Variables whose values are secrets.
const SECRETS: &[&str] = &[
    environment::PORT_CLIENT_SECRET,
    environment::ALGORITHMIA_API_KEY,
    environment::ALGORITHMIA_BEARER_TOKEN,
    environment::ALGORITHMIA_ADMIN_API_KEY,
    environment::ALGORITHMIA_ADMIN_BEARER_TOKEN,
    environment::STORE,
    environment::WEBHOOK_SECRET,
    environment::BITBUCKET_PASSWORD,
    environment::BITBUCKET_SERVER_TOKEN,
    environment::BITBUCKET_SERVER_CONSUMER_SECRET,
];

/// Shorter values are ordinary words as likely as not.
const SHORTEST_SECRET: usize = 6;

/// What is examined.
#[derive(Debug, Default)]
pub struct Subject {
    /// The configuration's file, where one was named.
    pub named_config: Option<PathBuf>,
    /// The configuration, or what is wrong with it.
    pub config: Configuration,
    /// The environment.
    pub environment: Environment,
    /// The repository to look at closely.
    pub repository: Option<RepositoryName>,
    /// A folder on this node to look at: a bare repository.
    pub folder: Option<PathBuf>,
    /// The binary that hooks run on this node, where another one is meant than this.
    pub binary: Option<PathBuf>,
    /// How long one item may take.
    pub patience: Duration,
}

/// The configuration as it was read.
#[derive(Debug)]
pub enum Configuration {
    /// It can be used.
    Read(Box<Config>),
    /// It can't.
    Wrong(ConfigError),
}

impl Default for Configuration {
    fn default() -> Self {
        Self::Read(Box::default())
    }
}

impl Subject {
    /// The configuration; where it can't be used, the defaults: items that need more name
    /// `configuration.file` among their needs.
    pub(super) fn config(&self) -> std::borrow::Cow<'_, Config> {
        match &self.config {
            Configuration::Read(config) => std::borrow::Cow::Borrowed(config),
            Configuration::Wrong(_) => std::borrow::Cow::Owned(Config::default()),
        }
    }

    /// A client for any remote system.
    pub(super) fn http(&self) -> Result<http::Client, SetupError> {
        http::Client::new(self.config().http_settings()?)
    }

    /// A client of the Bitbucket Server that is set up, good for one item.
    pub(super) fn bitbucket(&self) -> Result<Option<bitbucket::Client>, ConfigError> {
        let client = self.config().bitbucket(&self.environment)?;
        Ok(client.map(|client| client.until(Some(Instant::now() + self.patience))))
    }

    /// The folder that holds state, and the store.
    pub(super) fn outbox(&self) -> Result<Outbox, OutboxSetupError> {
        self.config().outbox(&self.environment)
    }

    /// What can be asked of the servers that are set up without credentials, by their names.
    pub(super) fn servers(&self) -> Vec<(&'static str, String)> {
        let config = self.config();
        let port = config.port_settings(&self.environment).ok().flatten();
        let port = port.and_then(|settings| port::base_url(&settings.api_url).ok());
        let port = port.map(|base| format!("{base}/blueprints"));
        let algorithmia = config
            .algorithmia_settings(&self.environment)
            .ok()
            .flatten();
        let algorithmia = algorithmia.and_then(|it| algorithmia::base_url(&it.api).ok());
        let algorithmia = algorithmia.map(|base| format!("{base}/scms"));
        let bitbucket = config.bitbucket(&self.environment).ok().flatten();
        let bitbucket = bitbucket.map(|client| {
            format!(
                "{}/rest/api/latest/application-properties",
                client.address()
            )
        });
        [
            ("Bitbucket", bitbucket),
            ("Port", port),
            ("Algorithmia", algorithmia),
        ]
        .into_iter()
        .filter_map(|(name, address)| Some((name, address?)))
        .collect()
    }

    /// The text without any secret of the environment: servers quote what they were sent.
    pub(super) fn hide_secrets(&self, text: &str) -> String {
        let key = self
            .environment
            .get(environment::BITBUCKET_SERVER_PRIVATE_KEY);
        SECRETS
            .iter()
            .filter_map(|name| self.environment.get(name))
            // A path is none.
            .chain(key.filter(|key| key.contains("-----BEGIN")))
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .fold(text.to_owned(), |text, value| {
                Secret::new(value).hide_in(&text)
            })
    }
}
