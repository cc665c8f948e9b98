//! How Bitbucket Server is reached: the configuration's section and the environment together.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Deserialize;

use super::settings::read;
use super::{Config, ConfigError};
use crate::bitbucket::{Address, Client, Credentials, Settings};
use crate::environment::{
    BITBUCKET_HOST, BITBUCKET_PASSWORD, BITBUCKET_SERVER_ADDRESS, BITBUCKET_SERVER_SKIP_VERIFY,
    BITBUCKET_SERVER_TOKEN, BITBUCKET_SERVER_USER, BITBUCKET_USERNAME, Environment,
};
use crate::http::{self, Secret, Verify};

/// Bitbucket Server.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Bitbucket {
    /// The server's address; `BITBUCKET_HOST` and `BITBUCKET_SERVER_ADDRESS` have precedence.
    pub address: Option<String>,
    /// The user; `BITBUCKET_USERNAME` and `BITBUCKET_SERVER_USER` have precedence.
    pub user: Option<String>,
    /// A file with the user's password or token; `BITBUCKET_PASSWORD` has precedence.
    pub password_file: Option<PathBuf>,
    /// A file with an HTTP access token; `BITBUCKET_SERVER_TOKEN` has precedence.
    pub token_file: Option<PathBuf>,
    /// Whether the server's certificate is not looked at; `BITBUCKET_SERVER_SKIP_VERIFY` has
    /// precedence.
    pub skip_verify: bool,
    /// A PEM bundle in place of `http.ca_file`.
    pub ca_file: Option<PathBuf>,
    /// Where people read more about a build status: without it, and without CI's `BUILD_URL`, none
    /// is set.
    pub build_url: Option<String>,
    /// How many calls are made at once.
    pub concurrency: NonZeroUsize,
}

impl Default for Bitbucket {
    fn default() -> Self {
        Self {
            address: None,
            user: None,
            password_file: None,
            token_file: None,
            skip_verify: false,
            ca_file: None,
            build_url: None,
            concurrency: Settings::CONCURRENCY,
        }
    }
}

/// What is missing to reach a Bitbucket Server, or says two things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum IncompleteBitbucket {
    /// Credentials without an address.
    #[error("the address of Bitbucket is missing: {given} is set, BITBUCKET_HOST is not")]
    #[diagnostic(help(
        "set BITBUCKET_HOST (or BITBUCKET_SERVER_ADDRESS, or `bitbucket: {{ address: … }}` in the configuration) to https://HOST[:PORT][/PATH]"
    ))]
    NoAddress {
        /// What there is.
        given: &'static str,
    },
    /// An address, and nobody who asks.
    #[error(
        "the credentials for Bitbucket are missing: {given} is set, BITBUCKET_USERNAME and BITBUCKET_PASSWORD are not"
    )]
    #[diagnostic(help(
        "set BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or BITBUCKET_SERVER_TOKEN (or `user` and `password_file`, or `token_file`, below `bitbucket:` in the configuration)"
    ))]
    NoCredentials {
        /// What there is.
        given: &'static str,
    },
    /// A user without a password.
    #[error("the password for Bitbucket is missing: {given} is set, BITBUCKET_PASSWORD is not")]
    #[diagnostic(help(
        "set BITBUCKET_PASSWORD to the user's password or HTTP access token (or `bitbucket: {{ password_file: … }}` in the configuration)"
    ))]
    NoPassword {
        /// What there is.
        given: &'static str,
    },
    /// A password of nobody.
    #[error("the user for Bitbucket is missing: {given} is set, BITBUCKET_USERNAME is not")]
    #[diagnostic(help(
        "set BITBUCKET_USERNAME (or `bitbucket: {{ user: … }}` in the configuration); an HTTP access token that needs no user belongs into BITBUCKET_SERVER_TOKEN"
    ))]
    NoUser {
        /// What there is.
        given: &'static str,
    },
    /// Two addresses.
    #[error("BITBUCKET_HOST and BITBUCKET_SERVER_ADDRESS name two servers")]
    #[diagnostic(help("unset one of them: the credentials of one server are not sent to another"))]
    TwoServers,
}

/// A value and what it was read from.
type Named<T> = (&'static str, T);

impl Config {
    /// How Bitbucket Server is reached; none where nothing names one.
    ///
    /// A user's name and password, or name and token, go as Basic; a token alone as Bearer.
    ///
    /// # Errors
    /// What is missing of address and credentials, a file that can't be read, an address that is
    /// none.
    pub fn bitbucket(&self, environment: &Environment) -> Result<Option<Client>, ConfigError> {
        let own = &self.bitbucket;
        let address = self.bitbucket_address(environment)?;
        let user = variable(environment, &[BITBUCKET_USERNAME, BITBUCKET_SERVER_USER])
            .or_else(|| Some(("bitbucket.user", own.user.clone()?)));
        let password = secret(
            environment,
            BITBUCKET_PASSWORD,
            "bitbucket.password_file",
            own.password_file.as_ref(),
        )?;
        let token = secret(
            environment,
            BITBUCKET_SERVER_TOKEN,
            "bitbucket.token_file",
            own.token_file.as_ref(),
        )?;
        let given = [&user, &password, &token].into_iter().flatten().next();
        let (address, given) = match (address, given) {
            (None, None) => return Ok(None),
            (None, Some((given, _))) => {
                return Err(incomplete(IncompleteBitbucket::NoAddress { given }));
            }
            (Some((given, address)), _) => (address, given),
        };
        let credentials = match (user, password, token) {
            (Some((_, user)), Some((_, password)), _)
            | (Some((_, user)), None, Some((_, password))) => Credentials::Basic {
                user,
                password: Secret::new(password),
            },
            (None, _, Some((_, token))) => Credentials::Bearer(Secret::new(token)),
            (Some((given, _)), None, None) => {
                return Err(incomplete(IncompleteBitbucket::NoPassword { given }));
            }
            (None, Some((given, _)), None) => {
                return Err(incomplete(IncompleteBitbucket::NoUser { given }));
            }
            (None, None, None) => {
                return Err(incomplete(IncompleteBitbucket::NoCredentials { given }));
            }
        };
        let http = self.bitbucket_http(environment)?;
        Ok(Some(Client::new(
            http,
            Settings {
                address: Address::parse(&address).map_err(ConfigError::BitbucketAddress)?,
                credentials,
                concurrency: own.concurrency,
                patience: Settings::PATIENCE,
            },
        )))
    }

    fn bitbucket_address(
        &self,
        environment: &Environment,
    ) -> Result<Option<Named<String>>, ConfigError> {
        let names = [BITBUCKET_HOST, BITBUCKET_SERVER_ADDRESS];
        if let [Some(one), Some(other)] = names.map(|name| environment.get(name))
            && Address::parse(one) != Address::parse(other)
        {
            return Err(incomplete(IncompleteBitbucket::TwoServers));
        }
        Ok(variable(environment, &names)
            .or_else(|| Some(("bitbucket.address", self.bitbucket.address.clone()?))))
    }

    fn bitbucket_http(&self, environment: &Environment) -> Result<http::Client, ConfigError> {
        let own = &self.bitbucket;
        let skip_verify = match environment.get(BITBUCKET_SERVER_SKIP_VERIFY) {
            Some(_) => environment.is_true(BITBUCKET_SERVER_SKIP_VERIFY),
            None => own.skip_verify,
        };
        let defaults = self.http_settings().map_err(ConfigError::Http)?;
        let settings = http::Settings {
            ca_file: own.ca_file.clone().or_else(|| defaults.ca_file.clone()),
            verify: if skip_verify {
                Verify::Nothing
            } else {
                Verify::Certificates
            },
            ..defaults
        };
        http::Client::new(settings).map_err(ConfigError::Http)
    }
}

fn incomplete(what: IncompleteBitbucket) -> ConfigError {
    ConfigError::IncompleteBitbucket(what)
}

/// The first of the variables that is set.
fn variable(environment: &Environment, names: &[&'static str]) -> Option<Named<String>> {
    names
        .iter()
        .find_map(|name| Some((*name, environment.get(name)?.to_owned())))
}

fn secret(
    environment: &Environment,
    name: &'static str,
    key: &'static str,
    file: Option<&PathBuf>,
) -> Result<Option<Named<String>>, ConfigError> {
    match environment.get(name) {
        Some(text) => Ok(Some((name, text.to_owned()))),
        None => Ok(read(key, file.map(PathBuf::as_path))?.map(|text| (key, text))),
    }
}
