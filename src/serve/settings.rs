//! What a receiver is made of.

use std::net::SocketAddr;

use miette::Diagnostic;
use thiserror::Error;

use super::signature::WebhookSecret;
use crate::config::{Config, ConfigError, PublicUrl, ServeLimits};
use crate::environment::Environment;
use crate::http::{SHORTEST_SECRET, Secret};

/// What a receiver is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How people reach the page.
    pub public_url: Option<PublicUrl>,
    /// What webhooks are signed with; none where none are received.
    pub secret: Option<WebhookSecret>,
    /// What people log in with; none where the page is to look at only.
    pub token: Option<Secret>,
    /// What senders may take up.
    pub limits: ServeLimits,
}

/// Why nothing is served.
#[derive(Debug, Error, Diagnostic)]
pub enum SettingsError {
    /// The configuration.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// Webhooks would come from anybody.
    #[error("there is no secret that Bitbucket signs webhooks with")]
    #[diagnostic(help(
        "make one (`openssl rand -hex 32`), set WEBHOOK_SECRET or `serve: {{ secret_file: … }}` to it, and enter it in the webhook's settings at Bitbucket"
    ))]
    NoSecret,
    /// Webhooks could not be acted upon.
    #[error("there is a secret for webhooks, and no Bitbucket that pushes could be read from")]
    #[diagnostic(help(
        "set BITBUCKET_HOST with BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or `bitbucket: {{ address: …, token_file: … }}` in the configuration; or take the secret away to serve without webhooks"
    ))]
    NoBitbucket,
    /// Anybody could guess it.
    #[error("the token of `serve.token_file` has less than {SHORTEST_SECRET} characters")]
    #[diagnostic(help("make one that nobody guesses: `openssl rand -hex 32`"))]
    ShortToken,
}

/// Whether there is a Bitbucket to read pushes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// There is.
    Bitbucket,
    /// There is none: webhooks are not received.
    None,
}

impl Settings {
    /// By the configuration and the environment.
    ///
    /// # Errors
    /// Where it would be open to everybody, or of no use.
    pub fn new(
        config: &Config,
        environment: &Environment,
        source: Source,
    ) -> Result<Self, SettingsError> {
        let secret = config
            .webhook_secret(environment)?
            .and_then(WebhookSecret::new);
        match (&secret, source) {
            (None, Source::Bitbucket) => return Err(SettingsError::NoSecret),
            (Some(_), Source::None) => return Err(SettingsError::NoBitbucket),
            _ => {}
        }
        let token = config.page_token()?;
        if token.as_ref().is_some_and(Secret::is_guessable) {
            return Err(SettingsError::ShortToken);
        }
        Ok(Self {
            listen: config.serve.listen.0,
            public_url: config.serve.public_url.clone(),
            secret,
            token,
            limits: config.serve.limits,
        })
    }
}
