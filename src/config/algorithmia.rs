//! How Algorithmia is reached, and as whom.

use std::path::Path;

use super::settings::read;
use super::{Config, ConfigError};
use crate::algorithmia::{Credentials, Role, Settings};
use crate::environment::{self, Environment};
use crate::http::Secret;

/// Where a key or a token may stand; the first that is set counts.
struct Places<'a> {
    key: &'static str,
    token: &'static str,
    key_file: (&'static str, Option<&'a Path>),
    token_file: (&'static str, Option<&'a Path>),
}

impl Places<'_> {
    fn find(
        &self,
        environment: &Environment,
    ) -> Result<Option<(Credentials, &'static str)>, ConfigError> {
        let key = |text: String| Credentials::ApiKey(Secret::new(text));
        let token = |text: String| Credentials::Bearer(Secret::new(text));
        let variable = |name| environment.get(name).map(str::to_owned);
        if let Some(text) = variable(self.key) {
            return Ok(Some((key(text), self.key)));
        }
        if let Some(text) = variable(self.token) {
            return Ok(Some((token(text), self.token)));
        }
        let (name, path) = self.key_file;
        if let Some(text) = read(name, path)? {
            return Ok(Some((key(text), name)));
        }
        let (name, path) = self.token_file;
        Ok(read(name, path)?.map(|text| (token(text), name)))
    }
}

impl Config {
    /// How Algorithmia is reached for builds; none without address and credentials.
    ///
    /// # Errors
    /// A file with a secret that can't be read.
    pub fn algorithmia_settings(
        &self,
        environment: &Environment,
    ) -> Result<Option<Settings>, ConfigError> {
        self.algorithmia_settings_of(Role::Organisation, environment)
    }

    /// How Algorithmia is reached in a role. Who has named no administrator's credentials may have
    /// set them in the place of the others: those are used then.
    ///
    /// # Errors
    /// A file with a secret that can't be read.
    pub fn algorithmia_settings_of(
        &self,
        role: Role,
        environment: &Environment,
    ) -> Result<Option<Settings>, ConfigError> {
        let own = &self.algorithmia;
        let Some(api) = self.algorithmia_api(environment) else {
            return Ok(None);
        };
        let administrator = Places {
            key: environment::ALGORITHMIA_ADMIN_API_KEY,
            token: environment::ALGORITHMIA_ADMIN_BEARER_TOKEN,
            key_file: (
                "algorithmia.admin_api_key_file",
                own.admin_api_key_file.as_deref(),
            ),
            token_file: (
                "algorithmia.admin_bearer_token_file",
                own.admin_bearer_token_file.as_deref(),
            ),
        };
        let organisation = Places {
            key: environment::ALGORITHMIA_API_KEY,
            token: environment::ALGORITHMIA_BEARER_TOKEN,
            key_file: ("algorithmia.api_key_file", own.api_key_file.as_deref()),
            token_file: (
                "algorithmia.bearer_token_file",
                own.bearer_token_file.as_deref(),
            ),
        };
        let mut found = None;
        if role == Role::Administrator {
            found = administrator.find(environment)?;
        }
        if found.is_none() {
            found = organisation.find(environment)?;
        }
        Ok(found.map(|(credentials, origin)| Settings {
            api: api.to_owned(),
            credentials,
            origin,
            timeout: Settings::TIMEOUT,
        }))
    }

    /// The address of the cluster's API, where one is named.
    #[must_use]
    pub fn algorithmia_api<'a>(&'a self, environment: &'a Environment) -> Option<&'a str> {
        environment
            .get(environment::ALGORITHMIA_API)
            .or(self.algorithmia.api.as_deref())
    }
}
