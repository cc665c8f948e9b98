//! The configuration and the environment together: what the parts of pushgate are set up with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError, DeliverToPort, Place, RuleLevels, StoreScope};
use crate::blueprint::{BlueprintFile, WhenOld};
use crate::catalog::EntityKey;
use crate::chart::ChartFolder;
use crate::check::{self, Checker, CheckerError, Level};
use crate::document::{Kinds, KindsError, Limits};
use crate::environment::{self, Environment};
use crate::http::{self, Proxies, Secret};
use crate::outbox::{Outbox, OutboxError, PostgresAddress, Store, StoreAddress};
use crate::port;
use crate::repository::RepositoryName;

/// What keeps the outbox from being opened.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum OutboxSetupError {
    /// The configuration.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// The outbox itself.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Outbox(#[from] OutboxError),
}
/// The blueprints that a repository keeps for its developers.
const BLUEPRINTS: &str = ".pushgate/blueprints.json";

/// The machine's folder for state, where an operator has made it.
const MACHINE_STATE: &str = "/var/lib/pushgate";

impl Config {
    /// The kinds of documents, with the operator's own.
    ///
    /// # Errors
    /// A glob or a name that can't be.
    pub fn kinds(&self) -> Result<Kinds, KindsError> {
        Kinds::new(&self.port.files, &self.kinds)
    }

    /// The checker with the operator's kinds and levels, and without blueprints.
    ///
    /// # Errors
    /// A glob, a rule's name or a level that can't be.
    pub fn checker(&self) -> Result<Checker, CheckerError> {
        self.checker_with(None)
    }

    /// The same, with blueprints.
    ///
    /// # Errors
    /// A glob, a rule's name or a level that can't be.
    pub fn checker_with(&self, blueprints: Option<BlueprintFile>) -> Result<Checker, CheckerError> {
        Checker::new(check::Settings {
            kinds: self.kinds()?,
            operator: self.kinds.clone(),
            levels: self.levels(),
            ignorable: self.ignore.errors.clone(),
            limits: Limits::default(),
            charts: self.gimlet.charts.clone().map(ChartFolder::new),
            blueprints,
        })
    }

    /// The rules' levels. What one node knows of owners is no reason to refuse: another node may know
    /// that they have changed.
    fn levels(&self) -> RuleLevels {
        let mut levels = self.rules.clone();
        if self.delivery.store_scope == StoreScope::Node {
            levels
                .entry("port/owned-elsewhere".to_owned())
                .or_insert(Level::Warning);
        }
        levels
    }

    /// The file of Port's blueprints, with the age that it may have; none where no folder for it can
    /// be told. On a server old blueprints refuse nothing.
    #[must_use]
    pub fn blueprints(&self, place: Place<'_>, environment: &Environment) -> Option<BlueprintFile> {
        let when_old = match place {
            Place::Server => WhenOld::Unused,
            Place::WorkTree(_) => WhenOld::Doubted,
        };
        let path = match (&self.port.blueprints, place) {
            (Some(path), _) => path.clone(),
            (None, Place::WorkTree(root)) => root.join(BLUEPRINTS),
            (None, Place::Server) => self.state_folder(environment).ok()?.join("blueprints.json"),
        };
        Some(BlueprintFile::new(path).good_for(self.port.blueprints_max_age, when_old))
    }

    /// The folder of the outbox: `PUSHGATE_STATE`, the configuration's, the machine's where it is
    /// there, else the user's own.
    ///
    /// # Errors
    /// Where none of them can be told.
    pub fn state_folder(&self, environment: &Environment) -> Result<PathBuf, ConfigError> {
        environment
            .path(environment::STATE)
            .or_else(|| self.delivery.state.clone())
            .or_else(|| {
                let machine = Path::new(MACHINE_STATE);
                machine.is_dir().then(|| machine.to_owned())
            })
            .or_else(|| {
                let state = environment.path(environment::XDG_STATE_HOME);
                let home = environment.path(environment::HOME);
                state
                    .or_else(|| home.map(|home| home.join(".local/state")))
                    .map(|folder| folder.join("pushgate"))
            })
            .map(|folder| std::path::absolute(&folder).unwrap_or(folder))
            .ok_or(ConfigError::NoState)
    }

    /// The outbox: its folder, and the store that `PUSHGATE_STORE` or `delivery.store_file` names.
    ///
    /// # Errors
    /// A folder that can't be told or made, an address that leads to no database.
    pub fn outbox(&self, environment: &Environment) -> Result<Outbox, OutboxSetupError> {
        let state = self.state_folder(environment)?;
        let store = self.store_address(&state, environment)?;
        Ok(Outbox::open(&state, store)?)
    }

    /// Where the store is: in the database that is named, else in the state folder.
    fn store_address(
        &self,
        state: &Path,
        environment: &Environment,
    ) -> Result<StoreAddress, OutboxSetupError> {
        let url = match environment.get(environment::STORE) {
            Some(url) => Some(url.to_owned()),
            None => read("delivery.store_file", self.delivery.store_file.as_deref())?,
        };
        Ok(match url {
            None => StoreAddress::Folder(state.to_owned()),
            Some(url) => {
                let address = PostgresAddress::parse(&url)?.trusting(self.http.ca_file.as_deref());
                StoreAddress::Postgres(Box::new(address))
            }
        })
    }

    /// The entities of which the configuration says whose they are.
    #[must_use]
    pub fn owners(&self) -> BTreeMap<EntityKey, RepositoryName> {
        let owners = self.port.owners.iter();
        owners
            .filter_map(|(entity, owner)| {
                let (blueprint, identifier) = entity.split_once('/')?;
                let key = EntityKey {
                    blueprint: blueprint.to_owned(),
                    identifier: identifier.to_owned(),
                };
                Some((key, owner.clone()))
            })
            .collect()
    }

    /// What other repositories have delivered, for who only looks; none where nothing was.
    #[must_use]
    pub fn delivered_elsewhere(&self, environment: &Environment) -> Option<Store> {
        let state = self.state_folder(environment).ok()?;
        let address = self.store_address(&state, environment).ok()?;
        Store::look(&address)
    }

    /// Whether a push's entities are put into the outbox.
    #[must_use]
    pub fn delivers_to_port(&self, environment: &Environment) -> bool {
        match self.port.deliver {
            DeliverToPort::Always => true,
            DeliverToPort::Never => false,
            DeliverToPort::Auto => {
                let has_id = environment.get(environment::PORT_CLIENT_ID).is_some()
                    || self.port.client_id.is_some()
                    || self.port.client_id_file.is_some();
                let has_secret = environment.get(environment::PORT_CLIENT_SECRET).is_some()
                    || self.port.client_secret_file.is_some();
                has_id && has_secret
            }
        }
    }

    /// How Port is reached; none without credentials.
    ///
    /// # Errors
    /// A file with a secret that can't be read.
    pub fn port_settings(
        &self,
        environment: &Environment,
    ) -> Result<Option<port::Settings>, ConfigError> {
        let port = &self.port;
        let id = match environment
            .get(environment::PORT_CLIENT_ID)
            .or(port.client_id.as_deref())
        {
            Some(id) => Some(id.to_owned()),
            None => read("port.client_id_file", port.client_id_file.as_deref())?,
        };
        let secret = match environment.get(environment::PORT_CLIENT_SECRET) {
            Some(secret) => Some(secret.to_owned()),
            None => read(
                "port.client_secret_file",
                port.client_secret_file.as_deref(),
            )?,
        };
        let Some((client_id, client_secret)) = id.zip(secret) else {
            return Ok(None);
        };
        let api_url = environment
            .get(environment::PORT_API_URL)
            .or(port.api_url.as_deref());
        Ok(Some(port::Settings {
            api_url: api_url.unwrap_or_default().to_owned(),
            client_id,
            client_secret: Secret::new(client_secret),
            state: Some(self.state_folder(environment)?),
            create_missing_related_entities: port.create_missing_related_entities,
            delete_dependents: port.delete_dependents,
        }))
    }

    /// The secret that Bitbucket signs webhooks with; none where it is not configured, or empty.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn webhook_secret(&self, environment: &Environment) -> Result<Option<Secret>, ConfigError> {
        let secret = match environment.get(environment::WEBHOOK_SECRET) {
            Some(secret) => Some(secret.to_owned()),
            None => text_of("serve.secret_file", self.serve.secret_file.as_deref())?,
        };
        Ok(secret.map(Secret::new).filter(|secret| !secret.is_empty()))
    }

    /// The token that people log in with; none where it is not configured, or empty.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn page_token(&self) -> Result<Option<Secret>, ConfigError> {
        let token = text_of("serve.token_file", self.serve.token_file.as_deref())?;
        Ok(token.map(Secret::new).filter(|token| !token.is_empty()))
    }

    /// How any remote system is reached.
    ///
    /// # Errors
    /// A proxy variable that names no proxy.
    pub fn http_settings(&self) -> Result<http::Settings, http::SetupError> {
        let defaults = http::Settings::default();
        Ok(http::Settings {
            ca_file: self.http.ca_file.clone(),
            timeout: self.http.timeout.unwrap_or(defaults.timeout),
            proxies: Proxies::from_environment()?,
            ..defaults
        })
    }

    /// The client of remote systems whose settings these are.
    ///
    /// # Errors
    /// A proxy variable that names no proxy, a CA file that is of no use.
    pub fn http_client(&self) -> Result<http::Client, http::SetupError> {
        http::Client::new(self.http_settings()?)
    }
}

/// A secret's file, without blanks and line breaks around it. One with nothing in it is half written,
/// or was never filled in.
pub(super) fn read(key: &'static str, path: Option<&Path>) -> Result<Option<String>, ConfigError> {
    match (path, text_of(key, path)?) {
        (Some(path), Some(text)) if text.is_empty() => Err(ConfigError::EmptySecret {
            key,
            path: path.to_owned(),
        }),
        (_, text) => Ok(text),
    }
}

/// The same, of a file that may be empty.
fn text_of(key: &'static str, path: Option<&Path>) -> Result<Option<String>, ConfigError> {
    path.map(|path| {
        fs::read_to_string(path)
            .map(|text| text.trim().to_owned())
            .map_err(|source| ConfigError::Secret {
                key,
                path: path.to_owned(),
                source,
            })
    })
    .transpose()
}
