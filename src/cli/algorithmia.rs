//! `pushgate algorithmia`: the source code hosts that a cluster knows, and its algorithms.

mod algorithm;
mod scm;

use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use super::{CommandError, ExitStatus, Invocation, output};
use crate::algorithmia::{Call, Client, Role};
use crate::config::{Config, Place};

/// The parts of `algorithmia`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// SCM configurations: the source code hosts that new algorithms can choose
    ///
    /// They need an administrator's key or token: ALGORITHMIA_ADMIN_API_KEY or
    /// ALGORITHMIA_ADMIN_BEARER_TOKEN, or algorithmia.admin_api_key_file or
    /// admin_bearer_token_file in the configuration.
    #[command(subcommand)]
    Scm(scm::Action),
    /// Algorithms
    ///
    /// They need the key or token of an administrator of the owner's organisation:
    /// ALGORITHMIA_API_KEY or ALGORITHMIA_BEARER_TOKEN, or algorithmia.api_key_file or
    /// bearer_token_file in the configuration.
    #[command(subcommand)]
    Algorithm(algorithm::Action),
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// The options of what changes something.
#[derive(Debug, Args)]
pub(super) struct Trying {
    /// Send nothing; print the request, without its secrets
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Error, Diagnostic)]
enum NotConfigured {
    #[error("Algorithmia's address is not known")]
    #[diagnostic(help(
        "set ALGORITHMIA_API to the cluster's API, such as https://api.CLUSTER, or `algorithmia.api` in the configuration"
    ))]
    Address,
    #[error("there is no key of an administrator of the Algorithmia cluster")]
    #[diagnostic(help(
        "set ALGORITHMIA_ADMIN_API_KEY to an admin key with Management Access, or ALGORITHMIA_ADMIN_BEARER_TOKEN to the token of a cluster administrator; `algorithmia.admin_api_key_file` and `algorithmia.admin_bearer_token_file` name files"
    ))]
    Administrator,
    #[error("there is no key of the organisation that owns the algorithm")]
    #[diagnostic(help(
        "set ALGORITHMIA_API_KEY to a standard key with Management Access of an administrator of the organisation, or ALGORITHMIA_BEARER_TOKEN to that person's token; `algorithmia.api_key_file` and `algorithmia.bearer_token_file` name files"
    ))]
    Organisation,
}

/// Does what is asked for.
pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    match action {
        Action::Scm(action) => scm::run(invocation, action),
        Action::Algorithm(action) => algorithm::run(invocation, action),
    }
}

/// A value of the command line. The parser of the command line would show it as it was given, also
/// where a password or a control character stands in it, and leave the help out.
pub(super) fn value_of<T>(text: &str) -> Result<T, CommandError>
where
    T: FromStr<Err: Diagnostic + Send + Sync + 'static>,
{
    text.parse().map_err(CommandError::usage)
}

/// A client of the cluster that calls in a role.
fn client(invocation: &Invocation, role: Role) -> Result<Client, CommandError> {
    let config = invocation.load_config(Place::Server)?;
    client_of(invocation, &config, role)
}

/// The same, by a configuration that is read already.
pub(super) fn client_of(
    invocation: &Invocation,
    config: &Config,
    role: Role,
) -> Result<Client, CommandError> {
    let settings = config.algorithmia_settings_of(role, &invocation.environment)?;
    let settings = settings.ok_or_else(|| {
        CommandError::usage(
            match (config.algorithmia_api(&invocation.environment), role) {
                (None, _) => NotConfigured::Address,
                (Some(_), Role::Administrator) => NotConfigured::Administrator,
                (Some(_), Role::Organisation) => NotConfigured::Organisation,
            },
        )
    })?;
    client_with(config, settings)
}

/// A client of the cluster with these settings.
pub(super) fn client_with(
    config: &Config,
    settings: crate::algorithmia::Settings,
) -> Result<Client, CommandError> {
    let http = config.http_client().map_err(CommandError::usage)?;
    Client::new(http, settings).map_err(CommandError::usage)
}

/// Prints what would be sent, in its order.
fn show(client: &Client, calls: &[Call]) -> ExitStatus {
    let calls: Vec<String> = calls.iter().map(|call| client.shown(call)).collect();
    output::out(&calls.join("\n"));
    ExitStatus::Fine
}
